"""A user of the local cloud who has the rights to deploy and no others, as docs/operations.md sets one up."""

from __future__ import annotations

from support.deployed_project import Project
from support.deployer import BOUNDARY, BOUNDARY_NAME, DEPLOYER, policy_text
from support.iam_as_on_aws import add_to

USER = "deployer"


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
