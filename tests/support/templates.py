"""The raw templates as data, and what IAM would make of their policies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
BEHIND_THE_API = (
    *("authorizer", "list_tests", "get_test", "upload_test", "draft", "student", "review"),
    *("class_view", "calendar_feed", "pick_up", "install", "web_page"),
)
FUNCTIONS = (*BEHIND_THE_API, "plan_run", "score_batch", "mail_batch", "report_run")
NAMES = ("storage", "trainings-tests", "functions", "api", "weekly-run", "monitoring")


_replaced: dict[str, dict[str, Any]] = {}


def template(name: str) -> dict[str, Any]:
    """`templates/<name>.json`, or what replaces it."""
    if name in _replaced:
        return _replaced[name]
    document: dict[str, Any] = json.loads((TEMPLATES / f"{name}.json").read_text())
    return document


@contextmanager
def replaced(documents: Mapping[str, dict[str, Any]]) -> Iterator[None]:
    """Let these documents be the templates of these names."""
    _replaced.update(documents)
    try:
        yield
    finally:
        _replaced.clear()


def properties(name: str, logical_id: str) -> dict[str, Any]:
    """A resource's properties."""
    found: dict[str, Any] = template(name)["Resources"][logical_id]["Properties"]
    return found


def of_type(name: str, resource_type: str) -> dict[str, dict[str, Any]]:
    """A template's resources of one type: logical ID -> properties."""
    return {
        logical_id: resource["Properties"]
        for logical_id, resource in template(name)["Resources"].items()
        if resource["Type"] == resource_type
    }


def pascal(function: str) -> str:
    """`upload_test` -> `UploadTest`, the beginning of its resources' logical IDs."""
    return "".join(part.capitalize() for part in function.split("_"))


def statements(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every policy in a template, trust policies too, with the logical ID it belongs to."""
    for logical_id, resource in template(name)["Resources"].items():
        for statement in _statements(resource.get("Properties", {})):
            yield logical_id, statement


def role_statements(name: str, logical_id: str) -> list[dict[str, Any]]:
    """What a role's own policies say."""
    policies = properties(name, logical_id).get("Policies", [])
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def _statements(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "Statement" in node and "Version" in node:
            yield from node["Statement"]
        for value in node.values():
            yield from _statements(value)
    elif isinstance(node, list):
        for item in node:
            yield from _statements(item)


def as_list(value: Any) -> list[Any]:
    """IAM writes one thing as itself, several as a list."""
    return value if isinstance(value, list) else [value]


def arn_text(value: Any) -> str:
    """A resource of a policy as text, `${...}` for what is not known before the deployment."""
    if isinstance(value, str):
        return value
    if "Fn::Sub" in value:
        return str(value["Fn::Sub"])
    if "Ref" in value:
        return f"${{{value['Ref']}}}"
    return "${" + ".".join(value["Fn::GetAtt"]) + "}"


def may(role: list[dict[str, Any]], action: str, key: str) -> bool:
    """Whether statements allow an S3 action on a key of the data bucket."""
    arn = "arn:${AWS::Partition}:s3:::${DataBucketName}/" + key
    return any(
        statement["Effect"] == "Allow"
        and action in as_list(statement["Action"])
        and any(_matches(arn_text(resource), arn) for resource in as_list(statement["Resource"]))
        for statement in role
    )


def _matches(pattern: str, arn: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), arn) is not None
