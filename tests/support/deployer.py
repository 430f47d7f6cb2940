"""The policies of docs/ about the rights to deploy, and what IAM makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from support.packaged import ACCOUNT, REGION
from support.permissions import Permission, Statements
from support.templates import ROOT, as_list

# The two that a deployer has, and the one that limits the roles which a deployment creates.
DEPLOYER = ("deployer-policy", "deployer-stacks-policy")
# What whoever exports and erases students' data has besides.
PEOPLE = "people-policy"
BOUNDARY = "permissions-boundary"
BOUNDARY_NAME = "test-time-boundary"


def policy_text(name: str, account: str = ACCOUNT, region: str = REGION) -> str:
    """`docs/<name>.json` with its two placeholders filled in, as docs/operations.md does it."""
    text = (ROOT / f"docs/{name}.json").read_text()
    return text.replace("ACCOUNT", account).replace("REGION", region)


def policy_statements(*names: str) -> Statements:
    """The statements of these policies."""
    return [statement for name in names for statement in json.loads(policy_text(name))["Statement"]]


class Policy:
    """Statements, as IAM evaluates them."""

    def __init__(self, statements: Statements) -> None:
        self._parsed = [parse_policy_document({"Version": "2012-10-17", "Statement": list(statements)})]

    def allows(self, asked: Permission, boundary: Policy | None = None) -> bool:
        """Whether IAM allows what it is asked. `boundary`: the permissions boundary of whoever asks."""
        context = EvalContext(
            principal_arn=f"arn:aws:iam::{ACCOUNT}:user/deployer",
            principal_type="User",
            principal_account=ACCOUNT,
            action=asked.action,
            resource_arn=asked.resource,
            region=REGION,
            source_ip="192.0.2.1",
            secure_transport=True,
            service_context={key.lower(): value for key, value in asked.context},
        )
        limits = [boundary._parsed] if boundary else []
        return bool(evaluate(context, self._parsed, *limits).decision == "Allow")


def each_alone(statements: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """A statement for each action and each resource."""
    for statement in statements:
        for action in as_list(statement["Action"]):
            for resource in as_list(statement["Resource"]):
                yield {**statement, "Action": action, "Resource": resource}


def of_others(arn: str) -> Iterator[str]:
    """What has an ARN like that of a stage's resource, but another account, Region or name."""
    for part, other in ((f":{ACCOUNT}:", ":210987654321:"), (f":{REGION}:", ":us-east-1:")):
        if part in arn:
            yield arn.replace(part, other)
    for other in ("payroll", "payroll-trainings-tests", "trainings-payroll", "trainings-testing"):
        if "trainings-tests" in arn:
            yield arn.replace("trainings-tests", other)


def objects_granted() -> set[tuple[str, str]]:
    """Every action on objects of S3 that a deployer has, with the pattern of the keys."""
    return {
        (entry["Action"], entry["Resource"].partition("/")[2])
        for entry in each_alone(policy_statements(*DEPLOYER))
        if entry["Action"].startswith("s3:") and "/" in entry["Resource"]
    }
