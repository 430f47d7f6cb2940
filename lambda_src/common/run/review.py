"""What a student is shown of a scored test once its right answers may be shown, in the review and in the email.

Pure functions. Questions and options are in the student's own order. Who shows them numbers and letters them by their
place; `number` and the options' IDs are the author's, as in the stored answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.own_order import in_own_order, shown_gap, shown_option
from common.run.accepted_answers import counted_answer, full_answers_in_words
from common.shared.gaps import gap_entry, gap_question

if TYPE_CHECKING:
    from common.shared.documents import (
        AnswerKey,
        AnswerKeyEntry,
        AnswerParts,
        Gap,
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
    answer = _in_shown_order(question, score["answer"])
    reviewed: ReviewedQuestion = {
        "number": question["number"],
        "text": question["text"],
        "type": question["type"],
        "options": [shown_option(option) for option in question["options"]],
        "answer": answer,
        "right": _in_shown_order(question, _right(question, entry)),
        "feedback": _feedback(question, entry, answer),
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
    if "items" in question:
        reviewed["items"] = [shown_option(item) for item in question["items"]]
    if "gaps" in question:
        reviewed["gaps"] = [shown_gap(gap) for gap in question["gaps"]]
    return reviewed


def _right(question: Question, entry: AnswerKeyEntry) -> AnswerParts:
    if question["type"] == "match":
        return entry["pairs"]
    if question["type"] == "gaps":
        return {gap["id"]: _right_in_gap(question, entry, gap) for gap in question["gaps"]}
    return _right_ones(question, entry)


def _right_ones(question: Question, entry: AnswerKeyEntry) -> list[str]:
    if question["type"] in ("number", "text"):
        return full_answers_in_words(entry)
    return [*entry["correct"], *entry.get("correction", {}).get("alsoAccept", [])]


def _right_in_gap(question: Question, entry: AnswerKeyEntry, gap: Gap) -> str:
    """The ID of the right option, or the accepted answers in words. If a correction accepts more, all of them."""
    right = _right_ones(gap_question(question, gap), gap_entry(entry, gap))
    return " or ".join(_in_shown_order(gap_question(question, gap), right))


def _feedback(question: Question, entry: AnswerKeyEntry, answer: AnswerParts) -> list[str]:
    """The trainer's feedback to the options that were chosen, or to the accepted answer that a typed one counts as."""
    if isinstance(answer, dict):
        gaps = [gap for gap in question.get("gaps", []) if gap["id"] in answer]
        return [
            text
            for gap in gaps
            for text in _feedback(gap_question(question, gap), gap_entry(entry, gap), [answer[gap["id"]]])
        ]
    if question["type"] in ("number", "text"):
        counted = [counted_answer(entry, typed) for typed in answer]
        return [each["feedback"] for each in counted if each and "feedback" in each]
    by_option = entry.get("feedback", {})
    return [by_option[option] for option in answer if option in by_option]


def _in_shown_order(question: Question, parts: AnswerParts) -> AnswerParts:
    """Options that are chosen, in the order in which the student sees them; others as they are.

    Those that the question no longer has come last.
    """
    if isinstance(parts, dict) or question["type"] not in ("single", "multiple"):
        return parts
    order = [option["id"] for option in question["options"]]
    return [*(id for id in order if id in parts), *(id for id in parts if id not in order)]
