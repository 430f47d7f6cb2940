#!/usr/bin/python
# MIT License
"""Ansible module: look up a stack's outputs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: stack_info
short_description: Look up a CloudFormation stack's outputs
description:
  - Returns the outputs of a stack, or none if the stack does not exist.
options:
  name:
    description: The stack's name.
    type: str
    required: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - The Test time developers
"""

EXAMPLES = r"""
- name: Look up the deployment
  training.test_time.stack_info:
    name: trainings-tests
"""

RETURN = r"""
outputs:
  description: The stack's outputs by name.
  returned: success
  type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import describe, outputs
from botocore.exceptions import BotoCoreError, ClientError


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec={"name": {"type": "str", "required": True}}, supports_check_mode=True)
    name = module.params["name"]
    try:
        found = outputs(describe(module.client("cloudformation"), name))
    except (BotoCoreError, ClientError) as error:
        module.fail_json(msg=f"Cannot look up the stack {name}: {explained(error)}")
    module.exit_json(changed=False, outputs=found)


if __name__ == "__main__":
    main()
