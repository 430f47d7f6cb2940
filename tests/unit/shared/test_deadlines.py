"""Until when a submission counts in full, and until when it is accepted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from common.shared.deadlines import accepted_until, format_time, on_time_until, own_deadline, parse_time
from common.shared.documents import IndexEntry, Late
from support.documents import index_entry

DEADLINE = datetime(2026, 11, 23, 22, tzinfo=UTC)
LATE: Late = {"untilHours": 24, "credit": 0.8}


def entry(grace_minutes: int = 0, late: Late | None = None) -> IndexEntry:
    return index_entry("test01", graceMinutes=grace_minutes, late=late)


def test_a_students_own_deadline_replaces_the_tests() -> None:
    own = {"os/test01": "2026-11-24T22:00:00Z", "git/test01": "2026-12-01T22:00:00Z"}
    assert own_deadline(entry(), "os", own) == DEADLINE + timedelta(days=1)
    assert own_deadline(entry(), "networks", own) == DEADLINE


@pytest.mark.parametrize(
    ("rules", "on_time", "accepted"),
    [
        (entry(), timedelta(0), timedelta(0)),
        (entry(grace_minutes=10), timedelta(minutes=10), timedelta(minutes=10)),
        (entry(late=LATE), timedelta(0), timedelta(hours=24)),
        (entry(grace_minutes=10, late=LATE), timedelta(minutes=10), timedelta(hours=24, minutes=10)),
    ],
)
def test_late_time_begins_after_grace(rules: IndexEntry, on_time: timedelta, accepted: timedelta) -> None:
    assert on_time_until(rules, DEADLINE) == DEADLINE + on_time
    assert accepted_until(rules, DEADLINE) == DEADLINE + accepted


def test_a_written_time_is_never_later_than_the_time() -> None:
    moment = datetime(2026, 11, 23, 23, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
    assert format_time(moment) == "2026-11-23T22:00:00Z"
    assert parse_time(format_time(moment)) <= moment


@pytest.mark.parametrize("text", ["2026-11-23T22:00:00", "soon", ""])
def test_a_text_that_is_not_a_time_with_an_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_time(text)


def test_a_time_without_an_offset_is_not_written() -> None:
    with pytest.raises(ValueError, match="has no offset"):
        format_time(datetime(2026, 11, 23, 22))
