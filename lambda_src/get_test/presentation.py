"""What a student sees of a test: the questions in their own order, and never a right answer."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypedDict

from common.own_order import in_own_order, shown_option
from common.shared.deadlines import format_time

if TYPE_CHECKING:
    from common.shared.documents import IndexEntry, Node, Option, Points, Question, Questions


class Worth(TypedDict, total=False):
    """What a question is worth; not known of a test that an earlier version published."""

    points: Points


class Formatting(TypedDict, total=False):
    """What the text is a plain rendition of, if Markdown was written."""

    nodes: list[Node]


class ShownQuestion(Worth, Formatting):
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
        "questions": _without_answers(test["questions"]),
    }


def questions_for(student: str, test: Questions) -> list[ShownQuestion]:
    """The questions of a published test in this student's order."""
    return _without_answers(in_own_order(student, test))


def _without_answers(questions: list[Question]) -> list[ShownQuestion]:
    return [_without_answer(question) for question in questions]


def _without_answer(question: Question) -> ShownQuestion:
    shown: ShownQuestion = {
        "number": question["number"],
        "text": question["text"],
        "type": question["type"],
        "options": [shown_option(option) for option in question["options"]],
    }
    if "nodes" in question:
        shown["nodes"] = question["nodes"]
    if "points" in question:
        shown["points"] = question["points"]
    return shown
