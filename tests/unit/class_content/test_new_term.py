"""A new term in the same stage: the old tests in a new folder, with new students."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import ApiKey, sort_out
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import student_key

from support.class_cloud import Cloud, Interruption
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


def test_somebody_else_under_an_old_id_gets_a_key_of_their_own(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(students=[student(1), student(2)]))
    before = cloud.api_keys()
    others = [student(1, name="Somebody", email="else@example.org"), student(2)]
    lines = cloud.publish(write_class(students=others), TERM, name="class-2027")
    assert "~ student s001 (name, address, API key)" in lines
    after = cloud.api_keys()
    assert after["trainings-tests/s001"] != before["trainings-tests/s001"]
    assert after["trainings-tests/s002"] == before["trainings-tests/s002"], "the same person repeats the class"
    assert cloud.state()["student objects"] == 2
    assert cloud.publish(write_class(students=others), TERM, name="class-2027") == []
    assert cloud.api_keys() == after


@pytest.mark.parametrize("name", ["class", "class-2027"])
def test_an_old_key_is_never_that_of_somebody_else_however_publishing_is_interrupted(
    cloud: Cloud, write_class: WriteClass, name: str
) -> None:
    old = [student(1), student(2)]
    others = [student(1, name="Somebody", email="else@example.org"), student(2)]
    for at in itertools.count():
        cloud.publish(write_class(students=[student(2)]))
        cloud.publish(write_class(students=old))
        key = student_key(cloud.api_keys()["trainings-tests/s001"])
        undo = cloud.interrupt(at, after=True)
        try:
            cloud.publish(write_class(students=others), TERM, name=name)
            break
        except Interruption:
            undo()
        assert "Somebody" not in cloud.objects().get(key, b"").decode()
        cloud.publish(write_class(students=others), TERM, name=name)
        assert student_key(cloud.api_keys()["trainings-tests/s001"]) != key, at
        assert key not in cloud.objects()
    assert at >= 6


def test_a_key_that_was_to_replace_the_old_one_is_not_that_of_somebody_else_either() -> None:
    published = ApiKey("k1", "s001", "old", 1, in_plan=True)
    begun = ApiKey("k2", "s001", "rotated", 2, in_plan=True, receipt_key="digest")
    made = ApiKey("k3", "s001", "new", 3, in_plan=True)
    stored = [student_key("old")]
    assert sort_out([published, begun], ["s001"], stored, ["s001"]).foreign == ["k1", "k2"]
    state = sort_out([published, begun, made], ["s001"], stored, ["s001"])
    assert (state.current["s001"].id, state.missing) == ("k3", [])


def test_the_same_class_keeps_its_deadline(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    before = entry(cloud)
    cloud.publish(write_class(tests={"os/test01": [question(text="New?")]}), datetime(2027, 1, 7, tzinfo=UTC))
    assert entry(cloud) == before
