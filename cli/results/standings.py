"""Who has submitted which test, and who scored what. Pure functions, and the types of `results.sh --format json`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from common.api.receipt import Receipt
from common.run.own_times import OwnTimes, own_times
from common.shared.documents import IndexEntry, Points, RosterEntry, Score

Status = Literal["missing", "begun", "submitted", "scored", "open"]


class Standing(TypedDict):
    """A student's line. `submittedAt`: of the submission that counts or, before it is scored, of the newest one.

    `handedIn`: only if the student submitted nothing and a draft was handed in automatically. It is true then.
    """

    studentId: str
    name: str
    email: str
    status: Status
    submittedAt: NotRequired[str]
    points: NotRequired[Points]
    maxPoints: NotRequired[Points]
    handedIn: NotRequired[bool]


class Standings(TypedDict):
    """A test with its students."""

    subjectName: str
    testId: str
    title: str
    closesAt: str
    students: list[Standing]


class ClassResults(TypedDict):
    """What `results.sh --format json` prints."""

    tests: list[Standings]


@dataclass
class Work:
    """What students have done for a test, by student ID. `begun`: who has a draft on the server."""

    receipts: Mapping[str, Receipt | None] = field(default_factory=dict)
    scores: Mapping[str, Score] = field(default_factory=dict)
    begun: frozenset[str] = frozenset()


def standings(subject: str, test: IndexEntry, students: Iterable[RosterEntry], work: Work, now: datetime) -> Standings:
    """A test as it is at a moment."""
    return {
        "subjectName": subject,
        "testId": test["testId"],
        "title": test["title"],
        "closesAt": test["closesAt"],
        "students": [_standing(own, work, now) for own in own_times(subject, test, students)],
    }


def _standing(own: OwnTimes, work: Work, now: datetime) -> Standing:
    student_id = own.student["studentId"]
    score, receipt = work.scores.get(student_id), work.receipts.get(student_id)
    found: Standing = {
        "studentId": student_id,
        "name": own.student["name"],
        "email": own.student["email"],
        "status": _status(own, work, now),
    }
    if score is not None:
        found["submittedAt"] = score["submittedAt"]
        found["points"], found["maxPoints"] = score["points"], score["maxPoints"]
        if "draft" in score:
            found["handedIn"] = True
    elif receipt is not None:
        found["submittedAt"] = receipt.submitted_at
    return found


def _status(own: OwnTimes, work: Work, now: datetime) -> Status:
    """A draft counts only while the student can still submit."""
    student_id = own.student["studentId"]
    if student_id in work.scores:
        return "scored"
    if student_id in work.receipts:
        return "submitted"
    if own.accepted_until <= now:
        return "missing"
    return "begun" if student_id in work.begun else "open"
