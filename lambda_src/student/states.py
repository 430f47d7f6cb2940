"""Where a student stands with a test. Pure functions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypedDict

from common.api.receipt import MOST_ATTEMPTS, Receipt
from common.api.student import Student
from common.shared.deadlines import accepted_until, format_time, is_announced, own_deadline, parse_time

if TYPE_CHECKING:
    from common.shared.documents import Index, IndexEntry, Points, Score


class Standing(TypedDict):
    """A test in the answer to `GET /v1/student`; what does not apply is null.

    `closesAt`: the student's own deadline. `attempts`: `1` if the first submission is final, `last` if a later one
    replaces it. `state`: `scored` once there is a score; before that `submitted`, or `announced` until the test opens,
    `open` while answers are accepted (grace and late time included), then `closed`. `receiptId`, `submittedAt`: of the
    newest attempt while answers are accepted; then of the scored one. `late`: whether the scored attempt was.
    `handedIn`: whether what is scored is a draft that was handed in automatically.
    `mayReview`: whether the test is scored and nobody has time left, so that a run releases the review.
    `acceptedUntil`: until when answers are accepted, in grace and late time too. `lateUntil`, `lateCredit`: until when
    late work is accepted, and for which share of its points.
    """

    subjectName: str
    subjectTitle: str
    testId: str
    title: str
    questionCount: int
    opensAt: str | None
    closesAt: str
    attempts: Literal["1", "last"]
    state: Literal["scored", "submitted", "announced", "open", "closed"]
    receiptId: str | None
    submittedAt: str | None
    points: Points | None
    maxPoints: Points | None
    late: bool | None
    handedIn: bool | None
    mayResubmit: bool
    mayReview: bool
    acceptedUntil: str
    lateUntil: str | None
    lateCredit: Points | None


def standing(
    index: Index,
    entry: IndexEntry,
    student: Student,
    now: datetime,
    *,
    attempts: int,
    receipt: Receipt | None,
    score: Score | None,
) -> Standing:
    """A test, which is an entry of its subject's index, as its student sees it.

    `attempts`: how many the student has submitted.
    """
    subject = index["subjectName"]
    deadline = own_deadline(entry, subject, student.deadlines)
    until = accepted_until(entry, deadline)
    announced = is_announced(entry, now)
    accepted = now <= until
    late = entry["late"]
    shown = _shown_receipt(accepted, receipt, score)
    return {
        "subjectName": subject,
        "subjectTitle": index["title"],
        "testId": entry["testId"],
        "title": entry["title"],
        "questionCount": entry["questionCount"],
        "opensAt": entry.get("opensAt"),
        "closesAt": format_time(deadline),
        "attempts": entry["attempts"],
        "state": _state(attempts > 0, announced, accepted, score),
        "receiptId": shown and shown[0],
        "submittedAt": shown and shown[1],
        "points": score and score["points"],
        "maxPoints": score and score["maxPoints"],
        "late": score and score["late"],
        "handedIn": score and "draft" in score,
        "mayResubmit": accepted and not announced and entry["attempts"] == "last" and 0 < attempts < MOST_ATTEMPTS,
        "mayReview": score is not None and now > max(until, parse_time(entry["lastDeadline"])),
        "acceptedUntil": format_time(until),
        "lateUntil": late and format_time(until),
        "lateCredit": late and late["credit"],
    }


def _shown_receipt(accepted: bool, receipt: Receipt | None, score: Score | None) -> tuple[str, str] | None:
    """The receipt's ID and time. While answers are accepted, a client names the newest one when it submits again."""
    if score and not accepted:
        return score["receiptId"], score["submittedAt"]
    return (receipt.id, receipt.submitted_at) if receipt else None


def _state(
    submitted: bool, announced: bool, accepted: bool, score: Score | None
) -> Literal["scored", "submitted", "announced", "open", "closed"]:
    if score is not None:
        return "scored"
    if submitted:
        return "submitted"
    if announced:
        return "announced"
    return "open" if accepted else "closed"
