"""bin/test-time.sh as a student runs it: with a home of its own, by pipe or in a terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pexpect

SCRIPT = Path(__file__).parents[2] / "bin" / "test-time.sh"
# pexpect.spawn. Its types let `before` be None, which it is only where nothing was expected yet.
Terminal = Any
QUESTION = "Your answer[^:]*: "
CONFIRM = r"Upload \(yes, no, number to change\)\? "


class TerminalClient:
    """One student's computer. `environment` is all the client inherits."""

    script = SCRIPT

    def __init__(self, home: Path, endpoint: str, api_key: str) -> None:
        self.home = home
        self.state = home / ".local" / "state" / "test-time"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "TZ": "Europe/Warsaw",
            "TEST_TIME_ENDPOINT": endpoint,
            "TEST_TIME_API_KEY": api_key,
            "TEST_TIME_RETRY_BASE_SECONDS": "0.01",
            "TEST_TIME_TIMEOUT_SECONDS": "10",
        }

    def run(
        self, *arguments: str, stdin: str = "", environment: dict[str, str] | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run by pipe, `stdin` through it."""
        return subprocess.run(
            [str(self.script), *arguments],
            input=stdin,
            env=self.environment | (environment or {}),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def open(self, *arguments: str, columns: int = 80, environment: dict[str, str] | None = None) -> Terminal:
        """Run in a terminal of that many columns."""
        terminal: Terminal = pexpect.spawn(
            str(self.script),
            list(arguments),
            env=self.environment | (environment or {}),
            dimensions=(50, columns),
            encoding="utf-8",
            timeout=15,
        )
        terminal.delaybeforesend = None
        return terminal

    def save_at_once(self) -> None:
        """Save a changed draft at the next prompt, without waiting for its time."""
        self.change("SAVE_EVERY_SECONDS=60", "SAVE_EVERY_SECONDS=0")

    def change(self, old: str, new: str) -> None:
        """Run a client with another text in this place."""
        source = self.script.read_text()
        assert old in source
        self.script = self.home / "test-time.sh"
        self.script.write_text(source.replace(old, new))
        self.script.chmod(0o755)

    def kept(self, pattern: str = "*.answers.json") -> list[Path]:
        """The files of that name under the state folder."""
        return sorted(self.state.rglob(pattern))


def phrase(words: str) -> str:
    """A pattern for these words, wherever the terminal's width breaks the line."""
    return r"\s+".join(map(re.escape, words.split()))


def stop(terminal: Terminal, number: signal.Signals) -> None:
    """Send a signal, SIGINT by Ctrl-C, to a client at a prompt, once it sleeps.

    A signal that comes just before is noticed by bash's `read` only when the next key comes.
    """
    state = Path(f"/proc/{terminal.pid}/stat")
    while state.read_text().rpartition(")")[2].split()[0] != "S":
        time.sleep(0.001)
    if number == signal.SIGINT:
        terminal.sendintr()
    else:
        terminal.kill(number)


def finish(terminal: Terminal) -> tuple[int, str]:
    """Wait for the end: exit status (128 + n after signal n) and what was shown since the last `expect`."""
    terminal.expect(pexpect.EOF)
    terminal.close()
    status = terminal.exitstatus if terminal.exitstatus is not None else 128 + (terminal.signalstatus or 0)
    return status, terminal.before or ""
