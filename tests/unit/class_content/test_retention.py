"""A class whose answers might be deleted before they are no longer needed is refused, with the place in its file."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.history import History, index_entries
from ansible_collections.training.test_time.plugins.module_utils.class_content.objects import (
    Policies,
    build_class,
    closing_times,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import retention_problems

from support.class_files import WEEKLY, WriteClass, question, student

SCHEMA = json.loads((Path(__file__).parents[3] / "schemas" / "parameters.schema.json").read_text())
SHORTEST = SCHEMA["properties"]["retention_days"]["minimum"]
# One second after a deadline, in the week in which summer time ends: the next deadline is 7 days and 1 hour away.
LONGEST_WEEK = datetime(2026, 10, 19, 21, 0, 1, tzinfo=UTC)


def problems(folder: Path, days: int, now: datetime = LONGEST_WEEK) -> list[str]:
    """What is wrong with a class that is published for the first time."""
    files = load_class(folder, "class")
    policies = Policies(attempts=1, late=None, partial_credit="off", grace_minutes=0, announce=False)
    closes_at = closing_times(files, WEEKLY, {}, now)
    published = build_class(files, policies, WEEKLY.timezone, closes_at, History(now))
    found = retention_problems(files, index_entries(published.indexes), days, WEEKLY.timezone)
    return [str(problem) for problem in found]


def one_test(**fields: Any) -> dict[str, Any]:
    return {"os/test01": {"title": "T", **fields, "questions": [question()]}}


def test_the_shortest_retention_is_the_shortest_for_a_weekly_test_that_is_published_at_once(
    write_class: WriteClass,
) -> None:
    folder = write_class()
    assert problems(folder, SHORTEST) == []
    assert len(problems(folder, SHORTEST - 1)) == 1


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"closes": "2026-12-23 23:00"}, ":2: closes: students have time until 2026-12-23,"),
        (
            {"closes": "2026-10-20 23:00", "extensions": {"s001": "2026-10-21 23:00", "s002": "2026-12-23 23:00"}},
            ":5: extensions.s002: students have time until 2026-12-23,",
        ),
        (
            {"closes": "2026-12-22 23:00", "extensions": {"s001": "2026-12-23 23:00"}},
            ":4: extensions.s001: students have time until 2026-12-23,",
        ),
        ({"session_date": "2026-12-22"}, ":1: students have time until 2026-12-28,"),
        ({"late": {"until_hours": 720, "credit": 0.5}}, ":1: students have time until 2026-11-25,"),
    ],
)
def test_the_place_is_the_latest_time_in_the_file(write_class: WriteClass, fields: dict[str, Any], place: str) -> None:
    folder = write_class(tests=one_test(**fields))
    [problem] = problems(folder, 40)
    assert problem.startswith(f"class/subjects/os/test01.yml{place}")


def test_the_extra_hours_of_a_student_count(write_class: WriteClass) -> None:
    folder = write_class([student(1, extra_hours=24 * 10), student(2)])
    [problem] = problems(folder, 40)
    assert "set retention_days to 48 or more and deploy" in problem
    assert problems(folder, 48) == []


def test_a_second_is_enough(write_class: WriteClass) -> None:
    folder = write_class(tests=one_test(closes="2026-10-20 23:00"))
    closes = datetime(2026, 10, 20, 21, tzinfo=UTC)
    assert problems(folder, 40, now=closes - timedelta(days=10)) == []
    assert len(problems(folder, 40, now=closes - timedelta(days=10, seconds=1))) == 1
