#!/usr/bin/python
# MIT License
"""Ansible module: package the templates and upload what is missing from the artifact bucket."""

from __future__ import annotations

DOCUMENTATION = r"""
module: artifacts
short_description: Package the templates, and upload them and the bundles
description:
  - Turns the raw templates into templates that CloudFormation accepts, as C(aws cloudformation package) does.
  - Uploads the templates and bundles that are missing from the artifact bucket, in parallel. Keys contain the content's
    hash, so an object that is already there is never uploaded again.
options:
  bucket:
    description: The artifact bucket. Empty if there is none yet (in check mode, before the first deployment).
    type: str
    required: true
  templates:
    description: The folder of the raw templates.
    type: path
    required: true
  bundles:
    description: The bundles that M(training.test_time.lambda_bundles) returned.
    type: list
    elements: dict
    required: true
  parameters:
    description: The root stack's parameters.
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
- name: Upload what is missing from the artifact bucket
  training.test_time.artifacts:
    bucket: my-artifacts
    templates: templates
    bundles: "{{ built.bundles }}"
    parameters: {ClassName: demo}
"""

RETURN = r"""
uploaded:
  description: The keys of the objects that were uploaded or, in check mode, would be.
  returned: success
  type: list
  elements: str
root_key:
  description: The key of the packaged root template.
  returned: success
  type: str
templates:
  description: The text of each packaged template by its key, including the root template.
  returned: success
  type: dict
"""

from pathlib import Path

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.training.test_time.plugins.module_utils.deployment.artifacts import (
    contents,
    packaged,
    upload,
    wrong_keys,
)
from ansible_collections.training.test_time.plugins.module_utils.deployment.packaging import PackagingError
from botocore.exceptions import BotoCoreError, ClientError


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={
            "bucket": {"type": "str", "required": True},
            "templates": {"type": "path", "required": True},
            "bundles": {"type": "list", "elements": "dict", "required": True},
            "parameters": {"type": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    bucket, bundles = module.params["bucket"], module.params["bundles"]
    try:
        package = packaged(Path(module.params["templates"]), bundles, module.params["parameters"])
    except (PackagingError, OSError) as error:
        module.fail_json(msg=str(error))
    wanted = contents(package, bundles)
    client = module.client("s3")
    try:
        wrong = wrong_keys(client, bucket, wanted) if bucket else sorted(wanted)
        if not module.check_mode:
            upload(client, bucket, {key: wanted[key] for key in wrong})
    except (BotoCoreError, ClientError) as error:
        module.fail_json_aws(error, msg=f"Cannot upload to the artifact bucket {bucket}")
    module.exit_json(changed=bool(wrong), uploaded=wrong, root_key=package.root_key, templates=package.templates)


if __name__ == "__main__":
    main()
