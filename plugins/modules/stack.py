#!/usr/bin/python
# MIT License
"""Documentation of the action `stack`, which is in plugins/action/stack.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: stack
short_description: Create, update or delete a CloudFormation stack, and show its events as they happen
description:
  - Lists what changes, resource by resource, then creates or updates the stack and shows its events as they happen,
    including those of nested stacks.
  - A stack that already has this template and these parameters is not updated.
  - If an earlier run left the stack incomplete (ROLLBACK_COMPLETE, REVIEW_IN_PROGRESS, ...), the stack is deleted
    first. If it is stuck in UPDATE_ROLLBACK_FAILED, its rollback is continued. If an operation is still in progress,
    the action waits for it to finish.
  - On failure, shows which resource failed first in each stack, and why.
  - In check mode, makes no calls that change anything, and does not create a change set either.
  - Waits as long as CloudFormation takes. To set a limit, use the task keyword C(timeout).
options:
  name:
    description: The stack's name.
    type: str
    required: true
  state:
    description: Whether the stack should exist.
    type: str
    choices: [present, absent]
    default: present
  template_body:
    description: The template as JSON text. Required when I(state=present).
    type: str
  nested_templates:
    description: The text of every packaged template by its S3 key, with which the TemplateURLs end.
    type: dict
    default: {}
  parameters:
    description: The stack's parameters.
    type: dict
    default: {}
  region:
    description: The AWS Region.
    type: str
    required: true
author:
  - The Test time developers
"""

EXAMPLES = r"""
- name: Deploy the storage
  training.test_time.stack:
    name: trainings-tests-storage
    template_body: "{{ lookup('ansible.builtin.file', 'templates/storage.json') }}"
    parameters: {RetentionDays: 365}
    region: eu-central-1
  timeout: 1800
"""

RETURN = r"""
changes:
  description: What changed or, in check mode, would change, one line each.
  returned: state is present
  type: list
  elements: str
  sample: ["+ Api/Stage (AWS::ApiGateway::Stage)", "~ parameter ThrottleBurst: 10 -> 20"]
outputs:
  description: The stack's outputs by name; in check mode, its current ones.
  returned: success
  type: dict
"""
