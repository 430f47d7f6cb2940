"""The deployed stage whose students a command is about."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import boto3
from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import RETRIES
from ansible_collections.training.test_time.plugins.module_utils.deployment.endpoint import api_endpoint
from ansible_collections.training.test_time.plugins.module_utils.deployment.names import root_stack
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import RosterEntry
from botocore.config import Config
from cli.class_data import published_roster
from cli.deployed_stage import deployed_outputs

from common.storage import Bucket


@dataclass(frozen=True)
class Stage:
    """`s3`, `apigateway`: boto3's clients. `stack`: the root stack's name, with which the names of API keys begin."""

    s3: Any
    apigateway: Any
    stack: str
    bucket: Bucket
    usage_plan: str
    endpoint: str

    def roster(self) -> dict[str, RosterEntry]:
        """The published students, by ID. Raises CommandError if no class is published, and StorageError."""
        return {entry["studentId"]: entry for entry in published_roster(self.bucket)}


def deployed_stage(stage: str) -> Stage:
    """The stage. Raises CommandError if it is not deployed, and the SDK's errors."""
    found = deployed_outputs(stage, "UsagePlanId", "DataBucketName")
    s3 = boto3.client("s3")
    return Stage(
        s3,
        boto3.client("apigateway", config=Config(retries=RETRIES)),
        root_stack(stage),
        Bucket(found["DataBucketName"], s3, lists=True),
        found["UsagePlanId"],
        api_endpoint(found, os.environ.get("AWS_ENDPOINT_URL")),
    )
