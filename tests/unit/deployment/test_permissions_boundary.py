"""The permissions boundary lets every role of the templates do what its policies grant, and no role anything else."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest

from support.all_functions import permissions_used
from support.deployer import BOUNDARY, Policy, each_alone, of_others, policy_statements
from support.packaged import ACCOUNT, REGION
from support.permissions import Permission
from support.stack_rights import ROOT_STACKS, takes_resource
from support.templates import NAMES, arn_text, of_type, role_statements, statements

LOGS_OF_API_GATEWAY = "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
# What AWS's own policies grant that the templates attach, on every resource:
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonAPIGatewayPushToCloudWatchLogs.html
OF_AWS = {
    LOGS_OF_API_GATEWAY: (
        *("logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams"),
        *("logs:PutLogEvents", "logs:GetLogEvents", "logs:FilterLogEvents"),
    )
}
SAME_ACCOUNT = {"StringEquals": {"aws:ResourceAccount": ACCOUNT}}
_PLACE = f"{REGION}:{ACCOUNT}"
# What the templates refer to -> what it is in a deployment, by the end of its name.
KNOWN = {
    **{"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "SenderEmail": "sender@example.org"},
    **{"RootStackName": "{root}", "DataBucketName": "{root}-storage-databucket-1abc"},
    **{"FunctionArn": f"arn:aws:lambda:{_PLACE}:function:{{root}}-plan-run", "LogGroup": "/aws/lambda/{root}-x"},
    "StateMachine": f"arn:aws:states:{_PLACE}:stateMachine:{{root}}-weekly-run",
}


def in_deployment(text: str, root: str) -> str:
    """A resource of a policy as it is in a deployment, an example of what a wildcard stands for in it."""

    def known(name: str) -> str:
        return next(value for end, value in KNOWN.items() if name.endswith(end)).format(root=root)

    found = re.sub(r"\$\{([^}]+)\}", lambda match: known(match[1]), text)
    return found if found == "*" else found.replace("*", "x")


@cache
def granted() -> frozenset[tuple[str, str, Permission]]:
    """What the policies of each role grant: template, role, and an example of it."""
    found = set()
    for name in NAMES:
        managed = [
            each for logical_id, each in statements(name) if logical_id in of_type(name, "AWS::IAM::ManagedPolicy")
        ]
        for role, properties in of_type(name, "AWS::IAM::Role").items():
            own = [*role_statements(name, role), *(managed if "TracingPolicy" in str(properties) else [])]
            own += [{"Action": list(OF_AWS[arn]), "Resource": "*"} for arn in attached_of_aws(properties)]
            for entry in each_alone(own):
                for root in ROOT_STACKS:
                    found.add((name, role, example(entry, root)))
    return frozenset(found)


def attached_of_aws(properties: dict[str, Any]) -> list[str]:
    return [arn_text(each) for each in properties.get("ManagedPolicyArns", []) if "Fn::Sub" in each]


def example(entry: dict[str, Any], root: str) -> Permission:
    """What the entry grants. On every log group: on one that is not the stage's."""
    resource = in_deployment(arn_text(entry["Resource"]), root)
    if resource == "*" and entry["Action"].startswith("logs:") and takes_resource(entry["Action"]):
        resource = f"arn:aws:logs:{_PLACE}:log-group:payroll-api:log-stream:x"
    return Permission(entry["Action"], resource)


def within(asked: Permission) -> bool:
    return Policy(policy_statements(BOUNDARY)).allows(asked)


def test_every_role_may_do_what_its_policies_grant() -> None:
    assert len({(name, role) for name, role, _ in granted()}) == 20
    assert sorted((name, role, asked) for name, role, asked in granted() if not within(asked)) == []


@pytest.mark.parametrize("root", ROOT_STACKS)
def test_every_call_of_a_function_is_within_the_boundary(root: str) -> None:
    for function, used in permissions_used().items():
        for asked in used:
            in_stage = Permission(asked.action, in_deployment(asked.resource, root), asked.context)
            assert within(in_stage), (function, in_stage)


def test_the_boundary_allows_nothing_that_no_role_is_granted() -> None:
    unused = []
    for entry in each_alone(policy_statements(BOUNDARY)):
        if entry["Resource"] != "*" and entry["Resource"].split(":")[2] != entry["Action"].partition(":")[0]:
            continue  # a statement with the resources of several services
        policy = Policy([entry])
        if not any(policy.allows(asked) for _, _, asked in granted()):
            unused.append((entry["Action"], entry["Resource"]))
    assert unused == []


def test_the_boundary_allows_nothing_of_others() -> None:
    asked = {
        Permission(each.action, other, each.context) for _, _, each in granted() for other in of_others(each.resource)
    }
    assert {each.action.partition(":")[0] for each in asked} >= {"lambda", "logs", "s3", "ses", "sqs", "states"}
    # API Gateway has one role for the logs of every API of the Region.
    assert sorted(each for each in asked if within(each) and not each.action.startswith("logs:")) == []
    elsewhere = [each for each in asked if each.action.startswith("logs:") and f":{_PLACE}:" not in each.resource]
    assert elsewhere
    assert [each for each in elsewhere if within(each)] == []


def test_the_boundary_allows_no_bucket_of_another_account() -> None:
    """A bucket's ARN does not name its account, and anyone may call a bucket `trainings-tests-...`."""
    of_s3 = [each for each in policy_statements(BOUNDARY) if "s3:" in str(each["Action"])]
    assert of_s3
    assert [each["Sid"] for each in of_s3 if each.get("Condition") != SAME_ACCOUNT] == []


def test_the_boundary_is_missed_where_it_loses_an_action() -> None:
    for lost in {entry["Action"] for entry in each_alone(policy_statements(BOUNDARY))}:
        rest = [entry for entry in each_alone(policy_statements(BOUNDARY)) if entry["Action"] != lost]
        policy = Policy(rest)
        assert any(not policy.allows(asked) for _, _, asked in granted()), lost
