#!/usr/bin/python
# MIT License
"""Ansible module: find out what publishing a class would remove, and stop unless that is confirmed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: class_losses
short_description: Stop before a publication that may be a mistake
description:
  - Fails if another class is published, or if more than 20% of the published students, and more than two, would be
    removed, unless this is confirmed. In check mode, it only returns what would be lost.
  - Changes nothing, and does not check the class's files. M(training.test_time.class_publish) does both, and stops in
    the same way.
options:
  confirmed:
    description: The token that the module has returned as RV(confirm), or V(yes) for whatever would be lost.
    type: str
extends_documentation_fragment:
  - training.test_time.class_folder
  - training.test_time.data_bucket
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - The Test time developers
"""

EXAMPLES = r"""
- name: Stop if another class is published
  training.test_time.class_losses:
    class_dir: "{{ inventory_dir }}/class"
    class_folder: class
    class_name: demo
    bucket: my-class-data
"""

RETURN = r"""
losses:
  description: What would be lost, in lines for people. Empty if there is nothing to confirm.
  returned: always
  type: list
  elements: str
confirm:
  description: The token that confirms these losses, as O(confirmed).
  returned: failure
  type: str
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.training.test_time.plugins.module_utils.class_content import written
from ansible_collections.training.test_time.plugins.module_utils.class_content.confirmation import stop_unless_confirmed
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import ClassFiles, load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.losses import Losses, is_doubtful, losses
from ansible_collections.training.test_time.plugins.module_utils.class_content.objects import class_record
from ansible_collections.training.test_time.plugins.module_utils.class_content.store import (
    read_published,
    read_record_and_roster,
)
from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from ansible_collections.training.test_time.plugins.module_utils.documents.mail_address import address_problem
from botocore.exceptions import BotoCoreError, ClientError

_TEXT = {"type": "str", "required": True}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={
            "class_dir": {"type": "path", "required": True},
            "class_folder": _TEXT,
            "class_name": _TEXT,
            "bucket": _TEXT,
            "confirmed": {"type": "str"},
        },
        supports_check_mode=True,
    )
    try:
        found = _losses(module.client("s3"), module.params)
    except (BotoCoreError, ClientError) as error:
        module.fail_json(msg=f"Cannot read which class is published: {explained(error)}", losses=[])
    if not module.check_mode:
        stop_unless_confirmed(module, found)
    module.exit_json(changed=False, losses=found.lines if found else [])


def _losses(s3: Any, params: dict[str, Any]) -> Losses | None:
    """What would be lost. If the publication is not doubtful, only two objects are read."""
    files = load_class(Path(params["class_dir"]), params["class_dir"])
    students = list(_students(files))
    new_record = class_record("", params["class_name"], params["class_folder"])
    if any(address_problem(student["email"]) for student in students):
        return None  # class_publish reports it
    record, roster = read_record_and_roster(s3, params["bucket"])
    if not is_doubtful(record, new_record, roster, students):
        return None
    tests = read_published(s3, params["bucket"]).tests
    return losses(record, new_record, roster, students, tests.keys(), files.tests.keys())


def _students(files: ClassFiles) -> Iterator[written.Student]:
    """The students of a file that may have mistakes."""
    data = files.students.data
    listed = data.get("students") if isinstance(data, dict) else None
    for student in listed if isinstance(listed, list) else []:
        if isinstance(student, dict) and all(isinstance(student.get(name), str) for name in ("id", "name", "email")):
            yield student  # type: ignore[misc]


if __name__ == "__main__":
    main()
