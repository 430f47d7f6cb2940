"""One test: where each student stands, and what the last report says about its questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict

from class_view.roster import Part
from class_view.work import Status, Work, status
from common.api.receipt import Receipt
from common.parallel import in_parallel
from common.shared.deadlines import format_time, own_deadline
from common.shared.object_keys import answers_key
from common.storage import Bucket
from common.stored_score import stored_score

if TYPE_CHECKING:
    from common.shared.documents import IndexEntry, Points, RosterEntry, Score


class Result(TypedDict):
    """Where a student stands with a test; what does not apply is null. `closesAt`: the student's own deadline.

    `status`: `open` or `begun` (a draft is stored) while answers are accepted; then `missing`, if nothing was handed
    in; `submitted`, and `scored` once there is a score. `handedIn`: whether what is scored is a draft that was
    handed in automatically.
    """

    status: Status
    closesAt: str
    submittedAt: str | None
    points: Points | None
    maxPoints: Points | None
    late: bool | None
    handedIn: bool | None


class StudentResult(Result):
    """A student in the answer to `GET /v1/class/results`."""

    studentId: str
    name: str
    email: str


def student_results(
    bucket: Bucket, work: Work, part: Part, subject: str, entry: IndexEntry, now: datetime
) -> list[StudentResult]:
    """The students of a part of the class, by whom all of it is done that `work` says. Raises StorageError."""
    found = results(bucket, work, [(student, subject, entry) for student in part.students], now)
    return [
        {"studentId": student["studentId"], "name": student["name"], "email": student["email"], **result}
        for student, result in zip(part.students, found, strict=True)
    ]


def results(
    bucket: Bucket, work: Work, pairs: Sequence[tuple[RosterEntry, str, IndexEntry]], now: datetime
) -> list[Result]:
    """The result of each student, subject and test. Raises StorageError.

    Reads a score for each submission, and for each that is missing: its answers may have expired before the score.
    Reads the receipt's tag of each submission without a score.
    """
    states = [status(work, student, subject, entry, now) for student, subject, entry in pairs]
    scores = _for_those(
        [state in {"submitted", "missing"} for state in states],
        [partial(stored_score, bucket, subject, entry["testId"], s["studentId"]) for s, subject, entry in pairs],
    )
    receipts = _for_those(
        [state == "submitted" and score is None for state, score in zip(states, scores, strict=True)],
        [partial(_receipt, bucket, work, student, subject, entry) for student, subject, entry in pairs],
    )
    return [
        _result(student, subject, entry, state, score, receipt)
        for (student, subject, entry), state, score, receipt in zip(pairs, states, scores, receipts, strict=True)
    ]


def _for_those(wanted: Sequence[bool], reads: Sequence[Any]) -> list[Any]:
    """What the wanted ones of these reads return, and None for each of the others."""
    found = iter(in_parallel([read for read, is_wanted in zip(reads, wanted, strict=True) if is_wanted]))
    return [next(found) if is_wanted else None for is_wanted in wanted]


def _receipt(bucket: Bucket, work: Work, student: RosterEntry, subject: str, entry: IndexEntry) -> Receipt | None:
    done = student["studentId"], subject, entry["testId"]
    return Receipt.from_tag(bucket.receipt(answers_key(subject, done[0], done[2], work.attempts[done])))


def _result(
    student: RosterEntry,
    subject: str,
    entry: IndexEntry,
    state: Status,
    score: Score | None,
    receipt: Receipt | None,
) -> Result:
    return {
        "status": "scored" if score else state,
        "closesAt": format_time(own_deadline(entry, subject, student["deadlines"])),
        "submittedAt": score["submittedAt"] if score else receipt.submitted_at if receipt else None,
        "points": score and score["points"],
        "maxPoints": score and score["maxPoints"],
        "late": score and score["late"],
        "handedIn": score and "draft" in score,
    }
