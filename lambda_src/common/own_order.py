"""The order in which a student sees a test's questions and their options."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from common.shared.canonical_json import canonical_json

if TYPE_CHECKING:
    from common.shared.documents import Option, Question, Questions


def in_own_order(student: str, test: Questions) -> list[Question]:
    """The questions of a published test in this student's order, and the options of each question in theirs.

    With `shuffle`, the order depends on the student and the test: it is the same on every device and every day.
    Numbers and option IDs stay with their questions and options, so scoring does not need to know the order.
    """
    if not test["shuffle"]:
        return test["questions"]
    seed = [student, test["subjectName"], test["testId"]]
    shown: list[Question] = [
        {
            **question,
            "options": sorted(question["options"], key=lambda option: _place(*seed, question["number"], option["id"])),
        }
        for question in test["questions"]
    ]
    return sorted(shown, key=lambda question: _place(*seed, question["number"]))


def shown_option(option: Option) -> Option:
    """An option, or an item, without anything that is not for students."""
    shown: Option = {"id": option["id"], "text": option["text"]}
    if "nodes" in option:
        shown["nodes"] = option["nodes"]
    return shown


def _place(*item: object) -> str:
    """An item's place in a student's order. Not from a random generator: its sequence may differ in a later Python."""
    return sha256(canonical_json(item)).hexdigest()
