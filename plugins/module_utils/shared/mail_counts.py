"""Which of a run's emails the next run sends.

Used by the functions (report_run) and by the trainer's side (`cli/run_summary.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .documents import MailCounts


def waiting(counts: MailCounts) -> int:
    """How many emails the next run sends.

    `deferred`: by SES. `pending`: the function ran out of time. `outdated`: what they say was changed during the run.
    """
    return sum(counts.get(state, 0) for state in ("deferred", "pending", "outdated"))
