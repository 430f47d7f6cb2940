"""Run MiniStack, the local cloud, with corrections where it differs from AWS: `python -m cli.local_cloud.server`.

Each correction is a module in `corrections/` and was found necessary with MiniStack 1.5.33. To remove one, delete its
module and its name here.
"""

from __future__ import annotations

import contextlib
import os

from cli.local_cloud.corrections import loopback_as_https, mail_sender_in_policies
from ministack import app

CORRECTIONS = (loopback_as_https, mail_sender_in_policies)


def main() -> None:
    """Serve until stopped."""
    os.environ.pop("PYTHONPATH", None)  # the functions are child processes and must see only their own code
    with contextlib.suppress(PermissionError):  # it already leads a session
        os.setsid()  # Ctrl-C in the terminal that started it must not stop it
    for correction in CORRECTIONS:
        correction.apply()
    app.main()


if __name__ == "__main__":
    main()
