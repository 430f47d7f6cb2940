"""The endpoint, students' API keys and the trainer's, as bin/pull-api-config.sh prints them."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import named_keys
from ansible_collections.training.test_time.plugins.module_utils.class_content.trainer_key import (
    TrainerKey,
    trainer_api_keys,
)
from ansible_collections.training.test_time.plugins.module_utils.deployment.endpoint import api_endpoint
from ansible_collections.training.test_time.plugins.module_utils.deployment.names import root_stack
from cli.command import CommandError, errors_as_messages
from cli.deployed_stage import deployed_outputs
from cli.parameter import parameter

# Not a valid ID of a student.
TRAINER = "the trainer"
MASK = "********************"
BANNER = r"""
 _____       _ _            _____ _____                    __ _
|  __ \     | | |     /\   |  __ \_   _|                  / _(_)
| |__) |   _| | |    /  \  | |__) || |     ___ ___  _ __ | |_ _  __ _
|  ___/ | | | | |   / /\ \ |  ___/ | |    / __/ _ \|  _ \|  _| |/ _` |
| |   | |_| | | |  / ____ \| |    _| |_  | (_| (_) | | | | | | | (_| |
|_|    \__,_|_|_| /_/    \_\_|   |_____|  \___\___/|_| |_|_| |_|\__, |
                                                                __/ |
                                                               |___/
"""


@dataclass(frozen=True)
class ApiConfig:
    """`keys`: API keys by student ID, of one student or of all students; or the trainer's, under TRAINER."""

    endpoint: str
    keys: Mapping[str, str]


def pull(cloudformation: Any, apigateway: Any, stage: str, student: str | None, cloud: str | None) -> ApiConfig:
    """Read the stage's endpoint and keys. Raises CommandError, and the SDK's errors."""
    found = deployed_outputs(stage, cloudformation=cloudformation)
    keys = {name: item["value"] for name, item in named_keys(apigateway, root_stack(stage), student or "")}
    if student is not None:
        if student not in keys:
            raise CommandError(
                f"there is no API key for student '{student}': check the ID, and publish the class with "
                "./update-subjects-or-students.sh if the student has joined since it was last published"
            )
        keys = {student: keys[student]}
    return ApiConfig(api_endpoint(found, cloud), keys)


def pull_trainers(
    cloudformation: Any, apigateway: Any, s3: Any, stage: str, cloud: str | None, rotate: bool
) -> ApiConfig:
    """Read the stage's endpoint and the trainer's key, after making a new one if asked to.

    Raises CommandError, and the SDK's errors.
    """
    stack = root_stack(stage)
    found = deployed_outputs(stage, "TrainerUsagePlanId", cloudformation=cloudformation)
    if rotate:
        key = TrainerKey(s3, apigateway, stack, found["DataBucketName"], found["TrainerUsagePlanId"]).rotate()
        return ApiConfig(api_endpoint(found, cloud), {TRAINER: key})
    keys = trainer_api_keys(apigateway, stack)
    if not keys:
        raise CommandError("there is no API key of the trainer: run ./deploy-api-gateway.sh, which makes one")
    return ApiConfig(api_endpoint(found, cloud), {TRAINER: keys[0]["value"]})


def as_text(config: ApiConfig, owner: str | None, show: bool, banner: bool) -> str:
    """For people: the key of one person, or of all students if `owner` is None. Keys are masked unless `show`."""
    lines = [BANNER] if banner else []
    lines.append(f"API Endpoint URL: {config.endpoint}")
    if owner is not None:
        lines.append(f"API Key: {config.keys[owner] if show else MASK}")
    else:
        lines += [f"API Key of {student}: {config.keys[student] if show else MASK}" for student in sorted(config.keys)]
    return "\n".join(lines)


def as_env(config: ApiConfig, owner: str) -> str:
    """The lines that bin/test-time.sh reads from its environment or its configuration file."""
    lines = [f"TEST_TIME_ENDPOINT={config.endpoint}", f"TEST_TIME_API_KEY={config.keys[owner]}"]
    return "\n".join(lines if owner == TRAINER else [*lines, f"TEST_TIME_STUDENT_ID={owner}"])


def as_json(config: ApiConfig) -> str:
    """`{"endpoint": "...", "students": [{"studentId": "s001", "apiKey": "..."}]}`.

    With the trainer's key, `{"endpoint": "...", "trainer": {"apiKey": "..."}}`.
    """
    found: dict[str, Any] = {"endpoint": config.endpoint}
    if TRAINER in config.keys:
        found["trainer"] = {"apiKey": config.keys[TRAINER]}
    else:
        found["students"] = [{"studentId": student, "apiKey": config.keys[student]} for student in sorted(config.keys)]
    return json.dumps(found, indent=2)


def _pull(options: argparse.Namespace) -> ApiConfig:
    cloudformation, apigateway = boto3.client("cloudformation"), boto3.client("apigateway")
    stage, cloud = options.stage or parameter("stage"), os.environ.get("AWS_ENDPOINT_URL")
    if options.trainer:
        return pull_trainers(cloudformation, apigateway, boto3.client("s3"), stage, cloud, options.rotate)
    return pull(cloudformation, apigateway, stage, options.student, cloud)


def main() -> None:
    """Run the command. Exit codes: 0 done, 1 error."""
    parser = argparse.ArgumentParser(prog="pull-api-config.sh")
    parser.add_argument("--stage")
    parser.add_argument("--student")
    parser.add_argument("--trainer", action="store_true")
    parser.add_argument("--rotate", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--format", choices=["text", "env", "json"], default="text")
    options = parser.parse_args()
    with errors_as_messages("pull-api-config.sh"):
        config = _pull(options)
    owner = TRAINER if options.trainer else options.student
    if options.format == "json":
        print(as_json(config))
    elif options.format == "env":
        print(as_env(config, owner))
    else:
        print(as_text(config, owner, options.show, banner=sys.stdout.isatty()))


if __name__ == "__main__":
    main()
