"""From when and until when a student may submit a test, and how times are written. Pure functions.

Used by the functions (`common.shared`) and by the trainer's side (`module_utils.shared`: closing times, schedules).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .ids import test_name

if TYPE_CHECKING:
    from .documents import ClosingRules, IndexEntry, RosterEntry, TimedTest


def parse_time(text: str) -> datetime:
    """`2026-11-23T22:00:00Z` as an aware datetime. Raises ValueError for a time without an offset."""
    time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if time.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; add Z")
    return time


def format_time(time: datetime) -> str:
    """The time in UTC, in whole seconds, with `Z`. Fractions are cut off: rounding up could pass a deadline."""
    offset = time.utcoffset()
    if offset is None:
        raise ValueError("the time has no offset")
    return (time - offset).replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def is_announced(test: ClosingRules, moment: datetime) -> bool:
    """Whether students are only told about a test at this moment, because it opens later."""
    return "opensAt" in test and moment < parse_time(test["opensAt"])


def own_deadline(test: TimedTest, subject: str, own: Mapping[str, str]) -> datetime:
    """The deadline that a student sees: their own if they have one, otherwise the test's `closesAt`.

    `own`: the student's `deadlines`.
    """
    return parse_time(own.get(test_name(subject, test["testId"]), test["closesAt"]))


def on_time_until(test: ClosingRules, deadline: datetime) -> datetime:
    """The last moment at which a submission counts in full: the deadline and the test's grace."""
    return deadline + timedelta(minutes=test["graceMinutes"])


def accepted_until(test: ClosingRules, deadline: datetime) -> datetime:
    """The last moment at which a submission is accepted, including late time if the test allows late work."""
    late = test["late"]
    return on_time_until(test, deadline) + timedelta(hours=late["untilHours"] if late else 0)


def answers_deleted_from(test: IndexEntry, retention_days: int) -> datetime:
    """From when answers to a test may have been deleted: each is kept for `retention_days`.

    The first may be as old as the publication. The note of it may be too late, because the test was removed in the
    meantime or an earlier version published it, so answers are taken to be as old as the test's own deadline at least.
    """
    closes_at = parse_time(test["closesAt"])
    published_at = test.get("publishedAt")
    since = min(parse_time(published_at), closes_at) if published_at else closes_at
    return since + timedelta(days=retention_days)


def enrolled_by(student: RosterEntry, subject: str, moment: datetime) -> bool:
    """Whether a student was enrolled in a subject at a moment.

    In a roster that an earlier version published, everybody has been enrolled from the start.
    """
    since = (student.get("since") or {}).get(subject)
    return since is None or parse_time(since) <= moment


def owes(student: RosterEntry, subject: str, test: str, end: datetime) -> bool:
    """Whether a student owes a test, because it has ever been open to them.

    `end`: the last moment at which the student's work is accepted.
    """
    known = student.get("owes", {}).get(test_name(subject, test))
    return enrolled_by(student, subject, end) if known is None else known
