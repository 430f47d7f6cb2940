"""The endpoint and students' API keys, as bin/pull-api-config.sh prints them."""

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
from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from ansible_collections.training.test_time.plugins.module_utils.deployment.endpoint import api_endpoint
from ansible_collections.training.test_time.plugins.module_utils.deployment.names import root_stack
from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import describe, outputs
from botocore.exceptions import BotoCoreError, ClientError
from cli.parameter import parameter

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


class ConfigError(Exception):
    """The deployment or the student does not exist. The message says what to do."""


@dataclass(frozen=True)
class ApiConfig:
    """`keys`: API keys by student ID, of one student or of all students."""

    endpoint: str
    keys: Mapping[str, str]


def pull(cloudformation: Any, apigateway: Any, stage: str, student: str | None, cloud: str | None) -> ApiConfig:
    """Read the stage's endpoint and keys. Raises ConfigError, and the SDK's errors."""
    found = outputs(describe(cloudformation, root_stack(stage)))
    if "ApiId" not in found:
        raise ConfigError(f"stage '{stage}' is not deployed here: run ./deploy-api-gateway.sh first")
    keys = {name: item["value"] for name, item in named_keys(apigateway, root_stack(stage), student or "")}
    if student is not None:
        if student not in keys:
            raise ConfigError(
                f"there is no API key for student '{student}': check the ID, and publish the class with "
                "./update-subjects-or-students.sh if the student has joined since it was last published"
            )
        keys = {student: keys[student]}
    return ApiConfig(api_endpoint(found, cloud), keys)


def as_text(config: ApiConfig, student: str | None, show: bool, banner: bool) -> str:
    """For people: the key of one student, or of all if `student` is None. Keys are masked unless `show`."""
    lines = [BANNER] if banner else []
    lines.append(f"API Endpoint URL: {config.endpoint}")
    if student is not None:
        lines.append(f"API Key: {config.keys[student] if show else MASK}")
    else:
        lines += [f"API Key of {student}: {config.keys[student] if show else MASK}" for student in sorted(config.keys)]
    return "\n".join(lines)


def as_env(config: ApiConfig, student: str) -> str:
    """The lines that bin/test-time.sh reads from its environment or its configuration file."""
    return "\n".join(
        [
            f"TEST_TIME_ENDPOINT={config.endpoint}",
            f"TEST_TIME_API_KEY={config.keys[student]}",
            f"TEST_TIME_STUDENT_ID={student}",
        ]
    )


def as_json(config: ApiConfig) -> str:
    """`{"endpoint": "...", "students": [{"studentId": "s001", "apiKey": "..."}]}`."""
    students = [{"studentId": student, "apiKey": config.keys[student]} for student in sorted(config.keys)]
    return json.dumps({"endpoint": config.endpoint, "students": students}, indent=2)


def main() -> None:
    """Run the command. Exit codes: 0 done, 1 error."""
    parser = argparse.ArgumentParser(prog="pull-api-config.sh")
    parser.add_argument("--stage")
    parser.add_argument("--student")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--format", choices=["text", "env", "json"], default="text")
    options = parser.parse_args()
    try:
        config = pull(
            boto3.client("cloudformation"),
            boto3.client("apigateway"),
            options.stage or parameter("stage"),
            options.student,
            os.environ.get("AWS_ENDPOINT_URL"),
        )
    except (ConfigError, ValueError) as error:
        sys.exit(f"pull-api-config.sh: {error}")
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"pull-api-config.sh: {explained(error)}")
    if options.format == "json":
        print(as_json(config))
    elif options.format == "env":
        print(as_env(config, options.student))
    else:
        print(as_text(config, options.student, options.show, banner=sys.stdout.isatty()))


if __name__ == "__main__":
    main()
