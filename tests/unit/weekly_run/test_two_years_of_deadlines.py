"""104 weeks of the weekly rule's firings, through the changes of clocks of five zones: each deadline is scored once,
at the first firing after its local time and never before it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.deadline_cron import deadline_cron

from common.shared.deadlines import format_time
from support.weekly_class import SUBJECT, make_students, make_test
from support.weekly_run import World

pytestmark = pytest.mark.usefixtures("sequential")

WEEKS = 104
FIRST_MONDAY = date(2026, 11, 23)
ZONES = ["Europe/Warsaw", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Auckland"]


def local_deadlines(zone: str) -> list[datetime]:
    """Each Monday, 23:00 on the class's clocks."""
    mondays = [FIRST_MONDAY + timedelta(weeks=week) for week in range(WEEKS)]
    return [datetime.combine(monday, time(23), ZoneInfo(zone)).astimezone(UTC) for monday in mondays]


def firings(expression: str, first: datetime, last: datetime) -> Iterator[datetime]:
    """When EventBridge fires for a `cron(minutes hours ? * days *)` between two moments."""
    minutes, hours, _, _, days, _ = expression.removeprefix("cron(").removesuffix(")").split()
    day = first.replace(hour=0, minute=0, second=0)
    while day <= last:
        if day.strftime("%a").upper() in days.split(","):
            for hour in sorted(map(int, hours.split(","))):
                for minute in sorted(map(int, minutes.split(","))):
                    moment = day.replace(hour=hour, minute=minute)
                    if first <= moment <= last:
                        yield moment
        day += timedelta(days=1)


@pytest.mark.parametrize("zone", ZONES)
def test_each_deadline_is_scored_once_and_never_early(zone: str) -> None:
    deadlines = local_deadlines(zone)
    closes = {f"test{week:03}": deadline for week, deadline in enumerate(deadlines)}
    world = World()
    world.publish(
        SUBJECT,
        [
            make_test(
                test_id,
                closesAt=format_time(moment),
                lastDeadline=format_time(moment),
                publishedAt=format_time(moment - timedelta(days=7)),
            )
            for test_id, moment in closes.items()
        ],
        make_students(1),
    )
    for test_id, moment in closes.items():
        world.submit(SUBJECT, test_id, "s1", {"1": "a"}, at=format_time(moment - timedelta(hours=1)))
    chance = random.Random(zone)
    scored: dict[str, datetime] = {}
    expression = deadline_cron("monday", "23:00", zone, FIRST_MONDAY - timedelta(days=7))
    for firing in firings(expression, deadlines[0] - timedelta(days=1), deadlines[-1] + timedelta(hours=2)):
        # EventBridge fires within the minute, and sometimes twice.
        for _ in range(chance.choice([1, 1, 2])):
            world.now = firing + timedelta(seconds=chance.randrange(60))
            started = world.now
            summary = world.run()
            for test in summary["tests"] if summary else []:
                assert test["testId"] not in scored, f"{test['testId']} was scored twice"
                assert test["scored"] == 1
                scored[test["testId"]] = started
    assert scored.keys() == closes.keys()
    for test_id, moment in closes.items():
        assert timedelta(0) <= scored[test_id] - moment < timedelta(minutes=1)
        assert f"{scored[test_id].astimezone(ZoneInfo(zone)):%A %H:%M}" == "Monday 23:00"
    assert len(world.ses.to("s1@example.org")) == WEEKS


def test_the_zones_change_their_clocks_as_this_test_means_them_to() -> None:
    offsets = {
        zone: {moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in local_deadlines(zone)} for zone in ZONES
    }
    assert {zone: len(found) for zone, found in offsets.items()} == {
        "Europe/Warsaw": 2,
        "America/New_York": 2,
        "Asia/Kolkata": 1,
        "Australia/Lord_Howe": 2,
        "Pacific/Auckland": 2,
    }
