"""Who comes back to a subject is owed what they submitted in it before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.store import Published, returned_students
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import answers_key

from support.memory_s3 import MemoryS3

FIRST, SECOND, THIRD = (datetime(2026, 11, day, 20, tzinfo=UTC) for day in (20, 22, 27))


def students(**subjects: list[str]) -> list[Any]:
    return [{"id": id, "subjects": own} for id, own in subjects.items()]


def published(**subjects: list[str]) -> Published:
    roster: Any = {id: {"studentId": id, "subjects": own, "deadlines": {}} for id, own in subjects.items()}
    return Published(THIRD, roster=roster)


@pytest.fixture
def s3() -> MemoryS3:
    submitted = {
        answers_key("os", "s1", "test01", 2): SECOND,
        answers_key("os", "s1", "test01"): FIRST,
        answers_key("os", "s1", "test02"): THIRD,
        answers_key("os", "s10", "test01"): SECOND,
    }
    found = MemoryS3(objects=dict.fromkeys(submitted, b"{}"))
    found.written |= submitted
    return found


def test_a_student_who_left_and_a_subject_that_was_taken_away_can_come_back(s3: MemoryS3) -> None:
    wanted = students(s1=["os", "networks"], s2=["os"], s10=["os"])
    assert returned_students(s3, "data", published(s10=["networks"]), wanted) == {
        ("s1", "os"): {"test01": FIRST, "test02": THIRD},
        ("s10", "os"): {"test01": SECOND},
    }


def test_who_stays_is_not_looked_up(s3: MemoryS3) -> None:
    before = s3.calls.count
    assert not returned_students(s3, "data", published(s1=["os"]), students(s1=["os"]))
    assert s3.calls.count == before


def test_a_new_subject_costs_one_request_for_the_whole_class(s3: MemoryS3) -> None:
    before = s3.calls.count
    roster = published(s1=["os"], s2=["os"], s3=["os"])
    wanted = students(s1=["os", "networks"], s2=["os", "networks"], s3=["os", "networks"])
    assert not returned_students(s3, "data", roster, wanted)
    assert s3.calls.count == before + 1
