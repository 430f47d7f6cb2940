"""Run MiniStack, the local cloud, with what differs from AWS corrected: `python -m cli.local_cloud.server`.

Each correction is a module of `corrections/`, measured on MiniStack 1.5.33. To drop one, delete its module and its name
here.
"""

from __future__ import annotations

import contextlib
import os

from cli.local_cloud.corrections import loopback_as_https, mail_sender_in_policies, nested_stack_attributes
from ministack import app

CORRECTIONS = (loopback_as_https, mail_sender_in_policies, nested_stack_attributes)


def main() -> None:
    """Serve until stopped."""
    os.environ.pop("PYTHONPATH", None)  # the functions are its child processes: they see their own code only
    with contextlib.suppress(PermissionError):  # it leads a session already
        os.setsid()  # Ctrl-C in the terminal that started it is not meant for it
    for correction in CORRECTIONS:
        correction.apply()
    app.main()


if __name__ == "__main__":
    main()
