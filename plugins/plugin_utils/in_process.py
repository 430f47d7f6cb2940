"""Runs this collection's modules in Ansible's own process if that makes no difference to them.

They all need boto3. Starting a Python process that unpacks the module and imports boto3 takes longer than the work of
most modules. Ansible loads an action before it forks the process that runs it, so whatever the action's file imports is
loaded once for all tasks. If a module could notice the difference (a different machine, Python or user, `environment`,
`async`), it runs in the usual way.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from ansible.module_utils import basic
from ansible.module_utils.common import json as wire
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.vars.clean import remove_internal_keys

_PROFILE = "legacy"


class InProcessAction(NormalAction):  # type: ignore[misc]  # Ansible has no type hints
    """An action that runs one module. `main` is the module's `main` function."""

    main: ClassVar[Callable[[], None]]

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module and return its result."""
        if not self._may_run_here(task_vars or {}):
            ran: dict[str, Any] = super().run(tmp, task_vars)
            return ran
        arguments = dict(self._task.args)
        self._update_module_args(self._task.action, arguments, task_vars)
        os.chdir(self._loader.get_basedir())  # as the local connection does
        result: dict[str, Any] = self._parse_returned_data({"stdout": _output(type(self).main, arguments)}, _PROFILE)
        remove_internal_keys(result)
        return result

    def _may_run_here(self, task_vars: Mapping[str, Any]) -> bool:
        interpreter = self._templar.template(task_vars.get("ansible_python_interpreter"))
        return bool(
            self._connection.transport == "local"
            and interpreter == sys.executable
            and not self._play_context.become
            and not any(self._task.environment)
            and not self._task.async_val
            and hasattr(wire, "get_module_encoder")  # ansible-core 2.19 and newer
        )


def _output(main: Callable[[], None], arguments: Mapping[str, Any]) -> str:
    """What the module prints for these arguments. A module ends by calling sys.exit, so SystemExit is normal."""
    output = io.StringIO()
    with _given(arguments), contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        main()
    return output.getvalue()


@contextlib.contextmanager
def _given(arguments: Mapping[str, Any]) -> Iterator[None]:
    """Pass the arguments in the way that Ansible's wrapper around a module does."""
    encoder = wire.get_module_encoder(_PROFILE, wire.Direction.CONTROLLER_TO_MODULE)
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}, cls=encoder).encode()
    basic._ANSIBLE_PROFILE = _PROFILE
    try:
        yield
    finally:
        basic._ANSIBLE_ARGS = basic._ANSIBLE_PROFILE = None
