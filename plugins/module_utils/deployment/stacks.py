"""CloudFormation stacks: their state, what a new template would change in them, and their events."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from ..shared.ascii_text import from_ascii

NESTED = "AWS::CloudFormation::Stack"
# A stack in one of these states has the template and the parameters that it was given last.
UP_TO_DATE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
# A stack in one of these states can only be deleted. It has never been complete, so it contains no data of the class.
ONLY_DELETABLE = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"}
# More changes than these are counted. `--verbose` lists them.
LIST_AT_MOST = 10
STUCK_IN_ROLLBACK = "UPDATE_ROLLBACK_FAILED"
_NO_SUCH_STACK = "ValidationError"  # CloudFormation does not have a specific code for this

Json = Mapping[str, Any]


def describe(client: Any, name: str) -> dict[str, Any] | None:
    """The stack as DescribeStacks returns it, or None if it does not exist. `name`: its name or ID."""
    try:
        stack: dict[str, Any] = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] == _NO_SUCH_STACK:
            return None
        raise
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack


def in_progress(stack: Json) -> bool:
    """Whether an operation on the stack is in progress. In REVIEW_IN_PROGRESS it waits for a person."""
    status: str = stack["StackStatus"]
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def update(client: Any, wanted: Json) -> bool:
    """Start the update that UpdateStack's arguments describe. Returns whether there is anything to do.

    If there is nothing to do, CloudFormation returns an error that only its message distinguishes from others.
    """
    try:
        client.update_stack(**wanted)
    except ClientError as error:
        if "No updates are to be performed" in error.response["Error"]["Message"]:
            return False
        raise
    return True


def outputs(stack: Json | None) -> dict[str, str]:
    """The stack's outputs by name; empty if it does not exist."""
    return {item["OutputKey"]: item["OutputValue"] for item in (stack or {}).get("Outputs", [])}


def parameters(stack: Json | None) -> dict[str, str]:
    """The stack's parameters by name; empty if it does not exist."""
    return {item["ParameterKey"]: from_ascii(item["ParameterValue"]) for item in (stack or {}).get("Parameters", [])}


def deployed_template(client: Any, stack_id: str) -> dict[str, Any]:
    """The stack's template as parsed JSON."""
    body = client.get_template(StackName=stack_id)["TemplateBody"]
    return json.loads(body) if isinstance(body, str) else dict(body)


def deployed_resources(client: Any, stack_id: str) -> dict[str, Json]:
    """The definition of each resource of the stack and of its nested stacks, named as `resources` names them."""
    template = deployed_template(client, stack_id)
    found = dict(_own_resources(template))
    pages = client.get_paginator("list_stack_resources").paginate(StackName=stack_id)
    for item in (item for page in pages for item in page["StackResourceSummaries"]):
        if item["ResourceType"] == NESTED and item.get("PhysicalResourceId"):
            nested = deployed_resources(client, item["PhysicalResourceId"])
            found |= {f"{item['LogicalResourceId']}/{name}": value for name, value in nested.items()}
    return found


def resources(template: Json, nested: Mapping[str, str]) -> dict[str, Json]:
    """The definition of each resource of a template and of its nested templates: `Api`, `Api/Stage`, ...

    `nested`: the text of each packaged template by its key, with which the nested stack's TemplateURL ends.
    """
    found = dict(_own_resources(template))
    for name, resource in template["Resources"].items():
        if resource["Type"] == NESTED:
            url = json.dumps(resource["Properties"]["TemplateURL"])
            text = next(text for key, text in nested.items() if key in url)
            found |= {f"{name}/{inner}": value for inner, value in resources(json.loads(text), nested).items()}
    return found


def _own_resources(template: Json) -> Iterator[tuple[str, Json]]:
    for name, resource in template["Resources"].items():
        if resource["Type"] == NESTED:
            # The URL changes with everything in the nested template, which is listed separately.
            properties = {key: value for key, value in resource["Properties"].items() if key != "TemplateURL"}
            yield name, {**resource, "Properties": properties}
        else:
            yield name, resource


def changes(old: Mapping[str, Json], new: Mapping[str, Json]) -> list[str]:
    """The resources that change, one line each: `+ Api/Stage (AWS::ApiGateway::Stage)`, `~` changed, `-` removed."""
    lines = []
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            sign = "~" if name in old and name in new else "+" if name in new else "-"
            lines.append(f"{sign} {name} ({(new.get(name) or old[name])['Type']})")
    return lines


def in_short(lines: Sequence[str]) -> list[str]:
    """The lines of `changes` and `parameter_changes`, with additions and changes only counted if there are many.

    What is removed is always named.
    """
    if len(lines) <= LIST_AT_MOST:
        return list(lines)
    counts = Counter(line[0] for line in lines)
    removed = [line for line in lines if line[0] == "-"]
    return [f"{sign} {counts[sign]} resources or parameters" for sign in "+~" if counts[sign]] + removed


