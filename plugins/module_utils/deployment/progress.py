"""How the trainer's commands show progress."""

from __future__ import annotations

# After so long without news, the elapsed time is shown, so that a command that waits does not seem to hang.
SILENT_SECONDS = 10
