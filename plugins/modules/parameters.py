#!/usr/bin/python
# MIT License
"""Ansible module: check every parameter, and the access to the cloud, before anything is changed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: parameters
short_description: Check the parameters and that the cloud can be reached
description:
  - Checks every parameter of the stage, and that each file in C(host_vars) is a stage's. If any is invalid, fails with
    a list of all problems, with file and line.
  - Checks that there are credentials and that the cloud accepts them. If it does not, the host is reported as
    unreachable, not as failed, so C(ansible-playbook) ends with exit code 4. In that case, nothing has been changed.
options:
  folder:
    description: The folder of the inventory, which contains C(group_vars/all.yml) and, if there are any, C(host_vars).
    type: path
    required: true
  stage:
    description: The stage, which is a host of the inventory.
    type: str
    required: true
  stages:
    description: All stages of the inventory.
    type: list
    elements: str
    required: true
  schemas:
    description: The folder of the JSON Schemas.
    type: path
    required: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - The Test time developers
"""

EXAMPLES = r"""
- name: Check the parameters
  training.test_time.parameters:
    folder: "{{ inventory_dir }}"
    stage: "{{ inventory_hostname }}"
    stages: "{{ groups['all'] }}"
    schemas: schemas
"""

RETURN = r"""
stack:
  description: The name of the stage's root stack.
  returned: success
  type: str
  sample: trainings-tests
storage_stack:
  description: The name of the stack of the stage's buckets.
  returned: success
  type: str
  sample: trainings-tests-storage
parameters:
  description: Every parameter by name. Email addresses are in the ASCII form in which they are used.
  returned: success
  type: dict
"""

from pathlib import Path

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from ansible_collections.training.test_time.plugins.module_utils.deployment.names import root_stack, storage_stack
from ansible_collections.training.test_time.plugins.module_utils.documents.inventory import name_problem, stray_files
from ansible_collections.training.test_time.plugins.module_utils.documents.parameter_validation import load_parameters
from botocore.exceptions import BotoCoreError, ClientError


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={
            "folder": {"type": "path", "required": True},
            "stage": {"type": "str", "required": True},
            "stages": {"type": "list", "elements": "str", "required": True},
            "schemas": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    stage = module.params["stage"]
    folder = Path(module.params["folder"])
    if problem := name_problem(stage):
        module.fail_json(msg=f"The host's name '{stage}' is the stage's, which {problem}")
    document = load_parameters(folder, stage, Path(module.params["schemas"]))
    problems = stray_files(folder, module.params["stages"]) + document.problems
    if problems:
        module.fail_json(msg="\n".join(map(str, problems)))
    try:
        module.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        module.exit_json(unreachable=True, msg=explained(error))
    module.exit_json(
        changed=False,
        stack=root_stack(stage),
        storage_stack=storage_stack(stage),
        parameters=document.data,
    )


if __name__ == "__main__":
    main()
