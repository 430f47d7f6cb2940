"""The weekly rule fires at each of the class's deadlines, in UTC, through every change of clocks."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.closing_times import WeeklyDeadline
from ansible_collections.training.test_time.plugins.module_utils.class_content.deadline_cron import deadline_cron

FIRST_DAY = date(2026, 11, 21)
WEEKS = 110
CRON_DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def fires_at(expression: str, moment: datetime) -> bool:
    """Whether an EventBridge expression of lists fires at a UTC minute."""
    match = re.fullmatch(r"cron\(([\d,]+) ([\d,]+) \? \* ([A-Z,]+) \*\)", expression)
    assert match, expression
    minutes, hours, days = (field.split(",") for field in match.groups())
    return str(moment.minute) in minutes and str(moment.hour) in hours and CRON_DAYS[moment.weekday()] in days


def moments_showing(day: date, clock: time, zone: ZoneInfo) -> list[datetime]:
    """Every UTC moment at which clocks in the zone show this: found by looking at them, a quarter of an hour apart."""
    start = datetime.combine(day, clock, UTC) - timedelta(hours=15)
    moments = [start + timedelta(minutes=15 * step) for step in range(30 * 4)]
    return [m for m in moments if m.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, clock)]


@pytest.mark.parametrize("weekday", ["monday", "sunday"])
@pytest.mark.parametrize("local_time", ["23:00", "00:30", "11:15"])
@pytest.mark.parametrize(
    "timezone",
    [
        "Europe/Warsaw",
        "America/New_York",
        "Asia/Kolkata",  # 5:30 ahead, no summer time
        "Australia/Lord_Howe",  # summer time is half an hour
        "Pacific/Auckland",  # a deadline at noon changes its UTC weekday with the clocks
        "Asia/Kathmandu",  # 5:45 ahead
        "Africa/Casablanca",  # clocks change around Ramadan
        "UTC",
    ],
)
def test_every_local_deadline_of_two_years_is_a_firing(weekday: str, local_time: str, timezone: str) -> None:
    expression = deadline_cron(weekday, local_time, timezone, FIRST_DAY)
    clock, zone = time.fromisoformat(local_time), ZoneInfo(timezone)
    first = FIRST_DAY + timedelta(days=(("monday", "sunday").index(weekday) * 6 - FIRST_DAY.weekday()) % 7)
    for week in range(WEEKS):
        shown = moments_showing(first + timedelta(weeks=week), clock, zone)
        assert shown, "clocks show this time every week"
        assert fires_at(expression, shown[-1]), f"{shown[-1]} is not in {expression}"


def later_readings(days: list[date], clock: time, zone: ZoneInfo) -> list[datetime]:
    """When clocks show this on each day, the second time if they do so twice, or would show it if they did not skip."""
    shown = [datetime.combine(day, clock, zone) for day in days]
    return [max(local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)) for local in shown]


@pytest.mark.parametrize(("weekday", "local_time"), [("saturday", "23:30"), ("sunday", "00:00"), ("friday", "02:30")])
def test_in_every_zone_the_deadlines_of_eight_years_follow_each_other_and_the_rule_fires_at_each(
    weekday: str, local_time: str
) -> None:
    """Clocks change at these times: in Nuuk, in Cairo, Beirut, Santiago and Havana, and in Israel."""
    clock = time.fromisoformat(local_time)
    first = next(day for day in (FIRST_DAY + timedelta(days=n) for n in range(7)) if f"{day:%A}".lower() == weekday)
    days = [first + timedelta(weeks=week) for week in range(8 * 52)]
    same: dict[tuple[datetime, ...], str] = {}  # most names of zones are other names for the same clocks
    for name in sorted(available_timezones()):
        same.setdefault(tuple(later_readings(days, clock, ZoneInfo(name))), name)
    assert len(same) > 50
    for deadlines, name in same.items():
        weekly = WeeklyDeadline(weekday, local_time, name)
        expression = deadline_cron(weekday, local_time, name, FIRST_DAY)
        for before, deadline in itertools.pairwise(deadlines):
            assert weekly.first_after(before) == deadline, name
            assert weekly.first_after(deadline - timedelta(minutes=20)) == deadline, name
            assert fires_at(expression, deadline), f"{name}: {deadline} is not in {expression}"


@pytest.mark.parametrize(
    ("arguments", "expression"),
    [
        (("monday", "23:00", "Europe/Warsaw"), "cron(0 21,22 ? * MON *)"),
        (("monday", "23:00", "America/New_York"), "cron(0 3,4 ? * TUE *)"),
        (("monday", "23:00", "Asia/Kolkata"), "cron(30 17 ? * MON *)"),
        (("monday", "23:00", "Australia/Lord_Howe"), "cron(0,30 12 ? * MON *)"),
        (("monday", "12:30", "Pacific/Auckland"), "cron(30 0,23 ? * MON,SUN *)"),
    ],
)
def test_the_rule_fires_at_no_more_utc_times_than_it_must(arguments: tuple[str, str, str], expression: str) -> None:
    assert deadline_cron(*arguments, FIRST_DAY) == expression


def test_the_expression_is_the_same_whatever_day_of_the_year_it_is_deployed() -> None:
    days = [FIRST_DAY + timedelta(days=step) for step in range(0, 366, 15)]
    assert len({deadline_cron("monday", "23:00", "Australia/Lord_Howe", day) for day in days}) == 1


def test_a_deadline_that_the_change_to_summer_time_leaves_out_fires_when_clocks_have_passed_it() -> None:
    expression = deadline_cron("sunday", "02:30", "Europe/Warsaw", FIRST_DAY)
    # On 28 March 2027 clocks go from 02:00 to 03:00, at 01:00 UTC.
    assert fires_at(expression, datetime(2027, 3, 28, 1, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    "arguments",
    [("moonday", "23:00", "UTC"), ("monday", "25:00", "UTC"), ("monday", "23:00", "Europe/Nowhere")],
)
def test_a_weekday_time_or_zone_that_is_none_is_refused(arguments: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="is not a valid weekly deadline"):
        deadline_cron(*arguments, FIRST_DAY)
