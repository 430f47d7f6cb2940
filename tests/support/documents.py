"""The documents in the data bucket, as publishing and the functions write them.

`changes` replace fields. tests/unit/class_content/test_objects.py compares what is built here with what publishing
builds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NotRequired, cast

from common.shared.canonical_json import canonical_json
from common.shared.documents import (
    AnswerKey,
    AnswerKeyEntry,
    Index,
    IndexEntry,
    Question,
    Questions,
    RosterEntry,
    StudentCalendar,
    StudentRecord,
    SubjectCalendar,
    Submission,
    TimedTest,
)
from common.shared.object_keys import ROSTER, answer_key_key, index_key, questions_key, subject_calendar_key

# Monday, 23:00 in Warsaw.
CLOSES = "2026-11-23T22:00:00Z"
# What the questions of a test with pools have besides.
_DRAWING = ("pools", "salt")
# Where students take tests.
PAGE = "https://api.example/"
# The first publication, five days before.
PUBLISHED = "2026-11-18T09:00:00Z"


class WholeTest(IndexEntry):
    """All that is published of a test: its entry in the index, with questions and right answers besides.

    One with pools, of support/pooled.py, has `pools` and `salt` as well.
    """

    questions: list[Question]
    key: AnswerKey
    shuffle: NotRequired[bool]


def index_entry(test: str = "test01", closes_at: str = CLOSES, **changes: Any) -> IndexEntry:
    """A test in its subject's index: three questions, one attempt, nothing late."""
    entry: IndexEntry = {
        "testId": test,
        "title": f"Title of {test}",
        "questionCount": 3,
        "closesAt": closes_at,
        "graceMinutes": 0,
        "attempts": "1",
        "late": None,
        "lastDeadline": closes_at,
        "revisedAt": PUBLISHED,
        "publishedAt": PUBLISHED,
    }
    return cast(IndexEntry, {**entry, **changes})


def index(subject: str, entries: Iterable[IndexEntry]) -> Index:
    """A subject's index."""
    return {"subjectName": subject, "title": subject.replace("-", " ").capitalize(), "tests": list(entries)}


def question(number: int, kind: str = "single", options: str = "abcd", **changes: Any) -> Question:
    """A question of one point; `options` are the letters."""
    asked = {
        "number": number,
        "text": f"Question {number}?",
        "type": kind,
        "points": 1,
        "options": [{"id": option, "text": f"option {option}"} for option in options],
        **changes,
    }
    return cast(Question, asked)


def every_type() -> list[Question]:
    """Six questions, one of each type."""
    items = [{"id": str(number), "text": f"item {number}"} for number in (1, 2, 3)]
    return [
        question(1),
        question(2, "multiple"),
        question(3, "number", ""),
        question(4, "text", ""),
        question(5, "order"),
        question(6, "match", items=items),
    ]


def questions(
    subject: str,
    test: str,
    asked: Iterable[Question] | None = None,
    *,
    title: str | None = None,
    shuffle: bool = False,
) -> Questions:
    """A test's questions; by default 1 and 3 have one right option, 2 several."""
    if asked is None:
        asked = [question(1), question(2, "multiple"), question(3)]
    return {
        "subjectName": subject,
        "testId": test,
        "title": title or f"Title of {test}",
        "shuffle": shuffle,
        "questions": list(asked),
    }


def right(options: str, points: float = 1, **changes: Any) -> AnswerKeyEntry:
    """The right options of a question, as letters. `changes`: `explanation`, `correction`."""
    return cast(AnswerKeyEntry, {"correct": list(options), "points": points, **changes})


def answer_key(subject: str, test: str, *answers: AnswerKeyEntry, partial_credit: str = "off") -> AnswerKey:
    """A test's right answers, in the order of the questions."""
    key = {
        "subjectName": subject,
        "testId": test,
        "partialCredit": partial_credit,
        "questions": {str(number): answer for number, answer in enumerate(answers, 1)},
    }
    return cast(AnswerKey, key)


def student_record(
    student: str, name: str, subjects: Iterable[str], deadlines: Mapping[str, str] | None = None
) -> StudentRecord:
    """What the authorizer reads of a student. `deadlines`: own ones, by `subject/test`."""
    return {"studentId": student, "name": name, "subjects": list(subjects), "deadlines": dict(deadlines or {})}


def student_calendar(record: StudentRecord) -> StudentCalendar:
    """The calendar of a student."""
    return {"studentId": record["studentId"], "subjects": record["subjects"], "deadlines": record["deadlines"]}


def subject_calendar(index: Index) -> SubjectCalendar:
    """A subject's calendar."""
    names = ("testId", "title", "opensAt", "closesAt", "graceMinutes", "late")
    tests = [{name: value for name, value in entry.items() if name in names} for entry in index["tests"]]
    return {
        "subjectName": index["subjectName"],
        "title": index["title"],
        "page": PAGE,
        "tests": cast(list[TimedTest], tests),
    }


def roster_entry(number: int, subjects: Iterable[str], deadlines: Mapping[str, str] | None = None) -> RosterEntry:
    """A line of the roster: student `s<number>`."""
    record = student_record(f"s{number}", f"Student {number}", subjects, deadlines)
    since = dict.fromkeys(record["subjects"], PUBLISHED)
    return cast(RosterEntry, {**record, "email": f"s{number}@example.org", "since": since})


def submission(
    subject: str, test: str, student: str, answers: Any, at: str = "2026-11-23T20:00:00Z", receipt: str = "R-1"
) -> Submission:
    """A student's attempt."""
    return {
        "subjectName": subject,
        "testId": test,
        "studentId": student,
        "answers": answers,
        "submittedAt": at,
        "receiptId": receipt,
    }


def published_subject(subject: str, tests: Iterable[WholeTest]) -> dict[str, bytes]:
    """What publishing writes of a subject, by key."""
    tests = list(tests)
    listed = index(subject, map(_entry_of, tests))
    objects = {
        index_key(subject): canonical_json(listed),
        subject_calendar_key(subject): canonical_json(subject_calendar(listed)),
    }
    for test in tests:
        asked = questions(
            subject, test["testId"], test["questions"], title=test["title"], shuffle=test.get("shuffle", False)
        )
        drawing = {name: value for name, value in test.items() if name in _DRAWING}
        objects[questions_key(subject, test["testId"])] = canonical_json({**asked, **drawing})
        objects[answer_key_key(subject, test["testId"])] = canonical_json(test["key"])
    return objects


def published_roster(students: Iterable[RosterEntry]) -> dict[str, bytes]:
    """The roster, by its key."""
    return {ROSTER: b"".join(canonical_json(student) + b"\n" for student in students)}


def _entry_of(test: WholeTest) -> IndexEntry:
    besides = ("questions", "key", "shuffle", *_DRAWING)
    return cast(IndexEntry, {name: value for name, value in test.items() if name not in besides})
