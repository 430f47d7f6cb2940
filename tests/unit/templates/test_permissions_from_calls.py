"""Each function's role grants what the function's calls need, and nothing else.

All other tests of the functions use the same fakes, which refuse every call that the deployed role does not grant.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from support.all_functions import permissions_used
from support.key_kinds import example_of, kind_of, kinds
from support.permissions import BUCKET_ARN, SES_ARN, Permission, Statements, grants, on_object, policy
from support.templates import FUNCTIONS, arn_text, as_list, pascal, properties

# An action and what it is for: a kind of object, or else the resource and the condition in the policy.
Right = tuple[str, str]

# The local cloud does not know the condition of the entry that grants this too.
GRANTED_TWICE = ("ses:SendRawEmail", SES_ARN + "identity/${SenderEmail} {}")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_grants_what_its_functions_calls_need_and_nothing_else(function: str) -> None:
    entries = list(each_alone(policy(function)))
    used, granted = used_rights(function, entries), granted_rights(entries)
    assert used - granted == set(), f"calls of {function} need what its role does not grant"
    assert granted - used == set(), f"the role of {function} grants what none of its calls needs"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_right_that_a_role_loses_is_missed(function: str) -> None:
    entries = list(each_alone(policy(function)))
    for lost in entries:
        left = [entry for entry in entries if entry is not lost]
        if granted_rights([lost]) != {GRANTED_TWICE}:
            assert used_rights(function, left) - granted_rights(left), lost


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_right_that_a_role_gains_is_noticed(function: str) -> None:
    entries = list(each_alone(policy(function)))
    used, granted = used_rights(function, entries), granted_rights(entries)
    objects = [on_object(action, example_of(kind)) for kind in kinds() for action in ("s3:GetObject", "s3:PutObject")]
    others = [
        Permission("ses:SendEmail", "*"),
        on_object("s3:DeleteObject", "answers/*"),
        on_object("s3:GetObject", "*"),
    ]
    for action, resource, _ in [*objects, *others]:
        gained = {"Effect": "Allow", "Action": action, "Resource": resource}
        if not granted_rights([gained]) <= granted:
            assert granted_rights([*entries, gained]) - used, gained


def each_alone(statements: Statements) -> Iterator[dict[str, object]]:
    """A statement for each action and each resource."""
    for statement in statements:
        for action in as_list(statement["Action"]):
            for resource in as_list(statement["Resource"]):
                yield {**statement, "Action": action, "Resource": resource}


def granted_rights(entries: Statements) -> set[Right]:
    """What entries grant. One on objects grants a right on every kind of them."""
    return {right for entry in entries for right in _granted(entry)}


def _granted(entry: dict[str, object]) -> set[Right]:
    action, resource = str(entry["Action"]), arn_text(entry["Resource"])
    if not resource.startswith(f"{BUCKET_ARN}/"):
        return {(action, f"{resource} {json.dumps(entry.get('Condition', {}))}")}
    found = {kind for kind in kinds() if grants(entry, on_object(action, example_of(kind)))}
    return {(action, kind) for kind in found} or {(action, resource)}


def used_rights(function: str, entries: Statements) -> set[Right]:
    """What the function's calls need, and those that Lambda makes with the function's role."""
    return {
        right
        for permission in permissions_used().get(function, frozenset()) | by_lambda(function)
        for right in _used(permission, entries)
    }


def _used(permission: Permission, entries: Statements) -> set[Right]:
    if permission.resource.startswith(f"{BUCKET_ARN}/"):
        return {(permission.action, kind_of(permission.resource.removeprefix(f"{BUCKET_ARN}/")))}
    granting = [entry for entry in entries if grants(entry, permission)]
    return granted_rights(granting) or {(permission.action, permission.resource)}


def by_lambda(function: str) -> frozenset[Permission]:
    """Lambda writes the function's log and sends its traces with the function's role."""
    settings = properties("functions", f"{pascal(function)}Function")
    group = settings["LoggingConfig"]["LogGroup"]["Ref"]
    stream = f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:${{{group}}}:log-stream"
    log = {Permission(f"logs:{action}", stream) for action in ("CreateLogStream", "PutLogEvents")}
    traced = settings["TracingConfig"] != {"Mode": "PassThrough"}
    traces = {Permission(f"xray:{action}", "*") for action in ("PutTraceSegments", "PutTelemetryRecords") if traced}
    return frozenset(log | traces)
