"""The deployed stage whose students a command is about."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

import boto3
from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import RETRIES
from ansible_collections.training.test_time.plugins.module_utils.deployment.endpoint import api_endpoint
from ansible_collections.training.test_time.plugins.module_utils.deployment.names import root_stack
from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import describe, outputs
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import RosterEntry
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import ROSTER
from botocore.config import Config
from botocore.exceptions import ClientError


class Failed(Exception):
    """The command cannot be carried out. The message says why and what to do."""


@dataclass(frozen=True)
class Stage:
    """`s3`, `apigateway`: boto3's clients. `stack`: the root stack's name, with which the names of API keys begin."""

    s3: Any
    apigateway: Any
    stack: str
    bucket: str
    usage_plan: str
    endpoint: str

    def roster(self) -> dict[str, RosterEntry]:
        """The published students, by ID. Raises Failed if no class is published."""
        try:
            lines = self.s3.get_object(Bucket=self.bucket, Key=ROSTER)["Body"].read().splitlines()
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            raise Failed("no class is published: run ./update-subjects-or-students.sh first") from error
        entries: list[RosterEntry] = [json.loads(line) for line in lines]
        return {entry["studentId"]: entry for entry in entries}

    def keys(self, prefix: str) -> list[str]:
        """All keys in the bucket that begin with `prefix`."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def json(self, key: str) -> Any:
        """An object, or None if there is none."""
        try:
            return json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise

    def put(self, key: str, body: bytes) -> None:
        """Write or overwrite an object that is JSON."""
        self.s3.put_object(
            Bucket=self.bucket, Key=key, Body=body, ContentType="application/json", ServerSideEncryption="AES256"
        )


def deployed_stage(stage: str) -> Stage:
    """The stage. Raises Failed if it is not deployed, and the SDK's errors."""
    found = outputs(describe(boto3.client("cloudformation"), root_stack(stage)))
    if "UsagePlanId" not in found:
        raise Failed(f"stage '{stage}' is not deployed here: run ./deploy-api-gateway.sh first")
    return Stage(
        boto3.client("s3"),
        boto3.client("apigateway", config=Config(retries=RETRIES)),
        root_stack(stage),
        found["DataBucketName"],
        found["UsagePlanId"],
        api_endpoint(found, os.environ.get("AWS_ENDPOINT_URL")),
    )
