"""A user of the local cloud who has the rights to deploy and no others, as docs/operations.md sets one up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from support.deployed_project import Project
from support.deployer import BOUNDARY, BOUNDARY_NAME, DEPLOYER, PEOPLE, policy_text
from support.iam_as_on_aws import add_to

USER = "deployer"


@contextmanager
def rights_over_people(project: Project) -> Iterator[None]:
    """The user also has the rights to invite, export and erase students."""
    iam = project.client("iam")
    account = project.client("sts").get_caller_identity()["Account"]
    document = policy_text(PEOPLE, account, project.region)
    policy = iam.create_policy(PolicyName=f"test-time-{PEOPLE}", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_user_policy(UserName=USER, PolicyArn=policy)
    try:
        yield
    finally:
        iam.detach_user_policy(UserName=USER, PolicyArn=policy)
        iam.delete_policy(PolicyArn=policy)


def start_cloud_of_deployer(project: Project) -> None:
    """Start the project's local cloud, whose scripts then have the user's rights instead of root's.

    Every role gets the permissions boundary.
    """
    add_to(project.folder)
    project.set_parameters(permissions_boundary=BOUNDARY_NAME)
    project.run("./bin/local-cloud.sh", "start")
    iam = project.client("iam")
    account = project.client("sts").get_caller_identity()["Account"]
    iam.create_user(UserName=USER)
    for name in (BOUNDARY, *DEPLOYER):
        document = policy_text(name, account, project.region)
        policy_name = BOUNDARY_NAME if name == BOUNDARY else f"test-time-{name}"
        policy = iam.create_policy(PolicyName=policy_name, PolicyDocument=document)["Policy"]["Arn"]
        if name != BOUNDARY:
            iam.attach_user_policy(UserName=USER, PolicyArn=policy)
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    project.act_as(key["AccessKeyId"], key["SecretAccessKey"])
