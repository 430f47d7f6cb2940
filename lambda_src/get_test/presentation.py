"""What a student sees of a test: the questions in their own order, and never a right answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast

from common.own_order import in_own_order, shown_gap, shown_option
from common.shared.deadlines import format_time

if TYPE_CHECKING:
    from common.shared.documents import Gap, IndexEntry, Node, Option, Points, Question, Questions, QuestionType


class Sometimes(TypedDict, total=False):
    """What not every question has. `points`: unknown of a test that an earlier version published.

    `items`: of a `match`, for each of which an option is to be found. `gaps`: of a text with gaps. `nodes`: what the
    text is a plain rendition of, if Markdown was written.
    """

    points: Points
    items: list[Option]
    gaps: list[Gap]
    nodes: list[Node]


class ShownQuestion(Sometimes):
    """A question of the answer to `GET /v1/test`. `options`: empty if the answer is typed or in gaps."""

    number: int
    text: str
    type: QuestionType
    options: list[Option]


class ShownTest(TypedDict):
    """The answer to `GET /v1/test`."""

    subjectName: str
    testId: str
    title: str
    closesAt: str
    questions: list[ShownQuestion]


class PreviewedQuestion(ShownQuestion):
    """A question of the answer to `GET /v1/class/test`. `pool`: only of one that is drawn for some students."""

    pool: NotRequired[str]


class PreviewedTest(TypedDict):
    """The answer to `GET /v1/class/test`: all questions. `pools`: how many of each pool a student gets, by name."""

    subjectName: str
    testId: str
    title: str
    closesAt: str
    questions: list[PreviewedQuestion]
    pools: NotRequired[dict[str, int]]


def shown_test(student: str, test: Questions, deadline: datetime) -> ShownTest:
    """A published test as this student sees it. `deadline`: their own."""
    return {
        "subjectName": test["subjectName"],
        "testId": test["testId"],
        "title": test["title"],
        "closesAt": format_time(deadline),
        "questions": questions_for(student, test),
    }


def previewed_test(entry: IndexEntry, test: Questions) -> PreviewedTest:
    """A published test as its trainer sees it, the questions in the order in which they were written."""
    previewed: PreviewedTest = {
        "subjectName": test["subjectName"],
        "testId": test["testId"],
        "title": test["title"],
        "closesAt": entry["closesAt"],
        "questions": [_previewed(question) for question in test["questions"]],
    }
    if "pools" in test:
        previewed["pools"] = test["pools"]
    return previewed


def _previewed(question: Question) -> PreviewedQuestion:
    previewed = cast("PreviewedQuestion", _without_answer(question))
    if "pool" in question:
        previewed["pool"] = question["pool"]
    return previewed


def questions_for(student: str, test: Questions) -> list[ShownQuestion]:
    """The questions of a published test in this student's order."""
    return _without_answers(in_own_order(student, test))


def images_of(test: Questions) -> set[str]:
    """The IDs of the images in a student's own questions. A test lists those of everybody's."""
    return {image for question in test["questions"] for image in _images(question)} if "images" in test else set()


def _images(question: Question) -> Iterator[str]:
    gaps = [option for gap in question.get("gaps", []) for option in gap.get("options", [])]
    for text in (question, *question["options"], *question.get("items", []), *gaps):
        yield from _images_in(text.get("nodes", []))


def _images_in(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if "image" in node:
            yield node["image"]
        yield from _images_in(node.get("children", []))


def _without_answers(questions: list[Question]) -> list[ShownQuestion]:
    return [_without_answer(question) for question in questions]


def _without_answer(question: Question) -> ShownQuestion:
    shown: ShownQuestion = {
        "number": question["number"],
        "text": question["text"],
        "type": question["type"],
        "options": _named(question["options"]),
    }
    if "nodes" in question:
        shown["nodes"] = question["nodes"]
    if "points" in question:
        shown["points"] = question["points"]
    if "items" in question:
        shown["items"] = _named(question["items"])
    if "gaps" in question:
        shown["gaps"] = [shown_gap(gap) for gap in question["gaps"]]
    return shown


def _named(entries: list[Option]) -> list[Option]:
    return [shown_option(entry) for entry in entries]
