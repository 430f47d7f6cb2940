"""The weekly run of a deployed stage: its state machine and its bucket."""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
from ansible_collections.training.test_time.plugins.module_utils.deployment.endpoint import api_endpoint
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import RunRequest, Summary
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import summary_key
from cli.deployed_stage import deployed_outputs

from common.storage import Bucket


@dataclass(frozen=True)
class WeeklyRun:
    """`states`: boto3's client for Step Functions. `machine`: the state machine's ARN. `endpoint`: the API's URL."""

    states: Any
    machine: str
    bucket: Bucket
    endpoint: str

    def start(self, given: RunRequest, kind: str = "manual-") -> str:
        """Start an execution and return its ARN. Its name, which is the run's ID, begins with `kind`."""
        name = f"{kind}{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}"
        reply = self.states.start_execution(stateMachineArn=self.machine, name=name, input=json.dumps(given))
        return str(reply["executionArn"])

    def summary(self, run_id: str) -> Summary | None:
        """The run's summary, or None if it has not written one. Raises StorageError."""
        summary: Summary | None = self.bucket.get_json(summary_key(run_id))
        return summary


def weekly_run(stage: str) -> WeeklyRun:
    """The stage's weekly run. Raises CommandError if the stage is not deployed, and the SDK's errors."""
    found = deployed_outputs(stage, "StateMachineArn", "DataBucketName")
    return WeeklyRun(
        boto3.client("stepfunctions"),
        found["StateMachineArn"],
        Bucket(found["DataBucketName"], boto3.client("s3"), lists=True),
        api_endpoint(found, os.environ.get("AWS_ENDPOINT_URL")),
    )


def run_id_of(execution: str) -> str:
    """The run's ID, which is the execution's name, from the execution's ARN."""
    return execution.rsplit(":", 1)[-1]
