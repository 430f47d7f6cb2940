"""A CloudFormation that goes through the states a test gives it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

START = datetime(2026, 11, 23, 12, tzinfo=UTC)


def shown(text: str) -> str:
    """Text as CloudFormation returns it: it does not show any character that is not ASCII."""
    return text.encode("ascii", "replace").decode()


class FakeCloudFormation:
    """`statuses`: what DescribeStacks answers, call by call; the last one stays. None: there is no such stack.

    `calls`: everything that would change AWS. `wanted`: what CreateStack or UpdateStack was given. `on_call`: what
    happens at such a call. `no_updates`: UpdateStack finds nothing to do.
    """

    def __init__(self, *statuses: str | None, template: dict[str, Any] | None = None) -> None:
        self.statuses = list(statuses)
        self.template = template or {"Resources": {}}
        self.parameters: dict[str, str] = {}
        self.outputs = {"ApiId": "abc"}
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.calls: list[str] = []
        self.wanted: dict[str, Any] = {}
        self.on_call: Callable[[], None] = lambda: None
        self.no_updates = False

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status is None:
            raise absent(StackName)
        return {
            "Stacks": [
                {
                    "StackName": "root",
                    "StackId": "id-of-root",
                    "StackStatus": status,
                    "Outputs": [{"OutputKey": name, "OutputValue": value} for name, value in self.outputs.items()],
                    "Parameters": [
                        {"ParameterKey": name, "ParameterValue": shown(value)}
                        for name, value in self.parameters.items()
                    ],
                }
            ]
        }

    def get_template(self, StackName: str) -> dict[str, Any]:
        return {"TemplateBody": shown(json.dumps(self.template, ensure_ascii=False))}

    def validate_template(self, TemplateBody: str) -> None:
        self.calls.append("validate_template")

    def continue_update_rollback(self, StackName: str) -> None:
        self.calls.append("continue_update_rollback")

    def create_stack(self, **wanted: Any) -> None:
        self._operate("create_stack", wanted)

    def update_stack(self, **wanted: Any) -> None:
        self._operate("update_stack", wanted)
        if self.no_updates:
            raise refusal("No updates are to be performed.", "UpdateStack")

    def delete_stack(self, StackName: str) -> None:
        self._operate("delete_stack", {})

    def _operate(self, call: str, wanted: dict[str, Any]) -> None:
        self.calls.append(call)
        self.wanted = wanted
        for parameter in wanted.get("Parameters", []):
            self.parameters[parameter["ParameterKey"]] = parameter["ParameterValue"]
        self.on_call()

    def describe_stack_events(self, StackName: str) -> dict[str, Any]:
        if StackName not in self.events:
            raise absent(StackName)
        return {"StackEvents": self.events[StackName][::-1]}

    def get_paginator(self, operation: str) -> Any:
        assert operation in ("describe_stack_events", "list_stack_resources")
        return Pages(self if operation == "describe_stack_events" else None)

    def happens(self, stack: str, name: str, status: str, type: str = "AWS::S3::Bucket", **more: str) -> None:
        """Add an event, one second after the one before it in any stack."""
        count = sum(map(len, self.events.values()))
        event = {
            "EventId": f"event-{count}",
            "StackId": stack,
            "StackName": stack,
            "LogicalResourceId": name,
            "ResourceType": type,
            "ResourceStatus": status,
            "Timestamp": START + timedelta(seconds=count),
            **more,
        }
        self.events.setdefault(stack, []).append(event)


class Pages:
    def __init__(self, cloudformation: FakeCloudFormation | None) -> None:
        self._cloudformation = cloudformation

    def paginate(self, StackName: str) -> Iterator[dict[str, Any]]:
        if self._cloudformation is None:
            yield {"StackResourceSummaries": []}
        else:
            yield self._cloudformation.describe_stack_events(StackName)


def absent(name: str) -> ClientError:
    return refusal(f"Stack with id {name} does not exist", "DescribeStacks")


def refusal(message: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "ValidationError", "Message": message}}, operation)
