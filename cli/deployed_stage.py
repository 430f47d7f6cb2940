"""A stage that is deployed: its root stack, from whose outputs the commands learn where its parts are."""

from __future__ import annotations

from typing import Any

import boto3
from ansible_collections.training.test_time.plugins.module_utils.deployment.names import root_stack
from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import describe, outputs
from cli.command import CommandError


def deployed_stack(stage: str, cloudformation: Any = None) -> dict[str, Any]:
    """The stage's root stack as DescribeStacks returns it. `cloudformation`: boto3's client, if it is not to be made.

    Raises CommandError if the stage is not deployed, and the SDK's errors.
    """
    stack = describe(cloudformation or boto3.client("cloudformation"), root_stack(stage))
    if stack is None or "ApiId" not in outputs(stack):
        raise CommandError(f"stage '{stage}' is not deployed here: run ./deploy-api-gateway.sh first")
    return stack


def deployed_outputs(stage: str, *needed: str, cloudformation: Any = None) -> dict[str, str]:
    """The stage's outputs by name. Raises CommandError also if it has not all that are needed."""
    found = outputs(deployed_stack(stage, cloudformation))
    if not found.keys() >= set(needed):
        raise CommandError(f"stage '{stage}' was deployed by an earlier version: run ./deploy-api-gateway.sh")
    return found
