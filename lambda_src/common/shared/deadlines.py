"""Until when a student may submit a test. The one home of that rule; pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any


def parse_time(text: str) -> datetime:
    """`2026-11-23T22:00:00Z` as an aware datetime. Raises ValueError for anything without an offset."""
    time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if time.tzinfo is None:
        raise ValueError(f"{text!r} has no offset: write it with Z")
    return time


def format_time(time: datetime) -> str:
    """UTC, whole seconds, `Z`. Fractions are cut, never rounded up past a deadline."""
    offset = time.utcoffset()
    if offset is None:
        raise ValueError("a time without an offset")
    return (time - offset).replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def own_deadline(test: Mapping[str, Any], subject: str, own: Mapping[str, str]) -> datetime:
    """The deadline a student is shown: their own one where they have one, else the test's `closesAt`.

    `test` is an entry of the subject's index; `own` the student's `deadlines`.
    """
    return parse_time(own.get(f"{subject}/{test['testId']}", test["closesAt"]))


def on_time_until(test: Mapping[str, Any], deadline: datetime) -> datetime:
    """The last moment at which a submission counts in full: the deadline and the class's grace."""
    return deadline + timedelta(minutes=test.get("graceMinutes", 0))


def accepted_until(test: Mapping[str, Any], deadline: datetime) -> datetime:
    """The last moment at which a submission is taken at all: late work included, where allowed."""
    late = test.get("late")
    return on_time_until(test, deadline) + timedelta(hours=late["untilHours"] if late else 0)
