"""What a student sees of a test: the questions in their own order, and never a right answer."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, TypedDict

from common.shared.canonical_json import canonical_json
from common.shared.deadlines import format_time

if TYPE_CHECKING:
    from common.shared.documents import IndexEntry, Option, Questions


class ShownQuestion(TypedDict):
    """A question of the answer to `GET /v1/test`."""

    number: int
    text: str
    type: Literal["single", "multiple"]
    options: list[Option]


class ShownTest(TypedDict):
    """The answer to `GET /v1/test`."""

    subjectName: str
    testId: str
    title: str
    closesAt: str
    questions: list[ShownQuestion]


def shown_test(student: str, test: Questions, deadline: datetime) -> ShownTest:
    """A published test as this student sees it. `deadline`: their own."""
    return {
        "subjectName": test["subjectName"],
        "testId": test["testId"],
        "title": test["title"],
        "closesAt": format_time(deadline),
        "questions": questions_for(student, test),
    }


def previewed_test(entry: IndexEntry, test: Questions) -> ShownTest:
    """A published test as its trainer sees it, the questions in the order in which they were written."""
    return {
        "subjectName": test["subjectName"],
        "testId": test["testId"],
        "title": test["title"],
        "closesAt": entry["closesAt"],
        "questions": _without_answers(test),
    }


def questions_for(student: str, test: Questions) -> list[ShownQuestion]:
    """The questions of a published test in this student's order.

    With `shuffle`, questions and options come in an order that depends on the student and the test: the
    same on every device and every day. Numbers and option IDs stay with their questions and options, so
    scoring does not need to know the order.
    """
    shown = _without_answers(test)
    if not test["shuffle"]:
        return shown
    seed = [student, test["subjectName"], test["testId"]]
    for question in shown:
        question["options"].sort(key=lambda option: _place(*seed, question["number"], option["id"]))
    shown.sort(key=lambda question: _place(*seed, question["number"]))
    return shown


def _without_answers(test: Questions) -> list[ShownQuestion]:
    return [
        {
            "number": question["number"],
            "text": question["text"],
            "type": question["type"],
            "options": [{"id": option["id"], "text": option["text"]} for option in question["options"]],
        }
        for question in test["questions"]
    ]


def _place(*item: object) -> str:
    """An item's place in a student's order. Not from a random generator: its sequence may differ in a later Python."""
    return sha256(canonical_json(item)).hexdigest()
