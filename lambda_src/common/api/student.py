"""The student whom an API key belongs to: read by the authorizer, passed on to the functions in its context."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.shared.deadlines import parse_time
from common.shared.ids import is_id

# API Gateway accepts at most 8 KB from an authorizer and refuses the request if it returns more.
_MAX_DEADLINES_BYTES = 4096


@dataclass(frozen=True)
class Student:
    """A student of the class. `deadlines`: by `<subject>/<testId>`, only those that differ from the test's.

    `receipt_key`: None if it follows from the API key, which has never been replaced.
    """

    id: str
    name: str
    subjects: tuple[str, ...]
    deadlines: Mapping[str, str]
    receipt_key: str | None = None

    @classmethod
    def from_record(cls, record: Any) -> Student:
        """The student in `students/<sha256>.json`. Raises ValueError if the record is not a StudentRecord."""
        if not isinstance(record, dict):
            raise ValueError("the record is not an object")
        student, name = record.get("studentId"), record.get("name")
        subjects, deadlines = record.get("subjects"), record.get("deadlines")
        if not is_id(student) or not isinstance(name, str):
            raise ValueError("the record's studentId or name is not valid")
        if not isinstance(subjects, list) or not all(map(is_id, subjects)):
            raise ValueError("the record's subjects are not a list of IDs")
        if not isinstance(deadlines, dict) or not all(isinstance(time, str) for time in deadlines.values()):
            raise ValueError("the record's deadlines are not a mapping of tests to times")
        for time in deadlines.values():
            parse_time(time)
        return cls(str(student), name, tuple(subjects), deadlines, record.get("receiptKey"))

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Student:
        """The student in `requestContext.authorizer` of a request that the authorizer allowed."""
        return cls(
            context["studentId"],
            json.loads(context["name"]),
            tuple(json.loads(context["subjects"])),
            json.loads(context["deadlines"]),
            context.get("receiptKey"),
        )

    def to_context(self) -> dict[str, str]:
        """The `context` of the authorizer's response, whose values must be strings. They are in ASCII, as JSON text."""
        own_receipt_key = {"receiptKey": self.receipt_key} if self.receipt_key else {}
        return {
            "role": "student",
            **own_receipt_key,
            "studentId": self.id,
            "name": json.dumps(self.name),
            "subjects": json.dumps(self.subjects),
            "deadlines": json.dumps(_latest_that_fit(self.deadlines)),
        }


def _latest_that_fit(deadlines: Mapping[str, str]) -> dict[str, str]:
    """As many deadlines as API Gateway accepts, the latest first: those of tests closed long ago are not needed."""
    fitting: dict[str, str] = {}
    size = 0
    for test, time in sorted(deadlines.items(), key=lambda item: parse_time(item[1]), reverse=True):
        size += len(json.dumps({test: time}))
        if size > _MAX_DEADLINES_BYTES:
            break
        fitting[test] = time
    return fitting
