"""What the plan of a publication says about times: when tests open and close, and what may be a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.history import TestKey
from ansible_collections.training.test_time.plugins.module_utils.class_content.outlook import Outlook
from ansible_collections.training.test_time.plugins.module_utils.shared.deadlines import format_time
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import IndexEntry, RosterEntry

from support.class_cloud import NOW, Cloud
from support.class_files import WriteClass, question, student
from support.documents import index_entry, roster_entry

KEY = ("os", "test01")
PAST = "2026-11-16T22:00:00Z"  # Monday, 23:00 in Warsaw, before NOW
NEXT = "2026-11-23T22:00:00Z"
LATER = "2026-11-30T22:00:00Z"
ADA = roster_entry(1, ["os"])


def outlook(
    before: Mapping[TestKey, IndexEntry],
    after: Mapping[TestKey, IndexEntry],
    roster: Mapping[str, RosterEntry] | None = None,
    roster_before: Mapping[str, RosterEntry] | None = None,
    extensions: Mapping[str, str] | None = None,
) -> Outlook:
    times = {student: datetime.fromisoformat(text) for student, text in (extensions or {}).items()}
    students = {"s1": ADA} if roster is None else roster
    return Outlook(before, after, roster_before or {}, students, {KEY: times}, "Europe/Warsaw", NOW)


def entry(closes_at: str = NEXT, **changes: Any) -> IndexEntry:
    return index_entry(closes_at=closes_at, **changes)


def extended(until: str) -> dict[str, RosterEntry]:
    return {"s1": roster_entry(1, ["os"], {"os/test01": until})}


def test_tests_are_listed_by_deadline_in_the_classs_time_zone() -> None:
    tests = {KEY: entry(LATER), ("git", "test02"): entry(NEXT), ("os", "old"): entry(PAST)}
    assert outlook({("os", "old"): entry(PAST)}, tests).times() == [
        "Times in Europe/Warsaw:",
        "  test02 in git: closes Mon 2026-11-23 23:00",
        "  test01 in os: closes Mon 2026-11-30 23:00",
        "  1 other test is not shown",
    ]


def test_a_time_is_that_of_the_clocks_on_its_day() -> None:
    times = outlook({}, {KEY: entry("2027-07-01T21:00:00Z"), ("os", "test02"): entry("2027-01-01T22:00:00Z")}).times()
    assert [line[-16:] for line in times[1:]] == ["2027-01-01 23:00", "2027-07-01 23:00"]


def test_the_opening_is_shown_if_the_index_has_one() -> None:
    assert outlook({}, {KEY: entry(opensAt="2026-11-20T08:00:00Z")}).times()[1:] == [
        "  test01 in os: opens Fri 2026-11-20 09:00, closes Mon 2026-11-23 23:00"
    ]


def test_more_than_a_hundred_tests_are_counted() -> None:
    times = outlook({}, {("os", f"test{number}"): entry() for number in range(150)}).times()
    assert len(times) == 102
    assert times[-1] == "  50 other tests are not shown"


def test_a_usual_publication_has_no_warning() -> None:
    assert outlook({}, {KEY: entry()}).warnings() == []
    assert outlook({KEY: entry(PAST)}, {KEY: entry(PAST)}).warnings() == [], "it closed in its time"


@pytest.mark.parametrize("before", [{}, {KEY: entry(NEXT)}], ids=["new", "moved"])
def test_a_deadline_that_has_passed_is_told(before: dict[TestKey, IndexEntry]) -> None:
    [told] = outlook(before, {KEY: entry(PAST)}).warnings()
    assert told == "test01 in os: its deadline, Mon 2026-11-16 23:00, has passed: nobody can submit it"
    [told] = outlook(before, {KEY: entry(PAST, lastDeadline=LATER)}).warnings()
    assert told.endswith("has passed: only students with time of their own, or late ones, can submit it")


def test_a_new_extension_that_has_passed_is_told() -> None:
    tests, passed = {KEY: entry(PAST, lastDeadline="2026-11-17T22:00:00Z")}, "2026-11-17T22:00:00Z"
    given: dict[str, Any] = {"roster": extended(passed), "extensions": {"s1": passed}}
    [told] = outlook(tests, tests, roster_before={"s1": ADA}, **given).warnings()
    assert told == "test01 in os: the extension of s1, Tue 2026-11-17 23:00, has passed"
    assert outlook(tests, tests, roster_before=extended(passed), **given).warnings() == []


def test_an_extension_that_is_earlier_than_the_deadline_with_extra_hours_is_told() -> None:
    given: dict[str, Any] = {"roster": extended("2026-11-24T22:00:00Z"), "extensions": {"s1": "2026-11-24T10:00:00Z"}}
    [told] = outlook({KEY: entry()}, {KEY: entry()}, **given).warnings()
    assert told == (
        "test01 in os: the extension of s1, Tue 2026-11-24 11:00, is earlier than their deadline with extra hours,"
        " Tue 2026-11-24 23:00, which counts"
    )


def test_time_that_is_given_after_answers_were_released_is_told() -> None:
    old = entry(PAST)
    [told] = outlook({KEY: old}, {KEY: old}, roster=extended(NEXT), extensions={"s1": NEXT}).warnings()
    assert told == (
        "test01 in os: its right answers may have been emailed since Mon 2026-11-16 23:00, and s1 would have time again"
    )
    [told] = outlook({KEY: old}, {KEY: entry(NEXT)}).warnings()
    assert "s1 would have time again" in told
    still_open = entry(PAST, lastDeadline=NEXT)
    assert (
        outlook({KEY: still_open}, {KEY: still_open}, roster=extended(NEXT), extensions={"s1": NEXT}).warnings() == []
    )


def test_many_students_are_counted() -> None:
    roster = {f"s{number:02}": roster_entry(number, ["os"]) for number in range(25)}
    [told] = outlook({KEY: entry(PAST)}, {KEY: entry(NEXT)}, roster=roster).warnings()
    assert "s18, s19, 5 more would have time" in told


def test_a_subject_without_students_is_told_once() -> None:
    tests = {("git", "test01"): entry(), ("git", "test02"): entry(), KEY: entry()}
    assert outlook({}, tests).warnings() == ["git: no student is enrolled in this subject, so nobody gets its tests"]


def test_a_publication_shows_what_its_files_say(cloud: Cloud, write_class: WriteClass) -> None:
    tests: dict[str, Any] = {
        "os/test01": {"title": "A", "closes": "2026-11-17 23:00", "questions": [question()]},
        "os/test02": {"title": "B", "extensions": {"s001": "2026-11-25 12:00"}, "questions": [question()]},
        "git/test01": [question()],
    }
    folder = write_class(students=[student(1, extra_hours=48)], tests=tests)
    planned = cloud.plan_of(folder)
    assert planned.outlook.times() == [
        "Times in Europe/Warsaw:",
        "  test01 in os: closes Tue 2026-11-17 23:00",
        "  test01 in git: closes Mon 2026-11-23 23:00",
        "  test02 in os: closes Mon 2026-11-23 23:00",
    ]
    assert [line.split(",")[0] for line in planned.outlook.warnings()] == [
        "test01 in os: its deadline",
        "test02 in os: the extension of s001",
        "git: no student is enrolled in this subject",
    ]
    cloud.publish(folder)
    after_all = cloud.plan_of(folder, NOW + timedelta(days=30))
    assert after_all.lines == []
    assert [line.split(",")[0] for line in after_all.outlook.warnings()] == [
        "git: no student is enrolled in this subject"
    ]


def test_ids_that_somebody_else_had_are_warned_of() -> None:
    warned = replace(outlook({}, {KEY: entry()}), given_away={"s2", "s1"}).warnings()
    assert warned == [
        "s1, s2: given to somebody else, with another API key. What was submitted, scored and emailed under an ID still"
        " counts, and its new owner sees it; use IDs that nobody has had"
    ]


def test_a_deadline_has_passed_from_its_last_moment_on() -> None:
    assert outlook({}, {KEY: entry(format_time(NOW))}).warnings()
    assert outlook({}, {KEY: entry(format_time(NOW + timedelta(seconds=1)))}).warnings() == []
