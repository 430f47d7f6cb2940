#!/usr/bin/python
# MIT License
"""Ansible module: look up stacks' outputs and parameters."""

from __future__ import annotations

DOCUMENTATION = r"""
module: stack_info
short_description: Look up the outputs and parameters of CloudFormation stacks
description:
  - Returns the outputs and parameters of each stack, or none if the stack does not exist.
options:
  names:
    description: The stacks' names.
    type: list
    elements: str
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
    names: [trainings-tests, trainings-tests-storage]
"""

RETURN = r"""
stacks:
  description: Each stack by its name.
  returned: success
  type: dict
  contains:
    outputs:
      description: The stack's outputs by name.
      type: dict
    parameters:
      description: The values of the stack's parameters, by name.
      type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import describe, outputs, parameters
from botocore.exceptions import BotoCoreError, ClientError


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={"names": {"type": "list", "elements": "str", "required": True}}, supports_check_mode=True
    )
    names = module.params["names"]
    try:
        client = module.client("cloudformation")
        found = {name: describe(client, name) for name in names}
    except (BotoCoreError, ClientError) as error:
        module.fail_json(msg=f"Cannot look up the stacks {', '.join(names)}: {explained(error)}")
    module.exit_json(
        changed=False,
        stacks={name: {"outputs": outputs(stack), "parameters": parameters(stack)} for name, stack in found.items()},
    )


if __name__ == "__main__":
    main()
