"""When tests open and close, and when a run is needed. Pure functions: the current time is a parameter.

Parameters and results are aware datetimes. `deadlines.py` has the rule for grace and late time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..shared.deadlines import accepted_until, on_time_until, parse_time
from ..shared.documents import ClosingRules
from ..shared.notices import reminded_from
from .written import Closing

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class WeeklyDeadline:
    """The class's deadline: `monday`, `23:00`, `Europe/Warsaw`."""

    weekday: str
    local_time: str
    timezone: str

    def first_after(self, moment: datetime) -> datetime:
        """The first deadline strictly after a moment, in UTC.

        If clocks skip the last hour of a deadline's day, as in Nuuk in March, the deadline is on the next local day.
        """
        day = moment.astimezone(ZoneInfo(self.timezone)).date() - timedelta(days=2)
        while True:
            day = self._next_day(day)
            deadline = self._on(day)
            if deadline > moment:
                return deadline

    def first_after_day(self, day: date) -> datetime:
        """The first deadline on a later day than `day`, in UTC."""
        return self._on(self._next_day(day))

    def falls_on(self, moment: datetime) -> bool:
        """Whether the moment is a deadline, at which the weekly rule fires anyway."""
        return self.first_after(moment - timedelta(seconds=1)) == moment

    def _next_day(self, day: date) -> date:
        ahead = (WEEKDAYS.index(self.weekday) - day.weekday() - 1) % 7 + 1
        return day + timedelta(days=ahead)

    def _on(self, day: date) -> datetime:
        return _later_reading(datetime.combine(day, time.fromisoformat(self.local_time)), ZoneInfo(self.timezone))


def _later_reading(local: datetime, zone: ZoneInfo) -> datetime:
    """A local time in UTC. If clocks show it twice or skip it, the later reading, which is in the students' favour."""
    return max(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def parse_class_time(text: str, timezone: str) -> datetime:
    """`2026-11-25 23:00` of the class's time zone, or a time with its own offset, in UTC.

    Raises ValueError, whose message is for people, for 30 February or a time that clocks skip when summer time
    begins.
    """
    try:
        given = datetime.fromisoformat(text.replace(" Z", "Z").replace(" +", "+").replace(" -", "-"))
    except ValueError as error:
        raise ValueError(f"{text} is not a valid date and time; use a form such as 2026-11-25 23:00") from error
    if given.tzinfo is not None:
        return given.astimezone(UTC)
    zone = ZoneInfo(timezone)
    moment = _later_reading(given, zone)
    if moment.astimezone(zone).replace(tzinfo=None) != given:
        raise ValueError(f"clocks in {timezone} skip {text} because summer time begins; choose another time")
    return moment


def closing_time(test: Closing, weekly: WeeklyDeadline, previous: str | None, now: datetime | None) -> datetime | None:
    """When a test closes, in UTC. The first of these that is known:

    its own `closes`; the first deadline after the day of its session; the first deadline after it opens; the closing
    time of an earlier publication (`previous`); the first deadline after `now`, its first publication. None if `now` is
    None and needed.
    """
    if "closes" in test:
        return parse_class_time(test["closes"], weekly.timezone)
    if "session_date" in test:
        return weekly.first_after_day(date.fromisoformat(test["session_date"]))
    if "opens" in test:
        return weekly.first_after(parse_class_time(test["opens"], weekly.timezone))
    if previous is not None:
        return parse_time(previous)
    return weekly.first_after(now) if now else None


def own_deadline(closes_at: datetime, extension: datetime | None, extra_hours: float) -> datetime:
    """A student's own deadline: the later of their extension and the test's deadline with their extra hours."""
    with_extra = closes_at + timedelta(hours=extra_hours)
    return max(with_extra, extension) if extension else with_extra


def last_deadline(rules: ClosingRules, own: Iterable[datetime]) -> datetime:
    """When the last student's time for a test is over, grace and late time included.

    `own`: the deadlines of students who have their own.
    """
    return accepted_until(rules, max([parse_time(rules["closesAt"]), *own]))


def run_moments(
    deadlines: Iterable[tuple[ClosingRules, datetime]],
    weekly: WeeklyDeadline,
    reminder_hours: int,
    now: datetime,
    notices: Iterable[datetime] = (),
) -> list[datetime]:
    """The future moments, in UTC and in order, at which a run is needed and the weekly rule does not fire.

    `deadlines` pairs a test's rules with each deadline that a student has for it. A run is needed when the time
    that counts in full ends, when late time ends, and for a reminder, `reminder_hours` (0: never) before the deadline.
    `notices`: when other emails about students' time are due.
    """
    moments = set(notices)
    for rules, deadline in deadlines:
        moments |= {on_time_until(rules, deadline), accepted_until(rules, deadline)}
        if reminder_hours:
            moments.add(reminded_from(rules, deadline, reminder_hours))
    return sorted(moment for moment in moments if moment > now and not weekly.falls_on(moment))
