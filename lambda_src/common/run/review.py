"""What a student is shown of a scored test once its right answers may be shown, in the review and in the email.

Pure functions. Questions and options are in the student's own order. Who shows them numbers and letters them by their
place; `number` and the options' IDs are the author's, as in the stored answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from common.own_order import in_own_order, shown_option

if TYPE_CHECKING:
    from common.shared.documents import (
        AnswerKey,
        Option,
        Question,
        Questions,
        Review,
        ReviewedQuestion,
        Score,
    )


def review(test: Questions, key: AnswerKey, score: Score, last_deadline: str) -> Review:
    """The review of a scored test. `last_deadline`: when the last student's time for it ended."""
    return {
        "subjectName": score["subjectName"],
        "testId": score["testId"],
        "title": test["title"],
        "studentId": score["studentId"],
        "receiptId": score["receiptId"],
        "submittedAt": score["submittedAt"],
        "points": score["points"],
        "maxPoints": score["maxPoints"],
        "late": score["late"],
        "credit": score["credit"],
        "handedIn": "draft" in score,
        "lastDeadline": last_deadline,
        "questions": reviewed_questions(test, key, score),
    }


def reviewed_questions(test: Questions, key: AnswerKey, score: Score) -> list[ReviewedQuestion]:
    """The questions of a test, each with the student's answer, the right one and the points."""
    return [_reviewed(question, key, score) for question in in_own_order(score["studentId"], test)]


def left_out(test: Questions, score: Score) -> list[int]:
    """The places, from 1, of the questions whose answers were left out of the draft that was handed in.

    A question that is not in the test any more has no place.
    """
    order = enumerate(in_own_order(score["studentId"], test), 1)
    return [place for place, question in order if _is_left_out(question, score)]


def _is_left_out(question: Question, score: Score) -> bool:
    return "draft" in score and str(question["number"]) in score["draft"]["leftOut"]


def _reviewed(question: Question, key: AnswerKey, whole: Score) -> ReviewedQuestion:
    number = str(question["number"])
    entry, score = key["questions"][number], whole["questions"][number]
    correction = entry.get("correction", {})
    right = [*entry["correct"], *correction.get("alsoAccept", [])]
    reviewed: ReviewedQuestion = {
        "number": question["number"],
        "text": question["text"],
        "type": question["type"],
        "options": [shown_option(option) for option in question["options"]],
        "answer": _in_order_of(question["options"], score["answer"]),
        "right": _in_order_of(question["options"], right),
        "points": score["points"],
        "maxPoints": score["maxPoints"],
        "dropped": correction.get("drop", False),
        "explanation": entry.get("explanation"),
        "correction": correction.get("reason"),
        "leftOut": _is_left_out(question, whole),
    }
    if "nodes" in question:
        reviewed["nodes"] = question["nodes"]
    if "explanationNodes" in entry:
        reviewed["explanationNodes"] = entry["explanationNodes"]
    return reviewed


def _in_order_of(options: Sequence[Option], wanted: Sequence[str]) -> list[str]:
    """IDs in the order in which the student sees the options. Those that the question no longer has come last."""
    order = [option["id"] for option in options]
    return [*(id for id in order if id in wanted), *(id for id in wanted if id not in order)]
