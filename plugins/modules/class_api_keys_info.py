#!/usr/bin/python
# MIT License
"""Ansible module: find the API keys of a deployment."""

from __future__ import annotations

DOCUMENTATION = r"""
module: class_api_keys_info
short_description: Find a deployment's API keys
description:
  - Lists the IDs (not the values) of all API keys of a deployment, even if it no longer has a usage plan.
options:
  prefix:
    description: The root stack's name. A key is called C(<prefix>/<student ID>).
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
- name: Find the class's API keys
  training.test_time.class_api_keys_info:
    prefix: trainings-tests
"""

RETURN = r"""
key_ids:
  description: The keys' IDs.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import named_keys
from botocore.exceptions import BotoCoreError, ClientError


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec={"prefix": {"type": "str", "required": True}}, supports_check_mode=True)
    try:
        keys = named_keys(module.client("apigateway"), module.params["prefix"], values=False)
        found = [item["id"] for _, item in keys]
    except (BotoCoreError, ClientError) as error:
        module.fail_json_aws(error, msg="Cannot list the API keys")
    module.exit_json(changed=False, key_ids=found)


if __name__ == "__main__":
    main()
