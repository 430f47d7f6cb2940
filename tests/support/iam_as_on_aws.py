"""What the local cloud of a test does more than MiniStack, so that IAM's rules are seen to hold: it

- checks calls against the resource that AWS names, where MiniStack has `*` or another one;
- asks for the right to delete versions where `DeleteObjects` names them: for the first one MiniStack asks otherwise;
- keeps the permissions boundary of a role that a stack creates;
- records every call: see `recorded`.

`add_to` puts it into a copy of the project. The local cloud of a user does without: there, the user is root.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs

_RECORD = "calls.jsonl"
_LAST_CORRECTION = "mail_sender_in_policies)\n"


class RecordedCall(NamedTuple):
    """A call that IAM was asked about. `caller`: the access key."""

    caller: str
    action: str
    resource: str


def add_to(folder: Path) -> None:
    """Have the local cloud of the project in this folder apply all of this when it starts."""
    server = folder / "cli/local_cloud/server.py"
    text = server.read_text()
    assert text.count(_LAST_CORRECTION) == 1
    text = text.replace(_LAST_CORRECTION, "mail_sender_in_policies, iam_as_on_aws)\n")
    server.write_text(
        text.replace(
            "from ministack import app\n", "from ministack import app\nfrom tests.support import iam_as_on_aws\n"
        )
    )


def recorded(home: Path) -> set[RecordedCall]:
    """The calls since the local cloud was first started. `home`: its folder."""
    return {RecordedCall(*json.loads(line)) for line in (home / _RECORD).read_text().splitlines()}


def apply() -> None:
    """Put it in place, in the process of the local cloud."""
    from ministack.core import iam_actions, iam_evaluator
    from ministack.services.cloudformation import provisioners

    iam_actions.extract_resource_arn = _as_on_aws(iam_actions.extract_resource_arn)
    iam_actions.extract_iam_action = _of_versions(iam_actions.extract_iam_action)
    iam_evaluator.enforce = _recording(iam_evaluator.enforce)
    roles = provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]
    roles["create"] = _keeping_the_boundary(roles["create"], properties_at=1)
    roles["update"] = _keeping_the_boundary(roles["update"], properties_at=2)


def _as_on_aws(extract: Callable[..., str]) -> Callable[..., str]:
    def resource(
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, Any],
        region: str,
        account: str,
    ) -> str:
        found = extract(service, method, path, headers, body, query, region, account)
        place = f"{region}:{account}"
        if service == "scheduler" and method in {"POST", "DELETE"} and path.startswith("/schedules/"):
            group = json.loads(body)["GroupName"] if body else _first(query["groupName"])
            return f"arn:aws:scheduler:{place}:schedule/{group}/{path.rpartition('/')[2]}"
        if service == "events":
            rule = json.loads(body or b"{}").get("Rule")
            return f"arn:aws:events:{place}:rule/{rule}" if rule else found.replace(":rule/default/", ":rule/")
        if service == "monitoring" and b'"DashboardName"' in (body or b""):
            return f"arn:aws:cloudwatch::{account}:dashboard/{json.loads(body)['DashboardName']}"
        if service == "iam" and found == "*":
            return parse_qs(body.decode()).get("PolicySourceArn", ["*"])[0]
        return found

    return resource


def _of_versions(extract: Callable[..., str | None]) -> Callable[..., str | None]:
    def action(
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> str | None:
        found = extract(service, method, path, headers, body, query)
        return "s3:DeleteObjectVersion" if found == "s3:DeleteObject" and b"<VersionId>" in body else found

    return action


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def _recording(enforce: Callable[..., Any]) -> Callable[..., Any]:
    record = os.open(_RECORD, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def enforce_and_record(caller: str, action: str, *rest: Any, resource_arn: str = "*", **options: Any) -> Any:
        os.write(record, (json.dumps([caller, action, resource_arn]) + "\n").encode())
        return enforce(caller, action, *rest, resource_arn=resource_arn, **options)

    return enforce_and_record


def _keeping_the_boundary(handler: Callable[..., Any], properties_at: int) -> Callable[..., Any]:
    from ministack.services import iam

    def handle(*arguments: Any) -> Any:
        result = handler(*arguments)
        iam._roles[result[0]]["PermissionsBoundary"] = arguments[properties_at].get("PermissionsBoundary")
        return result

    return handle
