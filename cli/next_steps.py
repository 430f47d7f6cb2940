"""What a trainer does after a deployment, as deploy-api-gateway.sh prints it at its end."""

from __future__ import annotations

import argparse
import os

import boto3
from ansible_collections.training.test_time.plugins.module_utils.deployment.names import root_stack
from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import describe, outputs
from cli.api_config import endpoint
from cli.parameter import parameter

_TEXT = """
Test time is deployed.

  API endpoint:  {endpoint}
  Web page:      {endpoint}/

A student's configuration, to be sent to that student alone:
  ./bin/pull-api-config.sh{options} --student <student ID> --format env

Take a test as that student, in a terminal:
  set -a; eval "$(./bin/pull-api-config.sh{options} --student <student ID> --format env)"; set +a
  ./bin/test-time.sh

After each session, publish new tests and students:
  ./update-subjects-or-students.sh{options}

Tests are scored every {weekday} at {time} ({timezone}). To score now:
  ./bin/run-scoring.sh{options}
"""
_LOCAL_TEXT = """
The mails that the local cloud was given to send:
  ./bin/local-cloud.sh mail
"""


def next_steps(base: str, stage: str, is_local: bool) -> str:
    """The text. `base`: the API's endpoint."""
    options = (" --local" if is_local else "") + (f" --stage {stage}" if stage != parameter("stage") else "")
    text = _TEXT.format(
        endpoint=base,
        options=options,
        weekday=parameter("deadline_weekday").capitalize(),
        time=parameter("deadline_time"),
        timezone=parameter("timezone"),
    )
    return text + _LOCAL_TEXT if is_local else text


def main() -> None:
    """Print the text for a stage."""
    parser = argparse.ArgumentParser(prog="next_steps")
    parser.add_argument("--stage", required=True)
    stage = parser.parse_args().stage
    cloud = os.environ.get("AWS_ENDPOINT_URL")
    found = outputs(describe(boto3.client("cloudformation"), root_stack(stage)))
    print(next_steps(endpoint(found, cloud), stage, is_local=cloud is not None))


if __name__ == "__main__":
    main()
