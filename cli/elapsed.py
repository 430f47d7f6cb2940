"""Shows on stderr how long something has been running, so that nobody takes a long check for one that hangs."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

SHOW_EVERY_SECONDS = 2.0


@contextmanager
def elapsed_seconds_shown() -> Iterator[None]:
    """Show the seconds every 2 seconds until the block ends."""
    done = threading.Event()
    shown = threading.Thread(target=_show, args=(done,), daemon=True)
    shown.start()
    try:
        yield
    finally:
        done.set()
        shown.join()


def _show(done: threading.Event) -> None:
    started = time.monotonic()
    while not done.wait(SHOW_EVERY_SECONDS):
        print(f"    {time.monotonic() - started:.0f} s", file=sys.stderr)
