"""When tests close and when runs are needed, in winter, in summer and across both changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.closing_times import (
    WeeklyDeadline,
    closing_time,
    last_deadline,
    own_deadline,
    parse_class_time,
    run_moments,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.written import Closing
from ansible_collections.training.test_time.plugins.module_utils.shared.deadlines import parse_time
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import ClosingRules, Late

from support.class_files import WEEKLY


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "deadline"),
    [
        ("2026-11-17 12:00", "2026-11-23 22:00"),  # winter: 23:00 is 22:00 UTC
        ("2026-07-07 12:00", "2026-07-13 21:00"),  # summer: 21:00 UTC
        ("2026-11-23 21:59:59", "2026-11-23 22:00"),
        ("2026-11-23 22:00", "2026-11-30 22:00"),  # strictly after
        ("2026-03-28 12:00", "2026-03-30 21:00"),  # summer time began on the 29th
        ("2026-03-23 22:00", "2026-03-30 21:00"),  # a week of 167 hours
        ("2026-10-24 12:00", "2026-10-26 22:00"),  # and ended on the 25th
        ("2026-10-19 21:00", "2026-10-26 22:00"),  # a week of 169 hours
        ("2026-12-31 23:30", "2027-01-04 22:00"),
    ],
)
def test_first_deadline_after_a_moment(moment: str, deadline: str) -> None:
    assert WEEKLY.first_after(utc(moment)) == utc(deadline)


@pytest.mark.parametrize("zone", ["Europe/Warsaw", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_each_of_104_weeks_has_one_deadline_at_its_local_time(zone: str) -> None:
    weekly = WeeklyDeadline("monday", "23:00", zone)
    moment, days = utc("2026-01-01 00:00"), []
    for _ in range(104):
        moment = weekly.first_after(moment)
        local = moment.astimezone(ZoneInfo(zone))
        assert (local.weekday(), local.hour, local.minute) == (0, 23, 0)
        assert weekly.falls_on(moment)
        days.append(local.date())
    assert days == [days[0] + timedelta(weeks=week) for week in range(104)]


def test_deadline_that_clocks_skip_or_show_twice_is_the_later_reading() -> None:
    weekly = WeeklyDeadline("sunday", "02:30", "Europe/Warsaw")
    assert weekly.first_after(utc("2026-03-28 12:00")) == utc("2026-03-29 01:30")  # 03:30 in summer time
    assert weekly.first_after(utc("2026-10-24 12:00")) == utc("2026-10-25 01:30")  # 02:30 in winter time


@pytest.mark.parametrize("zone", ["America/Nuuk", "America/Scoresbysund"])
def test_deadline_in_the_last_hour_of_a_day_that_clocks_skip_is_still_due_after_midnight(zone: str) -> None:
    # On Saturday, 28 March 2026, at 23:00 clocks go to 00:00. The later reading of 23:30 is 00:30 on Sunday.
    weekly = WeeklyDeadline("saturday", "23:30", zone)
    deadline = utc("2026-03-29 01:30")
    assert weekly.first_after(utc("2026-03-29 00:50")) == deadline
    assert weekly.first_after(utc("2026-03-29 01:10")) == deadline  # Sunday by local clocks
    assert weekly.falls_on(deadline)
    assert weekly.first_after(deadline) == utc("2026-04-05 00:30")


def test_deadline_at_midnight_east_of_greenwich_is_found_from_the_evening_before() -> None:
    weekly = WeeklyDeadline("monday", "00:00", "Pacific/Auckland")
    assert weekly.first_after(utc("2026-06-07 11:59")) == utc("2026-06-07 12:00")


@pytest.mark.parametrize(
    ("day", "deadline"),
    [
        ("2026-11-17", "2026-11-23 22:00"),
        ("2026-11-22", "2026-11-23 22:00"),
        ("2026-11-23", "2026-11-30 22:00"),  # a session on the deadline's own day has a week
        ("2026-03-24", "2026-03-30 21:00"),
    ],
)
def test_first_deadline_after_a_session(day: str, deadline: str) -> None:
    assert WEEKLY.first_after_day(date.fromisoformat(day)) == utc(deadline)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-25 23:00", "2026-11-25 22:00"),
        ("2026-07-25 23:00", "2026-07-25 21:00"),
        ("2026-07-25T23:00:30", "2026-07-25 21:00:30"),
        ("2026-10-25 02:30", "2026-10-25 01:30"),  # the later of the two
        ("2026-11-25 23:00Z", "2026-11-25 23:00"),
        ("2026-11-25 23:00 Z", "2026-11-25 23:00"),
        ("2026-11-25T23:00-05:00", "2026-11-26 04:00"),
        ("2026-11-25 23:00 +02:00", "2026-11-25 21:00"),
    ],
)
def test_class_time(text: str, moment: str) -> None:
    assert parse_class_time(text, "Europe/Warsaw") == utc(moment)


@pytest.mark.parametrize(
    ("text", "words"),
    [("2026-03-29 02:30", "skip"), ("2026-02-30 12:00", "not a valid date"), ("2026-11-25 25:00", "not a valid date")],
)
def test_time_that_is_none_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_class_time(text, "Europe/Warsaw")


NOW = utc("2026-11-18 09:00")


@pytest.mark.parametrize(
    ("test", "previous", "expected"),
    [
        ({}, None, "2026-11-23 22:00"),  # first publication
        ({}, "2026-11-16T22:00:00Z", "2026-11-16 22:00"),  # stays put when published again
        ({"session_date": "2026-11-24"}, None, "2026-11-30 22:00"),
        ({"session_date": "2026-11-03"}, "2026-11-30T22:00:00Z", "2026-11-09 22:00"),  # the file's word counts
        ({"closes": "2026-11-25 12:00", "session_date": "2026-11-03"}, None, "2026-11-25 11:00"),
        ({"closes": "2026-11-25 12:00"}, "2026-11-16T22:00:00Z", "2026-11-25 11:00"),
        ({"opens": "2026-11-24 09:00"}, None, "2026-11-30 22:00"),  # the first deadline after it opens
        ({"opens": "2026-11-23 23:00"}, None, "2026-11-30 22:00"),
        ({"opens": "2026-11-24 09:00"}, "2026-11-23T22:00:00Z", "2026-11-30 22:00"),
        ({"opens": "2026-11-10 09:00", "session_date": "2026-11-17"}, None, "2026-11-23 22:00"),
        ({"opens": "2026-11-10 09:00", "closes": "2026-11-25 12:00"}, None, "2026-11-25 11:00"),
    ],
)
def test_closing_time(test: Closing, previous: str | None, expected: str) -> None:
    assert closing_time(test, WEEKLY, previous, NOW) == utc(expected)


def test_closing_time_is_not_known_before_a_first_publication() -> None:
    assert closing_time({}, WEEKLY, None, None) is None


def test_own_deadline_is_the_latest_that_anything_gives() -> None:
    closes = utc("2026-11-23 22:00")
    assert own_deadline(closes, None, 0) == closes
    assert own_deadline(closes, None, 1.5) == utc("2026-11-23 23:30")
    assert own_deadline(closes, utc("2026-11-25 22:00"), 24) == utc("2026-11-25 22:00")
    assert own_deadline(closes, utc("2026-11-24 10:00"), 24) == utc("2026-11-24 22:00")


def rules(closes_at: str, grace_minutes: int = 0, late: Late | None = None) -> ClosingRules:
    return {"closesAt": closes_at, "graceMinutes": grace_minutes, "late": late}


def test_last_deadline_has_own_deadlines_grace_and_late_time() -> None:
    test = rules("2026-11-23T22:00:00Z", 10, {"untilHours": 24, "credit": 0.5})
    assert last_deadline(test, []) == utc("2026-11-24 22:10")
    assert last_deadline(test, [utc("2026-11-25 22:00")]) == utc("2026-11-26 22:10")


def moments(*deadlines: tuple[ClosingRules, str], reminder_hours: int = 0, now: datetime = NOW) -> list[datetime]:
    return run_moments([(test, utc(own)) for test, own in deadlines], WEEKLY, reminder_hours, now)


def test_weekly_deadline_needs_no_run_of_its_own() -> None:
    assert moments((rules("2026-11-23T22:00:00Z"), "2026-11-23 22:00")) == []


def test_nobody_is_reminded_before_a_test_opens() -> None:
    short: ClosingRules = {**rules("2026-11-25T22:00:00Z"), "opensAt": "2026-11-25T07:00:00Z"}
    long: ClosingRules = {**rules("2026-11-25T22:00:00Z"), "opensAt": "2026-11-20T07:00:00Z"}
    closing = utc("2026-11-25 22:00")
    assert moments((short, "2026-11-25 22:00"), reminder_hours=24) == [utc("2026-11-25 07:00"), closing]
    assert moments((long, "2026-11-25 22:00"), reminder_hours=24) == [utc("2026-11-24 22:00"), closing]


def test_every_other_end_and_reminder_has_its_run_once_and_only_in_the_future() -> None:
    weekly = rules("2026-11-23T22:00:00Z")
    generous = rules("2026-11-23T22:00:00Z", 10, {"untilHours": 24, "credit": 0.5})
    past = rules("2026-11-09T22:00:00Z", 10)
    found = moments(
        (weekly, "2026-11-23 22:00"),
        (weekly, "2026-11-24 22:00"),  # extra hours
        (generous, "2026-11-23 22:00"),
        (past, "2026-11-09 22:00"),
        reminder_hours=24,
    )
    assert found == [
        utc("2026-11-22 22:00"),  # reminder of the class
        # utc("2026-11-23 22:00"): reminder of the extended student; the weekly rule fires then
        utc("2026-11-23 22:10"),  # end of grace
        utc("2026-11-24 22:00"),  # end of the extra hours
        utc("2026-11-24 22:10"),  # end of late time
    ]


def test_run_at_the_present_moment_is_not_in_the_future() -> None:
    test = rules("2026-11-25T12:00:00Z")
    assert moments((test, "2026-11-25 12:00"), now=utc("2026-11-25 12:00")) == []
    assert moments((test, "2026-11-25 12:00"), now=utc("2026-11-25 11:59:59")) == [parse_time(test["closesAt"])]
