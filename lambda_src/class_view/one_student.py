"""One student, and where they stand with each of their tests."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from class_view.test_results import Result, results
from class_view.work import takes_part, work_of
from common.storage import Bucket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from common.shared.documents import Index, RosterEntry


class OwnTestResult(Result):
    """A test in the answer to `GET /v1/class/student`."""

    subjectName: str
    subjectTitle: str
    testId: str
    title: str


def tests_of(bucket: Bucket, student: RosterEntry, indexes: Sequence[Index], now: datetime) -> list[OwnTestResult]:
    """The tests that a student takes part in, the nearest deadline first. Raises StorageError."""
    work = work_of(bucket, [index["subjectName"] for index in indexes], student["studentId"])
    found = [
        (index, entry)
        for index in indexes
        for entry in index["tests"]
        if takes_part(student, index["subjectName"], entry)
    ]
    own = results(bucket, work, [(student, index["subjectName"], entry) for index, entry in found], now)
    tests: list[OwnTestResult] = [
        {
            "subjectName": index["subjectName"],
            "subjectTitle": index["title"],
            "testId": entry["testId"],
            "title": entry["title"],
            **result,
        }
        for (index, entry), result in zip(found, own, strict=True)
    ]
    return sorted(tests, key=lambda test: (test["closesAt"], test["subjectName"], test["testId"]))
