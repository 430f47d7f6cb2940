#!/usr/bin/python
# MIT License
"""Documentation of the action of this name in plugins/action/stack.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: stack
short_description: Bring a CloudFormation stack to what its template says, with its events shown live
description:
  - Lists what changes, resource by resource, then creates or updates the stack and shows its events, those of nested
    stacks included, as they happen.
  - A stack whose template and parameters are the wanted ones is left alone.
  - A stack that an earlier run left half-made (ROLLBACK_COMPLETE, REVIEW_IN_PROGRESS, ...) is deleted first; one stuck
    in UPDATE_ROLLBACK_FAILED has its roll-back continued; one that CloudFormation is at work on is waited for.
  - On failure, names the resource that failed first in each stack, and why.
  - In check mode nothing is called that changes anything, not even a change set.
  - Waits as long as CloudFormation works; bound it with the task keyword C(timeout).
options:
  name:
    description: The stack's name.
    type: str
    required: true
  state:
    description: Whether there is to be a stack.
    type: str
    choices: [present, absent]
    default: present
  template_body:
    description: The template, JSON. Required when I(state=present).
    type: str
  nested_templates:
    description: The text of every packaged template by its S3 key, which TemplateURLs end in.
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
  description: What changed or, in check mode, would change, a line each.
  returned: state is present
  type: list
  elements: str
  sample: ["+ Api/Stage (AWS::ApiGateway::Stage)", "~ parameter ThrottleBurst: 10 -> 20"]
outputs:
  description: The stack's outputs by name; in check mode those it has now.
  returned: success
  type: dict
"""
