#!/usr/bin/python
# MIT License
"""Ansible module: remove what a check of the deployment has left."""

from __future__ import annotations

DOCUMENTATION = r"""
module: class_probe
short_description: Remove what a check of the deployment has left
description:
  - Removes the API key, the objects and the run of C(bin/check-deployment.sh). A check that is killed leaves them.
  - If a run of a check is at work, the module waits for up to two minutes until it ends, then stops it.
options:
  stack:
    description: The root stack's name, with which the name of the API key begins.
    type: str
    required: true
  state_machine:
    description: The ARN of the weekly run's state machine. Leave it out if it no longer exists.
    type: str
extends_documentation_fragment:
  - training.test_time.data_bucket
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - The Test time developers
"""

EXAMPLES = r"""
- name: Remove what a killed check of the deployment has left
  training.test_time.class_probe:
    stack: trainings-tests
    bucket: trainings-tests-storage-databucket-abc123
    state_machine: arn:aws:states:eu-central-1:123456789012:stateMachine:trainings-tests-weekly-run
"""

RETURN = r"""
removed:
  description: Whether there was anything to remove.
  returned: success
  type: bool
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.training.test_time.plugins.module_utils.class_content.probe_removal import (
    NotRemoved,
    NotTheProbes,
    Removal,
)
from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from botocore.exceptions import BotoCoreError, ClientError


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={
            "stack": {"type": "str", "required": True},
            "bucket": {"type": "str", "required": True},
            "state_machine": {"type": "str"},
        },
        supports_check_mode=False,
    )
    changed = False
    try:
        changed = Removal(
            s3=module.client("s3"),
            apigateway=module.client("apigateway"),
            states=module.client("stepfunctions"),
            sqs=None,
            stack=module.params["stack"],
            bucket=module.params["bucket"],
            machine=module.params["state_machine"],
            queue=None,  # it goes with the stack
        ).remove()
    except NotTheProbes:
        pass  # A class may keep its objects. It has no probe, for no check begins beside such a class.
    except NotRemoved as error:
        module.fail_json(msg=f"{error}. Correct the cause, then run this again to continue")
    except (BotoCoreError, ClientError) as error:
        module.fail_json(msg=f"Cannot look for what a check has left: {explained(error)}")
    module.exit_json(changed=changed, removed=changed)


if __name__ == "__main__":
    main()
