"""Two years of weekly tests, through the changes of clocks: a calendar has the times that the API shows.

Everything is published by the trainer's own code. What decides about a student's time is drawn at random: extensions,
extra hours, grace, late work, openings.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
import yaml
from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import ApiKey
from ansible_collections.training.test_time.plugins.module_utils.class_content.closing_times import WeeklyDeadline
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.history import History
from ansible_collections.training.test_time.plugins.module_utils.class_content.objects import (
    Policies,
    build_class,
    closing_times,
)

from common.shared.deadlines import format_time
from support.class_files import question, student
from support.student_api import KEYS, Api

WEEKS = 104
FIRST_SESSION = date(2026, 11, 18)
NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
POLICIES = Policies(attempts=1, late=None, partial_credit="off", grace_minutes=0, announce=False)
STUDENTS = [name for name in KEYS if name != "trainer"]


def written_test(draw: random.Random, week: int) -> dict[str, Any]:
    """A test's file. Local times are at any minute: some are skipped or come twice when clocks change."""
    session = FIRST_SESSION + timedelta(weeks=week)
    test: dict[str, Any] = {"title": f"Week {week}", "session_date": str(session), "questions": [question()]}
    if draw.random() < 0.5:
        test["opens"] = f"{session} {draw.randrange(24):02}:{draw.randrange(60):02}"
    if draw.random() < 0.5:
        test["grace_minutes"] = draw.randrange(60)
    if draw.random() < 0.5:
        test["late"] = {"until_hours": draw.randint(1, 100), "credit": draw.choice([0.5, 0.8, 0.333])}
    if draw.random() < 0.5:
        day = session + timedelta(days=draw.randint(7, 20))
        test["extensions"] = {draw.choice(STUDENTS): f"{day} {draw.randrange(24):02}:{draw.randrange(60):02}"}
    return test


def write_class(folder: Path, draw: random.Random) -> None:
    (folder / "subjects" / "os").mkdir(parents=True)
    students = [student(number, extra_hours=draw.choice([0, 1.5, 24, 100])) for number, _ in enumerate(STUDENTS, 1)]
    (folder / "students.yml").write_text(yaml.safe_dump({"students": students}))
    for week in range(WEEKS):
        (folder / f"subjects/os/test{week:03}.yml").write_text(yaml.safe_dump(written_test(draw, week)))


def publish(api: Api, folder: Path, zone: str) -> None:
    weekly = WeeklyDeadline("monday", "23:00", zone)
    files = load_class(folder, "class")
    published = build_class(files, POLICIES, zone, closing_times(files, weekly, {}, NOW), History(NOW))
    keys = {id: ApiKey(id, id, KEYS[id], 0, True) for id in STUDENTS}
    for key, body in (
        published.content() | published.students(keys) | published.calendars(keys, "https://api.example")
    ).items():
        api.bucket.put(key, body)


def shown(api: Api, student_id: str) -> set[tuple[str, str, str]]:
    """What `GET /v1/student` says: the kind of moment, the test, the time."""
    found = set()
    for test in api.call("GET /v1/student", student_id)[1]["tests"]:
        moments = {"Opens": test["opensAt"], "Closes": test["closesAt"], "Late work ends": test["lateUntil"]}
        found |= {(kind, test["title"], time) for kind, time in moments.items() if time}
    return found


def in_calendar(api: Api, path: str) -> set[tuple[str, str, str]]:
    calendar = icalendar.Calendar.from_ical(api.calendar(path)["body"])
    found = set()
    for event in calendar.walk("VEVENT"):
        kind, _, rest = str(event["summary"]).partition(": ")
        found.add((kind, rest.removesuffix(" (Os)"), format_time(event.decoded("dtstart"))))
    return found


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("zone", ["Europe/Warsaw", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_the_calendar_has_the_times_that_the_api_shows(api: Api, tmp_path: Path, zone: str, seed: int) -> None:
    draw = random.Random(f"{zone} {seed}")
    write_class(tmp_path, draw)
    publish(api, tmp_path, zone)
    offsets = set()
    for student_id in STUDENTS:
        path = api.call("GET /v1/student", student_id)[1]["calendarPath"]
        expected = shown(api, student_id)
        assert in_calendar(api, path) == expected
        assert {kind for kind, _, _ in expected} == {"Opens", "Closes", "Late work ends"}
        offsets |= {time[11:16] for kind, _, time in expected if kind == "Closes"}
    assert len(offsets) > 2
