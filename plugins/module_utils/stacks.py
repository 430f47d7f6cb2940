"""CloudFormation stacks: their state, what a new template would change, and what happened to them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

NESTED = "AWS::CloudFormation::Stack"
# A stack in one of these can only be deleted: it was never complete, so nothing of the class is in it.
ONLY_DELETABLE = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"}
STUCK_IN_ROLLBACK = "UPDATE_ROLLBACK_FAILED"

Json = Mapping[str, Any]


def describe(client: Any, name: str) -> dict[str, Any] | None:
    """The stack as DescribeStacks gives it, or None where there is none. `name`: its name or ID."""
    try:
        stack: dict[str, Any] = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        # CloudFormation has no code of its own for an absent stack.
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack


def in_progress(stack: Json) -> bool:
    """Whether CloudFormation is at work on the stack. In review it waits for somebody."""
    status: str = stack["StackStatus"]
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def outputs(stack: Json | None) -> dict[str, str]:
    """The stack's outputs by name; none where there is no stack."""
    return {item["OutputKey"]: item["OutputValue"] for item in (stack or {}).get("Outputs", [])}


def parameters(stack: Json | None) -> dict[str, str]:
    """The stack's parameters by name; none where there is no stack."""
    return {item["ParameterKey"]: item["ParameterValue"] for item in (stack or {}).get("Parameters", [])}


def deployed_template(client: Any, stack_id: str) -> dict[str, Any]:
    """The stack's template as parsed JSON."""
    body = client.get_template(StackName=stack_id)["TemplateBody"]
    return json.loads(body) if isinstance(body, str) else dict(body)


def deployed_resources(client: Any, stack_id: str) -> dict[str, Json]:
    """The definition of each resource of the stack and of those nested in it, as `resources` names them."""
    template = deployed_template(client, stack_id)
    found = dict(_own_resources(template))
    pages = client.get_paginator("list_stack_resources").paginate(StackName=stack_id)
    for item in (item for page in pages for item in page["StackResourceSummaries"]):
        if item["ResourceType"] == NESTED and item.get("PhysicalResourceId"):
            nested = deployed_resources(client, item["PhysicalResourceId"])
            found |= {f"{item['LogicalResourceId']}/{name}": value for name, value in nested.items()}
    return found


def resources(template: Json, nested: Mapping[str, str]) -> dict[str, Json]:
    """The definition of each resource of a template and of those it nests: `Api`, `Api/Stage`, ...

    `nested`: the text of each packaged template by its key, which the nested stack's TemplateURL ends in.
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
            # The URL changes with anything inside, which is listed itself.
            properties = {key: value for key, value in resource["Properties"].items() if key != "TemplateURL"}
            yield name, {**resource, "Properties": properties}
        else:
            yield name, resource


def changes(old: Mapping[str, Json], new: Mapping[str, Json]) -> list[str]:
    """What of the resources changes, a line each: `+ Api/Stage (AWS::ApiGateway::Stage)`, `~` changed, `-` removed."""
    lines = []
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            sign = "~" if name in old and name in new else "+" if name in new else "-"
            lines.append(f"{sign} {name} ({(new.get(name) or old[name])['Type']})")
    return lines


def parameter_changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """What of the parameters changes, a line each: `~ parameter ThrottleBurst: 10 -> 20`."""
    changed = [name for name in sorted(new) if old.get(name, new[name]) != new[name]]
    return [f"~ parameter {name}: {old[name]} -> {new[name]}" for name in changed]


class Events:
    """The events of a stack and of all stacks nested in it, each one once."""

    def __init__(self, client: Any, stack: str, after: datetime | None = None) -> None:
        """`stack`: name or ID. `after`: only later events, by CloudFormation's own clock (see `last_event_time`)."""
        self._client = client
        self._after = after
        self._seen: set[str] = set()
        self._stacks = [stack]

    def new(self) -> list[Json]:
        """The events since the last call, oldest first; none while there is no such stack."""
        found: list[Json] = []
        for stack in self._stacks:  # grows on the way
            for event in self._unseen(stack):
                self._seen.add(event["EventId"])
                found.append(event)
                nested = event.get("PhysicalResourceId")
                if event["ResourceType"] == NESTED and nested and nested not in self._stacks:
                    self._stacks.append(nested)
        return sorted(found, key=lambda event: event["Timestamp"])

    def _unseen(self, stack: str) -> Iterator[Json]:
        pages = self._client.get_paginator("describe_stack_events").paginate(StackName=stack)
        try:
            for event in (event for page in pages for event in page["StackEvents"]):  # newest first
                if event["EventId"] in self._seen or (self._after and event["Timestamp"] <= self._after):
                    return
                yield event
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise


def last_event_time(client: Any, stack: str) -> datetime | None:
    """When the newest event of the stack was; None where there is no stack."""
    events = Events(client, stack).new()
    return events[-1]["Timestamp"] if events else None


def event_line(event: Json) -> str | None:
    """An event as progress for people: what is done or failed. None for what only begins."""
    status: str = event["ResourceStatus"]
    if not status.endswith(("_COMPLETE", "_FAILED")) or status.endswith("CLEANUP_IN_PROGRESS"):
        return None
    return f"{status:<24} {event['StackName']} {event['LogicalResourceId']} ({event['ResourceType']})"


def causes(events: Iterable[Json]) -> list[str]:
    """Why an operation failed: in each stack the first resource that failed, with CloudFormation's reason.

    What fails after it was only cancelled, and a nested stack fails because of what is in it.
    """
    first: dict[str, str] = {}
    for event in events:
        if event["ResourceStatus"].endswith("_FAILED") and event["ResourceType"] != NESTED:
            reason = event.get("ResourceStatusReason", "no reason given")
            line = f"{event['StackName']} {event['LogicalResourceId']} ({event['ResourceType']}): {reason}"
            first.setdefault(event["StackId"], line)
    return list(first.values())
