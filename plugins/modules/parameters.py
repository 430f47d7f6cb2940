#!/usr/bin/python
# MIT License
"""Ansible module: check every parameter, and the access to the cloud, before anything is changed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: parameters
short_description: Check the parameters and that the cloud can be reached
description:
  - Checks every parameter of the file. If any is invalid, fails with a list of all problems, with file and line.
  - Checks that there are credentials and that the cloud accepts them. If it does not, the host is reported as
    unreachable, not as failed, so C(ansible-playbook) ends with exit code 4. In that case, nothing has been changed.
options:
  file:
    description: The file of the parameters.
    type: path
    required: true
  stage:
    description: The stage, which replaces the file's own C(stage).
    type: str
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
    file: group_vars/all.yml
    stage: main
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
from ansible_collections.training.test_time.plugins.module_utils.documents.parameter_validation import load_parameters
from botocore.exceptions import BotoCoreError, ClientError


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={
            "file": {"type": "path", "required": True},
            "stage": {"type": "str", "required": True},
            "schemas": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    stage = module.params["stage"]
    document = load_parameters(Path(module.params["file"]), stage=stage, schemas=Path(module.params["schemas"]))
    if document.problems:
        module.fail_json(msg="\n".join(map(str, document.problems)))
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
