"""Whether an answer key fits the questions of its test. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from common.run.accepted_answers import accepted_numbers, accepted_texts, share_of
from score_batch.question_points import exact

if TYPE_CHECKING:
    from common.shared.documents import AnswerKey, AnswerKeyEntry, Question

_RULES = ("off", "net-correct", "each-answer")


class BrokenAnswerKey(Exception):
    """The answer key and the questions of a test do not match. The message says where."""


def check_key(questions: Sequence[Question], key: AnswerKey) -> None:
    """Raise BrokenAnswerKey if a question has no usable entry in the answer key."""
    try:
        if key["partialCredit"] not in _RULES:
            raise ValueError("an unknown rule")
        for question in questions:
            entry = key["questions"][str(question["number"])]
            exact(entry["points"])
            if not _has_right_answer(question, entry):
                raise BrokenAnswerKey(f"the answer key has no right answer to question {question['number']}")
            if not _fits(question, entry):
                raise BrokenAnswerKey(f"the answer key does not fit question {question['number']}")
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise BrokenAnswerKey("the answer key does not match the test's questions") from error


def _has_right_answer(question: Question, entry: AnswerKeyEntry) -> bool:
    if question["type"] == "number":
        return bool(entry["numbers"])
    if question["type"] == "text":
        return bool(entry["texts"])
    return bool(entry["pairs"] if question["type"] == "match" else entry["correct"])


def _fits(question: Question, entry: AnswerKeyEntry) -> bool:
    """Whether every answer can be scored with the entry."""
    options = {option["id"] for option in question["options"]}
    if question["type"] == "number":
        return all(
            Decimal(each["low"]) <= Decimal(each["high"]) and share_of(each) > 0 for each in accepted_numbers(entry)
        )
    if question["type"] == "text":
        return all(isinstance(each["text"], str) and share_of(each) > 0 for each in accepted_texts(entry))
    if question["type"] == "order":
        return sorted(entry["correct"]) == sorted(options)
    if question["type"] == "match":
        items = {item["id"] for item in question["items"]}
        return entry["pairs"].keys() == items and options.issuperset(entry["pairs"].values())
    return all(isinstance(share, int | float) for share in entry.get("shares", {}).values())
