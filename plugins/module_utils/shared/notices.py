"""When students are emailed about the time that they have for a test. Pure functions.

Used by the functions (`common.shared`) and by the trainer's side (`module_utils.shared`: schedules of runs).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .deadlines import parse_time

if TYPE_CHECKING:
    from .documents import ClosingRules


def reminded_from(test: ClosingRules, deadline: datetime, hours: int) -> datetime:
    """When a student is reminded of their deadline: so many hours before it, but not before the test opens."""
    moment = deadline - timedelta(hours=hours)
    return max(moment, parse_time(test["opensAt"])) if "opensAt" in test else moment
