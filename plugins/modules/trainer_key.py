#!/usr/bin/python
# MIT License
"""Ansible module: make or delete the trainer's API key."""

from __future__ import annotations

DOCUMENTATION = r"""
module: trainer_key
short_description: Make or delete the trainer's API key
description:
  - Makes the trainer's API key in a usage plan of its own and writes its hash to the data bucket, or deletes both.
  - What an interrupted run has left is put right. The newest key is kept, older ones are deleted.
  - Never returns the value of the key.
options:
  state:
    description: V(present) makes the key if there is none that works, V(absent) deletes it.
    type: str
    choices: [present, absent]
    default: present
  stack:
    description: The root stack's name. The key is called C(<stack>:trainer).
    type: str
    required: true
  usage_plan_id:
    description: The usage plan that the key belongs to. Required for O(state=present).
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
- name: Make the trainer's API key
  training.test_time.trainer_key:
    stack: trainings-tests
    bucket: trainings-tests-storage-databucket-abc123
    usage_plan_id: abc123
"""

RETURN = r"""
existed:
  description: Whether there was a key, or a part of one, before.
  returned: if O(state=absent)
  type: bool
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import RETRIES
from ansible_collections.training.test_time.plugins.module_utils.class_content.trainer_key import TrainerKey
from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from botocore.exceptions import BotoCoreError, ClientError


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "stack": {"type": "str", "required": True},
            "bucket": {"type": "str", "required": True},
            "usage_plan_id": {"type": "str"},
        },
        required_if=[("state", "present", ("usage_plan_id",))],
        supports_check_mode=True,
    )
    params = module.params
    try:
        key = TrainerKey(
            module.client("s3"),
            module.client("apigateway", config={"retries": RETRIES}),
            params["stack"],
            params["bucket"],
            params["usage_plan_id"] or "",
        )
        if params["state"] == "present":
            module.exit_json(changed=key.ensure(dry_run=module.check_mode))
        existed = key.remove(dry_run=module.check_mode)
        module.exit_json(changed=existed, existed=existed)
    except (BotoCoreError, ClientError) as error:
        module.fail_json(
            msg=f"Cannot change the trainer's API key: {explained(error)}. Run this again to continue",
        )


if __name__ == "__main__":
    main()
