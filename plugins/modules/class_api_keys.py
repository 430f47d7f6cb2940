#!/usr/bin/python
# MIT License
"""Ansible module: create and delete students' API keys."""

from __future__ import annotations

DOCUMENTATION = r"""
module: class_api_keys
short_description: Create and delete students' API keys
description:
  - Creates an API key for each student who does not have one and adds it to the class's usage plan, or deletes keys.
  - API Gateway allows 5 requests a second. For a large class, call the module several times, each time with a part.
  - Never returns the value of a key.
options:
  state:
    description: V(present) creates keys for O(student_ids), V(absent) deletes O(key_ids).
    type: str
    choices: [present, absent]
    default: present
  student_ids:
    description: IDs of the students who need a key. Required for O(state=present).
    type: list
    elements: str
  key_ids:
    description: IDs (not values) of keys to delete. Required for O(state=absent).
    type: list
    elements: str
  usage_plan_id:
    description: The usage plan that the keys belong to. Required for O(state=present).
    type: str
  prefix:
    description: The root stack's name. A key is called C(<prefix>/<student ID>). Required for O(state=present).
    type: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - The Test time developers
"""

EXAMPLES = r"""
- name: Create API keys
  training.test_time.class_api_keys:
    student_ids: [s001, s002]
    usage_plan_id: abc123
    prefix: trainings-tests

- name: Delete API keys
  training.test_time.class_api_keys:
    state: absent
    key_ids: [k1k2k3k4k5]
"""

RETURN = r"""
count:
  description: How many keys were created, added to the plan or deleted.
  returned: success
  type: int
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import (
    RETRIES,
    KeyQuotaReached,
    Pace,
    delete_keys,
    ensure_keys,
)
from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from botocore.exceptions import BotoCoreError, ClientError

_QUOTA = (
    "This Region has as many API keys as AWS allows (10,000 for each account and Region). The keys created so far are "
    "kept. Delete keys that nobody uses, or deploy to another Region or account, and run this again."
)


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "student_ids": {"type": "list", "elements": "str"},
            "key_ids": {"type": "list", "elements": "str", "no_log": False},
            "usage_plan_id": {"type": "str"},
            "prefix": {"type": "str"},
        },
        required_if=[
            ("state", "present", ("student_ids", "usage_plan_id", "prefix")),
            ("state", "absent", ("key_ids",)),
        ],
        supports_check_mode=True,
    )
    params = module.params
    try:
        client = module.client("apigateway", config={"retries": RETRIES})
        if params["state"] == "present":
            students = params["student_ids"]
            count = ensure_keys(
                client, params["usage_plan_id"], params["prefix"], students, Pace(), dry_run=module.check_mode
            )
        else:
            count = len(params["key_ids"])
            delete_keys(client, [] if module.check_mode else params["key_ids"], Pace())
    except KeyQuotaReached:
        module.fail_json(msg=_QUOTA)
    except (BotoCoreError, ClientError) as error:
        module.fail_json(
            msg=f"Cannot change API keys: {explained(error)}. What has been done is kept; run this again to continue"
        )
    module.exit_json(changed=count > 0, count=count)


if __name__ == "__main__":
    main()
