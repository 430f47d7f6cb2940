"""A new term in the same stage: the old tests in a new folder, with new students."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from support.class_cloud import Cloud
from support.class_files import WriteClass, question, student

TERM = datetime(2027, 9, 29, 9, tzinfo=UTC)
NEXT_DEADLINE = "2027-10-04T21:00:00Z"


def entry(cloud: Cloud) -> dict[str, Any]:
    [test] = json.loads(cloud.objects()["subjects/os/index.json"])["tests"]
    found: dict[str, Any] = test
    return found


def test_a_test_without_a_date_closes_at_the_new_terms_next_deadline(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    students = [student(number, id=f"t{number}") for number in (1, 2)]
    lines = cloud.publish(write_class(students=students), TERM, name="class-2027")
    assert "~ test01 in os (deadline)" in lines
    # More than retention_days after the old term's publication: that of the new one counts.
    assert (entry(cloud)["closesAt"], entry(cloud)["publishedAt"]) == (NEXT_DEADLINE, "2027-09-29T09:00:00Z")
    assert cloud.publish(write_class(students=students), TERM, name="class-2027") == []
    assert cloud.publish(write_class(students=students), datetime(2027, 11, 1, tzinfo=UTC), name="class-2027") == []


def test_that_the_old_students_have_seen_the_answers_is_not_told(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    planned = cloud.plan_of(write_class(students=[student(9)]), TERM, name="class-2027")
    assert planned.outlook.warnings() == []
    assert planned.outlook.times()[1:] == ["  test01 in os: closes Mon 2027-10-04 23:00"]


def test_the_old_students_have_neither_keys_nor_records(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    cloud.publish(write_class(students=[student(9)]), TERM, name="class-2027")
    state = cloud.state()
    assert set(state["access"]) == {"trainings-tests/s009"}
    assert state["student objects"] == 1


def test_the_same_class_keeps_its_deadline(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    before = entry(cloud)
    cloud.publish(write_class(tests={"os/test01": [question(text="New?")]}), datetime(2027, 1, 7, tzinfo=UTC))
    assert entry(cloud) == before
