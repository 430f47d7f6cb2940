#!/usr/bin/python
# MIT License
"""Ansible module: fail if the parameters are not the deployed ones."""

from __future__ import annotations

DOCUMENTATION = r"""
module: deployed_parameters
short_description: Fail if the parameters are not the deployed ones
description:
  - Compares the parameters with those of the deployed stacks, and fails if any differs. The message names each, with
    its deployed and its new value.
  - Parameters that no stack has are not compared, nor are those of a stack that does not exist.
options:
  stacks:
    description: The names of the stacks.
    type: list
    elements: str
    required: true
  parameters:
    description: The parameters by the names that C(group_vars/all.yml) gives them, such as C(class_name).
    type: dict
    required: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - The Test time developers
"""

EXAMPLES = r"""
- name: Stop if a parameter has not been deployed yet
  training.test_time.deployed_parameters:
    stacks: [trainings-tests, trainings-tests-storage]
    parameters:
      class_name: demo
      retention_days: 365
"""

RETURN = r"""
{}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import (
    describe,
    parameters,
    undeployed,
)
from botocore.exceptions import BotoCoreError, ClientError


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={
            "stacks": {"type": "list", "elements": "str", "required": True},
            "parameters": {"type": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    deployed: dict[str, str] = {}
    try:
        client = module.client("cloudformation")
        for stack in module.params["stacks"]:
            deployed |= parameters(describe(client, stack))
    except (BotoCoreError, ClientError) as error:
        module.fail_json(msg=f"Cannot look up the deployed parameters: {explained(error)}")
    differences = undeployed(deployed, module.params["parameters"])
    if differences:
        head = "Nothing was published, because parameters in group_vars/all.yml have not been deployed:"
        tail = "Deploy first: run deploy-api-gateway.sh with the same options, which publishes the class too."
        module.fail_json(msg="\n".join([head, *(f"  {line}" for line in differences), tail]))
    module.exit_json(changed=False)


if __name__ == "__main__":
    main()
