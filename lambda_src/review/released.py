"""Whether a student may see the review of a test, and what they see of it. Pure functions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict, TypeVar

from common.api.enrolment import published_entry
from common.api.errors import NothingSubmitted, NotYetReleased
from common.api.student import Student
from common.shared.deadlines import accepted_until, own_deadline, parse_time

if TYPE_CHECKING:
    from common.shared.documents import Index, IndexEntry, Points, Release, Review, ReviewedQuestion

    Written = TypeVar("Written", Review, Release)


class ReleasedReview(TypedDict):
    """The answer to `GET /v1/review`. `classMean`: of the points, null if it is not shown."""

    subjectName: str
    testId: str
    title: str
    studentId: str
    receiptId: str
    submittedAt: str
    points: Points
    maxPoints: Points
    late: bool
    credit: Points
    handedIn: bool
    classMean: Points | None
    questions: list[ReviewedQuestion]


def released_review(
    student: Student,
    subject: str,
    test: str,
    index: Index | None,
    review: Review | None,
    release: Release | None,
    now: datetime,
) -> ReleasedReview:
    """What the student sees. Raises TestNotFound, NotYetReleased, NothingSubmitted.

    The student's own time is checked besides the test's `lastDeadline`, because publishing writes the students' records
    before the index.
    """
    entry = published_entry(subject, test, index)
    is_over = now > accepted_until(entry, own_deadline(entry, subject, student.deadlines))
    released = _current(release, entry) if is_over else None
    own = _current(review, entry) if is_over else None
    if own is None and released is not None and released["complete"]:
        raise NothingSubmitted(f"You submitted nothing for test {test}, so there are no answers of yours to review.")
    if own is None:
        raise NotYetReleased(
            f"The answers to test {test} are not released yet. They are released with the scores once the test has"
            " closed for everybody."
        )
    return {
        "subjectName": own["subjectName"],
        "testId": own["testId"],
        "title": own["title"],
        "studentId": own["studentId"],
        "receiptId": own["receiptId"],
        "submittedAt": own["submittedAt"],
        "points": own["points"],
        "maxPoints": own["maxPoints"],
        "late": own["late"],
        "credit": own["credit"],
        "handedIn": own["handedIn"],
        "classMean": released["mean"] if released else None,
        # Reviews of an earlier version have no feedback.
        "questions": [{**question, "feedback": question.get("feedback", [])} for question in own["questions"]],
    }


def _current(written: Written | None, entry: IndexEntry) -> Written | None:
    """A review or a release, unless somebody has been given more time since the run that wrote it."""
    if written is None or parse_time(entry["lastDeadline"]) > parse_time(written["lastDeadline"]):
        return None
    return written
