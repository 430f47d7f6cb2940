"""The deployment that is checked: where its parts are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import boto3
from ansible_collections.training.test_time.plugins.module_utils.deployment.endpoint import api_endpoint
from ansible_collections.training.test_time.plugins.module_utils.deployment.names import root_stack, storage_stack
from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import (
    NESTED,
    describe,
    outputs,
    parameters,
)
from botocore.config import Config
from cli.check_deployment.findings import Missing
from cli.deployed_stage import deployed_stack


@dataclass(frozen=True)
class Resource:
    """A resource of a stack. `id`: its physical ID."""

    type: str
    id: str


@dataclass(frozen=True)
class Deployed:
    """A stage. `is_local`: whether it is on the local cloud.

    `changed_at`: when it was last deployed. `status`: of each stack. `resources`: of the nested stacks, by `Api/Stage`.
    """

    stack: str
    is_local: bool
    endpoint: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    changed_at: datetime
    status: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)

    @property
    def bucket(self) -> str:
        """The data bucket."""
        return self.outputs["DataBucketName"]

    @property
    def machine(self) -> str:
        """The ARN of the state machine."""
        return self.outputs["StateMachineArn"]

    @property
    def account(self) -> str:
        """The account's ID."""
        return self.machine.split(":")[4]

    def resource(self, name: str) -> str:
        """The physical ID of a resource of a nested stack. Raises Missing."""
        if name not in self.resources:
            raise Missing(f"the deployment has no {name}")
        return self.resources[name].id

    def of_type(self, kind: str) -> dict[str, str]:
        """The physical IDs of all resources of a type."""
        return {name: resource.id for name, resource in self.resources.items() if resource.type == kind}


@cache
def client(service: str) -> Any:
    """boto3's client for a service."""
    return boto3.client(service, config=Config(retries={"mode": "standard", "max_attempts": 10}))


def find(stage: str, cloud: str | None) -> Deployed:
    """Look a stage up. `cloud`: the URL of the emulator, if any. Raises CommandError, and the SDK's errors."""
    cloudformation = client("cloudformation")
    root = deployed_stack(stage, cloudformation)
    found = outputs(root)
    status = {root_stack(stage): root["StackStatus"]}
    storage = describe(cloudformation, storage_stack(stage))
    status[storage_stack(stage)] = storage["StackStatus"] if storage else "missing"
    resources: dict[str, Resource] = {}
    for name, nested in _resources(root_stack(stage)).items():
        if nested.type == NESTED:
            status[f"{root_stack(stage)}/{name}"] = (describe(cloudformation, nested.id) or {}).get(
                "StackStatus", "missing"
            )
            resources |= {f"{name}/{own}": resource for own, resource in _resources(nested.id).items()}
    return Deployed(
        root_stack(stage),
        cloud is not None,
        api_endpoint(found, cloud),
        found,
        parameters(root),
        root.get("LastUpdatedTime", root["CreationTime"]),
        status,
        resources,
    )


def _resources(stack: str) -> dict[str, Resource]:
    pages = client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    return {
        item["LogicalResourceId"]: Resource(item["ResourceType"], item.get("PhysicalResourceId", ""))
        for page in pages
        for item in page["StackResourceSummaries"]
    }
