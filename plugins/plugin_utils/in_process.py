"""Runs this collection's modules in Ansible's own process, where that comes to the same.

Each of them needs boto3, and to start a Python that unpacks the module and imports boto3 anew takes longer than most of
them work. Ansible loads an action before it forks the process that runs it, so what the action's file imports is loaded
once for all tasks. Wherever a module could notice the difference (another machine, another Python, another user,
`environment`, `async`), it runs as any module does.
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
    """An action that runs one module. `main` is the module's own."""

    main: ClassVar[Callable[[], None]]

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module; its result."""
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
    """What the module prints for these arguments. It ends itself, so SystemExit is its normal end."""
    output = io.StringIO()
    with _given(arguments), contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        main()
    return output.getvalue()


@contextlib.contextmanager
def _given(arguments: Mapping[str, Any]) -> Iterator[None]:
    """Hand the arguments over as the wrapper does that Ansible puts around a module."""
    encoder = wire.get_module_encoder(_PROFILE, wire.Direction.CONTROLLER_TO_MODULE)
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}, cls=encoder).encode()
    basic._ANSIBLE_PROFILE = _PROFILE
    try:
        yield
    finally:
        basic._ANSIBLE_ARGS = basic._ANSIBLE_PROFILE = None
