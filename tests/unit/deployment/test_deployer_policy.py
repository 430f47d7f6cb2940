"""The policies of a deployer grant what the commands and the stacks need, and nothing else.

The commands' calls are tried on the local cloud too, by every end-to-end test. What CloudFormation does in the
deployer's name, no emulator asks IAM about: here, each resource type's schema says what it needs.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from support import deployer_calls, stack_rights
from support.deployer import (
    BOUNDARY,
    BOUNDARY_NAME,
    DEPLOYER,
    Policy,
    each_alone,
    of_others,
    policy_statements,
    policy_text,
)
from support.packaged import ACCOUNT, REGION
from support.permissions import Permission
from support.templates import NAMES, ROOT, as_list, template

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
CHARACTERS_OF_A_POLICY = 6144
# Actions that only read. Others are named in full.
READING = re.compile(r"[a-z0-9]+:(Get|List|Describe)")


@cache
def needed() -> dict[str, list[Permission]]:
    """What is needed of each service."""
    found: dict[str, list[Permission]] = {}
    for asked in deployer_calls.needed() | stack_rights.needed():
        found.setdefault(service(asked.action), []).append(asked)
    return found


def service(action: str) -> str:
    return action.partition(":")[0]


def used_by(entry: dict[str, Any]) -> list[Permission]:
    """What is needed that an entry, an action and a resource, grants."""
    policy = Policy([entry])
    return [asked for asked in needed().get(service(entry["Action"]), []) if policy.allows(asked)]


def unused(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(entry["Action"], entry["Resource"]) for entry in found if not used_by(entry)]


def entries() -> list[dict[str, Any]]:
    """Those of a statement that has several services' resources are only about the action's own."""
    return [
        entry
        for entry in each_alone(policy_statements(*DEPLOYER))
        if entry["Resource"] == "*" or entry["Resource"].split(":")[2] == service(entry["Action"])
    ]


def test_every_call_of_the_commands_is_in_the_table() -> None:
    known = set(deployer_calls.CALLS) | deployer_calls.ALWAYS_ALLOWED | deployer_calls.OF_PEOPLE
    assert deployer_calls.operations_in_the_source() == known


def test_the_policies_grant_everything_that_is_needed() -> None:
    policy = Policy(policy_statements(*DEPLOYER))
    assert [asked for of_service in needed().values() for asked in of_service if not policy.allows(asked)] == []


def test_the_policies_grant_nothing_that_is_not_needed() -> None:
    assert unused(entries()) == []


def test_every_right_that_is_lost_is_missed() -> None:
    whole = entries()
    for lost in whole:
        rest = [each for each in whole if each is not lost and service(each["Action"]) == service(lost["Action"])]
        policy = Policy(rest)
        assert not all(policy.allows(asked) for asked in used_by(lost)), (lost["Action"], lost["Resource"])


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", "arn:aws:s3:::trainings-tests-*/students/*"),
        ("s3:GetObject", "arn:aws:s3:::trainings-tests-*/answers/*"),
        ("s3:GetObjectVersion", "arn:aws:s3:::trainings-tests-*/answers/*"),
        ("s3:PutObject", "arn:aws:s3:::trainings-tests-*/scores/*"),
        ("s3:DeleteObject", "arn:aws:s3:::trainings-tests-*/answers/*"),
        ("lambda:InvokeFunction", "arn:aws:lambda:eu-central-1:123456789012:function:trainings-tests-*"),
        ("ses:SendEmail", "*"),
        ("iam:TagRole", "arn:aws:iam::123456789012:role/trainings-tests-*"),
    ],
)
def test_a_right_that_is_gained_is_noticed(action: str, resource: str) -> None:
    assert unused([{"Effect": "Allow", "Action": action, "Resource": resource}]) == [(action, resource)]


def test_nothing_of_others_is_granted() -> None:
    # Which actions these may be, is tested below.
    policy = Policy([each for each in policy_statements(*DEPLOYER) if each["Resource"] != "*"])
    # Without a hyphen, since that of the stage `main` ends there.
    end_there = re.compile(r".*(:schedule(-group)?/|:log-group:/aws/apigateway/)trainings-testing")
    asked = {
        Permission(each.action, other, each.context)
        for of_service in needed().values()
        for each in of_service
        for other in of_others(each.resource)
        if not end_there.match(other)
    }
    assert asked
    assert sorted(each for each in asked if policy.allows(each)) == []


@pytest.mark.parametrize(
    "prefix",
    ["students", "drafts", "answers", "answer-keys", "scores", "states", "notifications", "invitations", "reports"],
)
def test_a_deployer_reads_nothing_that_students_or_scoring_have_stored(prefix: str) -> None:
    arn = f"arn:aws:s3:::trainings-tests-storage-databucket-1abc/{prefix}/os/s001/test01.json"
    policy = Policy(policy_statements(*DEPLOYER))
    actions = ("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging", "s3:GetObjectVersionTagging")
    assert [action for action in actions if policy.allows(Permission(action, arn))] == []


@pytest.mark.parametrize("name", [*DEPLOYER, BOUNDARY])
@pytest.mark.parametrize("region", ["ap-southeast-1", "us-gov-west-1"])
def test_a_policy_is_within_the_size_that_iam_accepts(name: str, region: str) -> None:
    text = policy_text(name, region=region)
    if region.startswith("us-gov"):
        text = text.replace("arn:aws:", "arn:aws-us-gov:")
    assert len(re.sub(r"\s", "", text)) <= CHARACTERS_OF_A_POLICY


def test_only_actions_that_read_have_a_wildcard() -> None:
    allowed = {action for each in policy_statements(*DEPLOYER, BOUNDARY) for action in as_list(each["Action"])}
    assert {action for action in allowed if "*" in action and not READING.match(action)} == set()


def test_a_resource_is_a_wildcard_only_if_the_action_has_none() -> None:
    on_everything = {
        entry["Action"] for entry in each_alone(policy_statements(*DEPLOYER, BOUNDARY)) if entry["Resource"] == "*"
    }
    # CloudWatch demands `*`, and SES's version 1 is not in the reference.
    known = {"cloudwatch:DescribeAlarms", "ses:VerifyEmailIdentity"}
    assert {action for action in on_everything if stack_rights.takes_resource(action)} - known == set()


def test_a_resource_belongs_to_the_account_the_region_and_a_stage() -> None:
    """What has no name that begins with the stack's is named here."""
    without_name = {
        *("/account", "/apikeys", "/apikeys/*", "/restapis", "/restapis/*", "/tags/*"),
        *(
            "/usageplans",
            "/usageplans/*",
            "/usageplans/*/keys",
            "identity/*",
            "log-group:API-Gateway-Execution-Logs_*",
        ),
    }
    before_name = (
        r"((alarm|function|layer|stateMachine|execution):|(dashboard|policy|role|rule|schedule|schedule-group|stack)/"
        r"|log-group:/aws/(apigateway|lambda|vendedlogs/states)/)?"
    )
    of_main = {
        *("stack/trainings-tests/*", "schedule/trainings-tests*/run-*", "schedule-group/trainings-tests*"),
        "log-group:/aws/apigateway/trainings-tests*",
    }
    for arn in {entry["Resource"] for entry in each_alone(policy_statements(*DEPLOYER))} - {"*"}:
        _, _, of_service, region, account, rest = arn.split(":", 5)
        assert (region, account) == place(of_service, rest), arn
        assert re.match(f"{before_name}trainings-tests-", rest) or rest in without_name | of_main, arn


