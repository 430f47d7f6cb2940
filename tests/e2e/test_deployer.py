"""The rights to deploy: every script of the other tests has them and no others, and that is enforced."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from support.deployed_project import Project
from support.deployer import BOUNDARY_NAME, PEOPLE, each_alone, policy_statements
from support.deployer_calls import CALLS
from support.deployer_user import USER
from support.iam_as_on_aws import recorded

Clients = Callable[[str], Any]


@pytest.fixture
def clients(project: Project) -> Clients:
    """Clients with the credentials that the scripts use."""
    return lambda service: project.client_of(service, *project.script_credentials())


def refused(call: Callable[[], Any]) -> None:
    with pytest.raises(ClientError) as error:
        call()
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403, error.value


def test_scripts_have_the_rights_to_deploy_and_not_those_of_root(project: Project, clients: Clients) -> None:
    assert clients("sts").get_caller_identity()["Arn"].endswith(":user/deployer")
    deployed_by = {call.caller for call in recorded(project.cloud_home) if call.action == "cloudformation:CreateStack"}
    assert deployed_by == {project.script_credentials()[0]}


# What the tests below try, and no command does.
TRIED = {"iam:CreateUser", "iam:DeleteRolePermissionsBoundary", "iam:CreatePolicyVersion", "s3:CreateBucket"}


def test_every_call_that_was_recorded_is_one_that_the_policies_are_made_from(project: Project) -> None:
    known = {action for action, _ in CALLS.values()} | {"sts:GetCallerIdentity"}
    # Some tests give the deployer these for a while.
    known |= {entry["Action"] for entry in each_alone(policy_statements(PEOPLE))}
    deployer = project.script_credentials()[0]
    calls = {call.action for call in recorded(project.cloud_home) if call.caller == deployer}
    assert calls - known - TRIED == set()
    assert {"s3:PutObject", "scheduler:CreateSchedule", "apigateway:POST", "ses:CreateEmailIdentity"} <= calls


@pytest.mark.parametrize(
    "key",
    [
        "answer-keys/operating-systems/test01.json",
        "answers/operating-systems/s001/test01.json",
        "drafts/operating-systems/s001/test01.json",
        "notifications/score/operating-systems/test01/s001.json",
        "scores/operating-systems/test01/s001.json",
        "reports/operating-systems/test01/1a2b/report.html",
        "states/operating-systems/test01.json",
        "students/0.json",
    ],
)
def test_what_students_and_scoring_have_stored_is_not_read(project: Project, clients: Clients, key: str) -> None:
    refused(lambda: clients("s3").get_object(Bucket=project.outputs()["DataBucketName"], Key=key))


def test_answers_are_not_changed(project: Project, clients: Clients) -> None:
    place = {"Bucket": project.outputs()["DataBucketName"], "Key": "answers/operating-systems/s001/test01.json"}
    refused(lambda: clients("s3").put_object(**place, Body=b"{}"))
    refused(lambda: clients("s3").delete_object(**place))


def test_calls_that_would_widen_the_rights_are_refused(project: Project, clients: Clients) -> None:
    iam = clients("iam")
    names = [role["RoleName"] for role in project.client("iam").list_roles(MaxItems=1000)["Roles"]]
    boundary = f"arn:aws:iam::{clients('sts').get_caller_identity()['Account']}:policy/{BOUNDARY_NAME}"
    refused(lambda: iam.create_user(UserName="trainings-tests-admin"))
    refused(lambda: iam.delete_role_permissions_boundary(RoleName=names[0]))
    refused(lambda: iam.create_policy_version(PolicyArn=boundary, PolicyDocument="{}", SetAsDefault=True))
    refused(lambda: clients("s3").create_bucket(Bucket="other"))


def test_every_role_has_the_boundary(project: Project) -> None:
    iam = project.client("iam")
    names = [role["RoleName"] for role in iam.list_roles(MaxItems=1000)["Roles"]]
    ours = [iam.get_role(RoleName=name)["Role"] for name in names if name.startswith("trainings-tests-")]
    assert len(ours) >= 14
    for role in ours:
        arn = role["PermissionsBoundary"]["PermissionsBoundaryArn"]
        assert arn.endswith(f":policy/{BOUNDARY_NAME}"), role["RoleName"]


def test_a_command_that_lacks_a_right_fails_and_says_so(project: Project) -> None:
    iam = project.client("iam")
    lacking = {"Effect": "Deny", "Action": "states:ListExecutions", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [lacking]})
    iam.put_user_policy(UserName=USER, PolicyName="lacking", PolicyDocument=document)
    try:
        failed = project.run("./bin/run-scoring.sh", "--local", "--status", check=False)
    finally:
        iam.delete_user_policy(UserName=USER, PolicyName="lacking")
    assert failed.returncode == 1
    assert "states:ListExecutions" in failed.stderr
    assert project.run("./bin/run-scoring.sh", "--local", "--status").returncode == 0