def parameter_changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """The parameters that change, one line each: `~ parameter ThrottleBurst: 10 -> 20`."""
    changed = [name for name in sorted(new) if old.get(name, new[name]) != new[name]]
    return [f"~ parameter {name}: {old[name]} -> {new[name]}" for name in changed]


def undeployed(wanted: Mapping[str, object], stacks: Mapping[str, Json]) -> list[str]:
    """The wanted parameters that differ from the stacks', one line each: `reminder_hours: 24 is deployed, 12 is new`.

    `wanted`: by the names of group_vars/all.yml. A stack's parameter has the same name in capitals: `ReminderHours`.
    `stacks`: by name; each has its `parameters`. Parameters that no stack has are not compared.
    """
    deployed = {
        re.sub(r"(?<=.)([A-Z])", r"_\1", name).lower(): value
        for stack in stacks.values()
        for name, value in stack["parameters"].items()
    }
    written = {name: _as_in_a_stack(value) for name, value in wanted.items()}
    return [
        f"{name}: {deployed[name] or 'null'} is deployed, {value or 'null'} is new"
        for name, value in written.items()
        if deployed.get(name, value) != value
    ]


def _as_in_a_stack(value: object) -> str:
    """How the stacks' templates take a value of group_vars/all.yml."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Event:
    """What happened to a resource. `path`: `Functions/GetTestFunction`, or the stack's own name."""

    path: str
    type: str
    status: str
    reason: str
    stack_id: str
    time: datetime

    @property
    def is_complete(self) -> bool:
        """Whether the resource is as wanted."""
        return self.status.endswith("_COMPLETE")

    @property
    def has_failed(self) -> bool:
        """Whether the resource could not be brought to what is wanted."""
        return self.status.endswith("_FAILED")

    def line(self) -> str | None:
        """The line to show for a resource that is complete or has failed. None for one that is only in progress."""
        if not self.is_complete and not self.has_failed:
            return None
        return f"{self.status:<24} {self.path} ({self.type})"


class Events:
    """The events of a stack and of all stacks nested in it, each of them once."""

    def __init__(self, client: Any, stack: str, after: datetime | None = None) -> None:
        """`stack`: name or ID. `after`: only later events, by CloudFormation's own clock (see `last_event_time`)."""
        self._client = client
        self._after = after
        self._seen: set[str] = set()
        self._prefixes = {stack: ""}

    def new(self) -> list[Event]:
        """The events since the last call, oldest first; none before the stack exists. Raises the SDK's errors."""
        found: list[Event] = []
        to_read = list(self._prefixes)
        for stack in to_read:  # grows while it is read
            for item in self._unseen(stack):
                self._seen.add(item["EventId"])
                inner = item.get("PhysicalResourceId")
                is_itself = inner == item["StackId"]
                path = self._prefixes[stack] + item["LogicalResourceId"]
                if item["ResourceType"] == NESTED and inner and not is_itself and inner not in self._prefixes:
                    self._prefixes[inner] = f"{path}/"
                    to_read.append(inner)
                if not is_itself or not self._prefixes[stack]:  # the parent reports a nested stack
                    found.append(_event(path, item))
        return sorted(found, key=lambda event: event.time)

    def _unseen(self, stack: str) -> Iterator[Json]:
        pages = self._client.get_paginator("describe_stack_events").paginate(StackName=stack)
        try:
            for item in (item for page in pages for item in page["StackEvents"]):  # newest first
                if item["EventId"] in self._seen or (self._after and item["Timestamp"] <= self._after):
                    return
                yield item
        except ClientError as error:
            if error.response["Error"]["Code"] != _NO_SUCH_STACK:
                raise


def _event(path: str, item: Json) -> Event:
    reason = item.get("ResourceStatusReason", "no reason given")
    return Event(path, item["ResourceType"], item["ResourceStatus"], reason, item["StackId"], item["Timestamp"])


def last_event_time(client: Any, stack: str) -> datetime | None:
    """The time of the stack's newest event; None if the stack does not exist. Raises the SDK's errors."""
    try:
        events = client.describe_stack_events(StackName=stack)["StackEvents"]
    except ClientError as error:
        if error.response["Error"]["Code"] != _NO_SUCH_STACK:
            raise
        return None
    newest: datetime | None = events[0]["Timestamp"] if events else None
    return newest


def causes(events: Iterable[Event]) -> list[str]:
    """Why an operation failed: the first resource that failed in each stack, with CloudFormation's reason.

    Resources that fail after it were only cancelled, and a nested stack fails because of a resource in it.
    """
    failed = [event for event in events if event.status.endswith("_FAILED")]
    first: dict[str, str] = {}
    for event in [event for event in failed if event.type != NESTED] or failed:
        first.setdefault(event.stack_id, f"{event.path} ({event.type}): {event.reason}")
    return list(first.values())
