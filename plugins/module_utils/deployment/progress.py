"""How the trainer's commands show progress."""

from __future__ import annotations

# After so long without news, the elapsed time is shown, so that a command that waits does not seem to hang.
SILENT_SECONDS = 3


def longest_silence(elapsed_seconds: float) -> float:
    """How many seconds may pass without news: 3 at first, and more the longer it takes, so that lines stay few."""
    return max(SILENT_SECONDS, elapsed_seconds / 4)
