"""What is published when a batch is mailed: an email must still be true when it is sent.

Between the plan and the emails of a run, the trainer may publish: correct an answer key, give an extension, change an
address, remove a student or a test. What is no longer true is not sent; the next run tells the student what is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.errors import BrokenObject, StorageError
from common.index import published_test
from common.run.own_times import OwnTimes, answers_may_be_shown, own_times, read_roster
from common.shared.canonical_json import key_version
from common.shared.deadlines import format_time, parse_time
from common.shared.object_keys import answer_key_key, index_key, questions_key, roster_key
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import (
        Batch,
        IndexEntry,
        ResultRow,
        RosterEntry,
        ScoringStudent,
        StudentToRemind,
    )

# The rules of a test that decide what a submission is worth; its students' own times are compared one by one.
_RULES = ("attempts", "late", "unsubmittedDrafts")
# What else an email says about a student's time.
_OPENING = ("opensAt", "announce")
# A batch takes up to 15 minutes at SES's slowest rate. It relies on what it has read for this long.
LONGEST_TRUST_SECONDS = 30.0
# The last roster that was read, by its ETag. A warm function mails many batches, and a large roster takes long to read.
_last_roster: dict[str | None, list[RosterEntry]] = {}


@dataclass(frozen=True)
class Published:
    """What a batch's emails have to agree with.

    `answer_key`: as bytes, None if there is none. `questions_tag`: the ETag of the questions. `show_answers`: whether
    the right answers may be shown. `addresses`: of the students, by ID, for whom what was planned is still true.
    """

    answer_key: bytes | None
    questions_tag: str | None
    show_answers: bool
    addresses: dict[str, str]

    def objection(self, row: ResultRow) -> str | None:
        """Why a row is no longer true, without its student's ID; None if it is."""
        if row["status"] == "scored" and (self.answer_key is None or row["keyVersion"] != key_version(self.answer_key)):
            return "the answer key was changed during the run"
        if row["status"] == "scored" and row["questionsTag"] != self.questions_tag:
            return "the questions were changed during the run"
        if row["studentId"] not in self.addresses:
            return "the test or the student's enrolment or deadline was changed during the run"
        return None


def read_published(bucket: Bucket, batch: Batch) -> Published:
    """Compare a batch with what is published now. The roster is read only if something has changed.

    Raises StorageError; BrokenObject if the roster or the index is broken.
    """
    subject, test_id = batch["subject"], batch["test"]["testId"]
    entry = _entry(bucket, subject, test_id)
    key = bucket.get_bytes(answer_key_key(subject, test_id))
    questions = bucket.etag(questions_key(subject, test_id))
    if entry is None:
        return Published(key, questions, False, {})
    roster = roster_key(subject)
    tag = bucket.etag(roster)
    if entry == batch["test"] and tag == batch["rosterTag"]:
        planned = {student["studentId"]: student["email"] for student in batch["students"]}
        return Published(key, questions, batch["showAnswers"], planned)
    students = [student for student in _students(bucket, roster, tag) if subject in student["subjects"]]
    times = own_times(subject, entry, students)
    compared = _RULES if batch["kind"] == "score" else (*_RULES, *_OPENING)
    unchanged = all(entry.get(name) == batch["test"].get(name) for name in compared)
    return Published(
        key,
        questions,
        batch["showAnswers"] and answers_may_be_shown(entry, times, parse_time(batch["certainAt"])),
        _addresses(batch["students"], times) if unchanged else {},
    )


class Latest:
    """What is published, read again when it is needed and was last read more than LONGEST_TRUST_SECONDS ago.

    `monotonic` is in seconds. For several threads. Raises StorageError, never BrokenObject: an email's own entry in
    the ledger is not what is broken.
    """

    def __init__(self, bucket: Bucket, batch: Batch, monotonic: Callable[[], float]) -> None:
        self._bucket = bucket
        self._batch = batch
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._look()

    def read(self) -> Published:
        """What is published now, or was at most LONGEST_TRUST_SECONDS ago."""
        with self._lock:
            if self._monotonic() - self._looked_at > LONGEST_TRUST_SECONDS:
                self._look()
            return self._published

    def _look(self) -> None:
        began = self._monotonic()
        try:
            self._published = read_published(self._bucket, self._batch)
        except BrokenObject as error:
            raise StorageError(str(error)) from error
        self._looked_at = began


def _entry(bucket: Bucket, subject: str, test_id: str) -> IndexEntry | None:
    return published_test(bucket.get_json(index_key(subject)), test_id)


def _students(bucket: Bucket, roster: str, tag: str | None) -> list[RosterEntry]:
    """The students in the roster whose ETag is `tag`, or in a newer one."""
    if tag not in _last_roster:
        lines, tag = bucket.get_tagged(roster) or (b"", "")
        try:
            students = read_roster(lines)
        except ValueError as error:
            raise BrokenObject(f"{roster}, {error} is broken") from error
        _last_roster.clear()
        _last_roster[tag] = students
        return students
    return _last_roster[tag]


def _addresses(planned: Iterable[ScoringStudent | StudentToRemind], times: Iterable[OwnTimes]) -> dict[str, str]:
    """The present addresses of those students whose own times are as planned."""
    now = {own.student["studentId"]: own for own in times}
    return {
        student["studentId"]: now[student["studentId"]].student["email"]
        for student in planned
        if student["studentId"] in now and _same_times(student, now[student["studentId"]])
    }


def _same_times(student: ScoringStudent | StudentToRemind, own: OwnTimes) -> bool:
    now = {
        "deadline": format_time(own.deadline),
        "onTimeUntil": format_time(own.on_time_until),
        "acceptedUntil": format_time(own.accepted_until),
    }
    return all(student.get(name, time) == time for name, time in now.items())
