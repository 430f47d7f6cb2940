"""Run a Python module that ends when its parent process dies: `python end_with_parent.py MODULE [ARGUMENT...]`.

A process that is killed with `kill -9` cannot end the processes it has started. They would continue to change the
cloud or .venv while the same script, started again, does so too. The processes that the module forks, such as
Ansible's workers, end in the same way.

It uses only the standard library, because it also runs pip when nothing else is installed.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

LOOK_EVERY_SECONDS = 0.5
CLEAN_UP_SECONDS = 2


def end_with(parent: int) -> None:
    """End this process, and the group of processes that it leads, once `parent` is no longer its parent."""
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    # Polled, because Linux and macOS have no common way to be notified.
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_SECONDS)
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGINT)  # lets Python and pip remove their temporary files
        time.sleep(CLEAN_UP_SECONDS)
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


class _Forks:
    """Has the processes that this one forks watch it, because a thread does not survive a fork."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        parent, self._pid = self._pid, os.getpid()
        end_with(parent)


def _lead_a_group() -> None:
    """Have what this process starts end with it, unless it is in the terminal's foreground, where Ctrl-C ends all."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # so bash starts what a script runs in the background
        os.setpgid(0, 0)


if __name__ == "__main__":
    _lead_a_group()
    end_with(os.getppid())
    _Forks()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
