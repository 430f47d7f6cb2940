"""The commands that messages name."""

from __future__ import annotations

import os


def next_command(command: str) -> str:
    """A command to run next, such as `./bin/students.sh invite`, with the options that find the same deployment.

    Those are --local and --stage, as the trainer wrote them for the script that runs now.
    """
    options = os.environ.get("TEST_TIME_OPTIONS")
    return f"{command} {options}" if options else command
