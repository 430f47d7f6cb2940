"""When the weekly rule fires: the class's deadline is in local time, but rules only support UTC. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfoNotFoundError

from .closing_times import WEEKDAYS, WeeklyDeadline

# Two years: they include every UTC offset of a time zone's current rules.
_WEEKS_AHEAD = 105


def deadline_cron(weekday: str, local_time: str, timezone: str, first_day: date) -> str:
    """The `cron(...)` expression that fires at every UTC time a weekly deadline of two years from `first_day` falls on.

    `weekday`: `monday` ... `sunday`. `local_time`: `23:00`. `timezone`: an IANA name. A cron expression combines all
    values of its fields, so if two UTC times differ in several fields it also fires at times that are not a deadline.
    Raises ValueError for an invalid weekday, time or zone.
    """
    try:
        deadlines = _deadlines(WeeklyDeadline(weekday, local_time, timezone), first_day)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise ValueError(f"{weekday} {local_time} in {timezone} is not a valid weekly deadline: {error}") from error
    minutes = _field(moment.minute for moment in deadlines)
    hours = _field(moment.hour for moment in deadlines)
    days = ",".join(WEEKDAYS[day][:3].upper() for day in sorted({moment.weekday() for moment in deadlines}))
    return f"cron({minutes} {hours} ? * {days} *)"


def _deadlines(weekly: WeeklyDeadline, first_day: date) -> list[datetime]:
    """The weekly deadlines of the weeks ahead, in UTC."""
    moments = [weekly.first_after(datetime.combine(first_day, time(), UTC))]
    while len(moments) < _WEEKS_AHEAD:
        moments.append(weekly.first_after(moments[-1] + timedelta(minutes=1)))
    return moments


def _field(values: Iterable[int]) -> str:
    return ",".join(str(value) for value in sorted(set(values)))
