"""When tests close and when a run is needed. Pure functions; the present is a parameter.

Times that come and go are aware datetimes; `deadlines` has the rule that grace and late time follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..shared.deadlines import accepted_until, on_time_until, parse_time

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class WeeklyDeadline:
    """The class's deadline: `monday`, `23:00`, `Europe/Warsaw`."""

    weekday: str
    local_time: str
    timezone: str

    def first_after(self, moment: datetime) -> datetime:
        """The first deadline strictly after a moment, in UTC."""
        day = moment.astimezone(ZoneInfo(self.timezone)).date() - timedelta(days=1)
        while True:
            day = self._next_day(day)
            deadline = self._on(day)
            if deadline > moment:
                return deadline

    def first_after_day(self, day: date) -> datetime:
        """The first deadline on a later day than `day`, in UTC."""
        return self._on(self._next_day(day))

    def falls_on(self, moment: datetime) -> bool:
        """Whether the moment is a deadline, so that the weekly rule fires anyway."""
        return self.first_after(moment - timedelta(seconds=1)) == moment

    def _next_day(self, day: date) -> date:
        ahead = (WEEKDAYS.index(self.weekday) - day.weekday() - 1) % 7 + 1
        return day + timedelta(days=ahead)

    def _on(self, day: date) -> datetime:
        return _later_reading(datetime.combine(day, time.fromisoformat(self.local_time)), ZoneInfo(self.timezone))


def _later_reading(local: datetime, zone: ZoneInfo) -> datetime:
    """A local time in UTC. Clocks may show it twice, or never: the later reading, to nobody's harm."""
    return max(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def parse_class_time(text: str, timezone: str) -> datetime:
    """`2026-11-25 23:00` of the class's time zone, or a time with its own offset, in UTC.

    Raises ValueError, in words for people, for a time that is none: 30 February, or one that the change
    to summer time leaves out.
    """
    try:
        given = datetime.fromisoformat(text.replace(" Z", "Z").replace(" +", "+").replace(" -", "-"))
    except ValueError as error:
        raise ValueError(f"there is no such time as {text}") from error
    if given.tzinfo is not None:
        return given.astimezone(UTC)
    zone = ZoneInfo(timezone)
    moment = _later_reading(given, zone)
    if moment.astimezone(zone).replace(tzinfo=None) != given:
        raise ValueError(f"clocks in {timezone} never show {text}: summer time begins then; choose another time")
    return moment


def closing_time(
    test: Mapping[str, Any], weekly: WeeklyDeadline, previous: str | None, now: datetime | None
) -> datetime | None:
    """When a test closes, in UTC: its own `closes`; else the first deadline after its session's day; else when it
    closed already at an earlier publication (`previous`); else the first deadline after `now`, its first
    publication. None where that is not known yet (`now` is None).
    """
    if "closes" in test:
        return parse_class_time(test["closes"], weekly.timezone)
    if "session_date" in test:
        return weekly.first_after_day(date.fromisoformat(test["session_date"]))
    if previous is not None:
        return parse_time(previous)
    return weekly.first_after(now) if now else None


def own_deadline(closes_at: datetime, extension: datetime | None, extra_hours: float) -> datetime:
    """A student's own deadline: the latest of what the test, an extension and standing extra hours give."""
    with_extra = closes_at + timedelta(hours=extra_hours)
    return max(with_extra, extension) if extension else with_extra


def last_deadline(entry: Mapping[str, Any], own: Iterable[datetime]) -> datetime:
    """When the last student's time for a test is over, grace and late time included.

    `entry` is the test's entry in the subject's index, `own` the deadlines of students who have their own.
    """
    return accepted_until(entry, max([parse_time(entry["closesAt"]), *own]))


def run_moments(
    deadlines: Iterable[tuple[Mapping[str, Any], datetime]],
    weekly: WeeklyDeadline,
    reminder_hours: int,
    now: datetime,
) -> list[datetime]:
    """The future moments, in UTC and in order, at which a run is needed and the weekly rule does not fire.

    `deadlines` pairs a test's index entry with a deadline that some student has for it. A run is needed when
    the time that counts in full and late time end, and `reminder_hours` (0: never) before the deadline.
    """
    moments = set()
    for entry, deadline in deadlines:
        moments |= {on_time_until(entry, deadline), accepted_until(entry, deadline)}
        if reminder_hours:
            moments.add(deadline - timedelta(hours=reminder_hours))
    return sorted(moment for moment in moments if moment > now and not weekly.falls_on(moment))