def place(of_service: str, rest: str) -> tuple[str, str]:
    """The Region and the account in an ARN, of which some services' have only one or none."""
    region = "" if of_service in {"iam", "s3"} or rest.startswith("dashboard/") else REGION
    return region, "" if of_service in {"apigateway", "s3"} else ACCOUNT


@pytest.mark.parametrize("name", NAMES)
def test_every_resource_type_has_a_schema_that_says_what_it_needs(name: str) -> None:
    for logical_id, resource in template(name)["Resources"].items():
        assert stack_rights.actions(resource["Type"], "{}"), logical_id


def test_names_that_are_left_out_of_the_schemas_are_not_actions_of_iam() -> None:
    assert [action for action in stack_rights.NOT_ACTIONS if stack_rights.is_known(action)] == []


def test_every_exception_of_a_resource_type_is_about_something_that_its_schema_names() -> None:
    for kind, patterns in stack_rights.exceptions().items():
        named = stack_rights.named_by_schema(kind)
        assert [pattern for pattern in patterns if not fnmatch.filter(named, pattern)] == [], kind


def test_the_stacks_have_no_role_of_their_own() -> None:
    """Otherwise CloudFormation would have that role's rights instead of the deployer's."""
    source = (ROOT / "plugins/action/stack.py").read_text()
    assert "RoleARN" not in source
    nested = template("trainings-tests")["Resources"].values()
    assert not any("RoleARN" in resource["Properties"] for resource in nested)


def calls_of_documented_commands(tmp_path: Path) -> list[list[str]]:
    """The arguments of each call of aws-cli: those that set the rights up, and then those that renew them."""
    text = (ROOT / "docs/operations.md").read_text()
    [set_up] = re.findall(r"```bash\n(region=[^`]+)```", text)
    [renew] = re.findall(r"```bash\n(for policy in [^`]+)```", text)
    # Answers as aws-cli does, and notes its arguments.
    aws = tmp_path / "aws"
    aws.write_text('#!/bin/bash\nprintf "%s\\0" "$@" >>"$CALLS"\nprintf "\\n" >>"$CALLS"\necho 123456789012\n')
    aws.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(tmp_path / "calls")}
    subprocess.run(["bash", "-euc", set_up + renew], cwd=ROOT, env=environment, check=True, capture_output=True)
    return [call.rstrip("\0").split("\0") for call in (tmp_path / "calls").read_text().split("\0\n") if call]


def test_the_documented_commands_create_attach_and_renew_the_policies(tmp_path: Path) -> None:
    calls = calls_of_documented_commands(tmp_path)
    created = {call[3]: json.loads(call[5]) for call in calls if call[1] == "create-policy"}
    attached = [call[5].rpartition("/")[2] for call in calls if call[1] == "attach-user-policy"]
    documents = {name: json.loads(policy_text(name)) for name in (*DEPLOYER, BOUNDARY)}
    expected = {BOUNDARY_NAME: documents[BOUNDARY], **{f"test-time-{name}": documents[name] for name in DEPLOYER}}
    assert created == expected
    assert attached == [f"test-time-{name}" for name in DEPLOYER]
    renewed = [call for call in calls if call[1] == "create-policy-version"]
    assert all(call[2] == "--set-as-default" for call in renewed)
    # The boundary is the first.
    assert [(call[4].rpartition("/")[2], json.loads(call[6])) for call in renewed] == list(expected.items())
