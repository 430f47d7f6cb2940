"""What a student is shown of a scored test once its right answers may be shown, in the review and in the email.

Pure functions. Questions and options are in the student's own order. Who shows them numbers and letters them by their
place; `number` and the options' IDs are the author's, as in the stored answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from common.own_order import in_own_order

if TYPE_CHECKING:
    from common.shared.documents import (
        AnswerKey,
        Option,
        Question,
        Questions,
        QuestionScore,
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
        "lastDeadline": last_deadline,
        "questions": reviewed_questions(score["studentId"], test, key, score["questions"]),
    }


def reviewed_questions(
    student: str, test: Questions, key: AnswerKey, scores: Mapping[str, QuestionScore]
) -> list[ReviewedQuestion]:
    """The questions of a test, each with the student's answer, the right one and the points. `scores`: by number."""
    return [_reviewed(question, key, scores[str(question["number"])]) for question in in_own_order(student, test)]


def _reviewed(question: Question, key: AnswerKey, score: QuestionScore) -> ReviewedQuestion:
    entry = key["questions"][str(question["number"])]
    correction = entry.get("correction", {})
    right = [*entry["correct"], *correction.get("alsoAccept", [])]
    return {
        "number": question["number"],
        "text": question["text"],
        "type": question["type"],
        "options": [{"id": option["id"], "text": option["text"]} for option in question["options"]],
        "answer": _in_order_of(question["options"], score["answer"]),
        "right": _in_order_of(question["options"], right),
        "points": score["points"],
        "maxPoints": score["maxPoints"],
        "dropped": correction.get("drop", False),
        "explanation": entry.get("explanation"),
        "correction": correction.get("reason"),
    }


def _in_order_of(options: Sequence[Option], wanted: Sequence[str]) -> list[str]:
    """IDs in the order in which the student sees the options. Those that the question no longer has come last."""
    order = [option["id"] for option in options]
    return [*(id for id in order if id in wanted), *(id for id in wanted if id not in order)]
