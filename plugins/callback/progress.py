# MIT License
"""Ansible callback: one line for each task on stderr, the output of debug tasks on stdout, error messages only."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: progress
type: stdout
short_description: One line for each task, for the scripts that run playbooks
description:
  - Shows each task as it begins, and each item of a loop as it ends, on stderr.
  - Prints the messages of M(ansible.builtin.debug) tasks, each a text or a list of lines, on stdout.
  - Shows the message of a failed task, without its arguments, on stderr. If a publication has to be confirmed, shows
    what would be lost, and writes the token that confirms it into the file that E(TEST_TIME_CONFIRM_FILE) names.
  - If no task failed, shows at the end how many tasks changed something, on stderr.
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
        """Show the task that begins."""
        if task.action not in _SILENT_ACTIONS:
            self._tell(f"==> {task.get_name().split(' : ')[-1]}")

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """Show how far a loop has got."""
        self._tell(f"    {result._result.get('_ansible_item_label', '')}")

    def v2_runner_on_ok(self, result: Any) -> None:
        """Print the message of a debug task."""
        if result._task.action == _SHOW:
            message = result._result.get("msg", "")
            for line in message if isinstance(message, list) else str(message).splitlines():
                self._display.display(line)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Show the task's message, unless it is a loop, whose items have already shown theirs."""
        if "results" not in result._result:
            self._fail(result._result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        """Show the message of a loop's failed item."""
        self._fail(result._result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Show why the host, here the cloud, cannot be reached."""
        self._fail(result._result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Show whether anything changed. If a task failed, its message stays the last line."""
        for counts in map(stats.summarize, stats.processed):
            if not counts["failures"] and not counts["unreachable"]:
                self._tell(f"==> ok={counts['ok']} changed={counts['changed']}")

    def _fail(self, result: dict[str, Any]) -> None:
        asks_in = os.environ.get("TEST_TIME_CONFIRM_FILE")
        if asks_in and "confirm" in result:
            Path(asks_in).write_text(result["confirm"])
            for line in result["losses"]:
                self._tell(line)
            return
        program = os.environ.get("TEST_TIME_PROGRAM", "ansible-playbook")
        for line in str(result.get("msg", "failed without a message")).splitlines():
            self._tell(f"{program}: {line}")

    def _tell(self, line: str) -> None:
        self._display.display(line, stderr=True)
