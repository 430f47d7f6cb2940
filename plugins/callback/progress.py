# MIT License
"""Ansible callback: a line a task on stderr, what debug tasks show on stdout, errors in plain words."""

from __future__ import annotations

import os
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: progress
type: stdout
short_description: A line a task, for the scripts that run playbooks
description:
  - Shows each task as it begins and each part of a loop as it ends, on stderr.
  - Prints what M(ansible.builtin.debug) tasks show, a text or a list of lines, on stdout.
  - Shows the message of a failed task, without its arguments.
  - Ends with the number of tasks that changed something, on stderr, if none failed.
author:
  - The Test time developers
"""

_SHOW = "ansible.builtin.debug"
_SILENT_ACTIONS = {
    _SHOW,
    "ansible.builtin.fail",
    "ansible.builtin.include_tasks",
    "ansible.builtin.validate_argument_spec",
}


class CallbackModule(CallbackBase):  # type: ignore[misc]  # Ansible has no type hints
    """The callback; Ansible finds it by this name."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "training.test_time.progress"

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Show what begins."""
        if task.action not in _SILENT_ACTIONS:
            self._tell(f"==> {task.get_name().split(' : ')[-1]}")

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """Show how far a loop is."""
        self._tell(f"    {result._result.get('_ansible_item_label', '')}")

    def v2_runner_on_ok(self, result: Any) -> None:
        """Print the lines that a debug task has for the user."""
        if result._task.action == _SHOW:
            message = result._result.get("msg", "")
            for line in message if isinstance(message, list) else str(message).splitlines():
                self._display.display(line)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Say what is wrong; a loop's items have said it already."""
        if "results" not in result._result:
            self._fail(result._result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        """Say what is wrong with a part of a loop."""
        self._fail(result._result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Say that this machine itself cannot be worked on."""
        self._fail(result._result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Say whether anything changed. Where something failed, its message is the last that is shown."""
        for counts in map(stats.summarize, stats.processed):
            if not counts["failures"] and not counts["unreachable"]:
                self._tell(f"==> ok={counts['ok']} changed={counts['changed']}")

    def _fail(self, result: dict[str, Any]) -> None:
        program = os.environ.get("TEST_TIME_PROGRAM", "ansible-playbook")
        for line in str(result.get("msg", "failed without a message")).splitlines():
            self._tell(f"{program}: {line}")

    def _tell(self, line: str) -> None:
        self._display.display(line, stderr=True)
