"""What a student sees of a test: the questions in their own order, and never a right answer."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from common.shared.canonical_json import canonical_json


def questions_for(student: str, test: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The questions of a published test (`questions.json`) as this student gets them.

    `[{"number", "text", "type", "options": [{"id", "text"}]}]`. With `shuffle`, questions and options
    come in an order that belongs to the student and the test: the same on every device and every day.
    Numbers and option IDs stay with their questions and options, so scoring knows nothing of it.
    """
    shown = [
        {
            "number": question["number"],
            "text": question["text"],
            "type": question["type"],
            "options": [{"id": option["id"], "text": option["text"]} for option in question["options"]],
        }
        for question in test["questions"]
    ]
    if not test.get("shuffle"):
        return shown
    seed = [student, test["subjectName"], test["testId"]]
    for question in shown:
        question["options"].sort(key=lambda option: _place(*seed, question["number"], option["id"]))
    shown.sort(key=lambda question: _place(*seed, question["number"]))
    return shown


def _place(*item: object) -> str:
    """An item's place in a student's order. No random generator: its sequence may change with Python's version."""
    return sha256(canonical_json(item)).hexdigest()
