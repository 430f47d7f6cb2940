"""The weekly run of a deployed stage: its state machine and its bucket."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
from ansible_collections.training.test_time.plugins.module_utils.deployment.endpoint import api_endpoint
from ansible_collections.training.test_time.plugins.module_utils.deployment.names import root_stack
from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import describe, outputs
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import RunRequest, Summary
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import summary_key
from botocore.exceptions import ClientError
from cli.command import CommandError


class ScoringError(CommandError):
    """The run cannot be started, or it failed. The message says what to do."""


@dataclass(frozen=True)
class WeeklyRun:
    """`states`, `s3`: boto3's clients for Step Functions and S3. `machine`: the state machine's ARN.

    `endpoint`: the API's base URL.
    """

    states: Any
    s3: Any
    machine: str
    bucket: str
    endpoint: str

    def start(self, given: RunRequest, kind: str = "manual-") -> str:
        """Start an execution and return its ARN. Its name, which is the run's ID, begins with `kind`."""
        name = f"{kind}{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}"
        reply = self.states.start_execution(stateMachineArn=self.machine, name=name, input=json.dumps(given))
        return str(reply["executionArn"])

    def summary(self, run_id: str) -> Summary | None:
        """The run's summary, or None if it has not written one."""
        summary: Summary | None = self.json(summary_key(run_id))
        return summary

    def json(self, key: str) -> Any:
        """An object in the bucket, or None if there is no such object."""
        try:
            return json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys in the bucket that begin with `prefix`."""
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            for item in page.get("Contents", []):
                yield item["Key"]


def weekly_run(stage: str) -> WeeklyRun:
    """The stage's weekly run. Raises ScoringError if the stage is not deployed, and the SDK's errors."""
    found = outputs(describe(boto3.client("cloudformation"), root_stack(stage)))
    if "StateMachineArn" not in found:
        raise ScoringError(f"stage '{stage}' is not deployed here: run ./deploy-api-gateway.sh first")
    return WeeklyRun(
        boto3.client("stepfunctions"),
        boto3.client("s3"),
        found["StateMachineArn"],
        found["DataBucketName"],
        api_endpoint(found, os.environ.get("AWS_ENDPOINT_URL")),
    )


def run_id_of(execution: str) -> str:
    """The run's ID, which is the execution's name, from the execution's ARN."""
    return execution.rsplit(":", 1)[-1]
