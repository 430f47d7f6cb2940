"""`GET /v1/student`: whose key this is, and where they stand with each test. The only route that shows a score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from common.api.http import Request, Response, json_response, lambda_handler_for
from common.api.memory import Memory
from common.api.receipt import Receipt
from common.api.student import Student
from common.attempts import stored_attempts
from common.index import published_tests
from common.parallel import MAX_PARALLEL, in_parallel
from common.settings import data_bucket
from common.shared.calendar_secret import calendar_path
from common.shared.deadlines import accepted_until, format_time, own_deadline
from common.shared.object_keys import answers_key, index_key
from common.stored_score import stored_score
from student.reads import Read, next_reads
from student.states import Standing, standing

if TYPE_CHECKING:
    from common.shared.documents import Index, IndexEntry

BUCKET = data_bucket(max_connections=MAX_PARALLEL)
MEMORY = Memory()


@dataclass(frozen=True)
class Work:
    """A published test and what has been read of a student's work on it. `accepted`, `found`: see `next_reads`."""

    index: Index
    entry: IndexEntry
    accepted: bool
    found: dict[Read, Any]


@lambda_handler_for
def lambda_handler(request: Request) -> Response:
    """No parameters. Answers 200 with `{"studentId", "name", "subjects", "serverTime", "calendarPath", "tests"}`.

    Each test is a `Standing`, the nearest deadline first. Only the authorizer says who the student is.
    """
    return MEMORY.answer(request, _show)


def _show(request: Request) -> Response:
    request.query_ids()
    student = request.student
    works = _published(student, request.now)
    _look(student, works)
    tests = [_standing(student, work, request.now) for work in works]
    return json_response(
        200,
        {
            "studentId": student.id,
            "name": student.name,
            "subjects": student.subjects,
            "serverTime": format_time(request.now),
            "calendarPath": calendar_path(request.api_key),
            "tests": sorted(tests, key=lambda test: (test["closesAt"], test["subjectName"], test["testId"])),
        },
    )


def _published(student: Student, now: datetime) -> list[Work]:
    """The tests of the student's subjects. Nothing has been found yet."""
    reads = [partial(MEMORY.get_json, BUCKET, index_key(subject)) for subject in student.subjects]
    works = []
    for index in in_parallel(reads):
        for entry in published_tests(index):
            deadline = own_deadline(entry, index["subjectName"], student.deadlines)
            works.append(Work(index, entry, now <= accepted_until(entry, deadline), {}))
    return works


def _look(student: Student, works: list[Work]) -> None:
    """Find what is needed of each work, in rounds of parallel reads that depend on what the earlier ones have found."""
    while wanted := [
        (work, read)
        for work in works
        for read in next_reads(work.found, accepted=work.accepted, resubmits=work.entry["attempts"] == "last")
    ]:
        results = in_parallel([partial(_read, student, work, read) for work, read in wanted])
        for (work, read), result in zip(wanted, results, strict=True):
            work.found[read] = result


def _read(student: Student, work: Work, read: Read) -> Any:
    subject, test = work.index["subjectName"], work.entry["testId"]
    match read:
        case "score":
            return stored_score(BUCKET, subject, test, student.id)
        case "receipt":
            return BUCKET.receipt(answers_key(subject, student.id, test))
        case "newest":
            return max(stored_attempts(BUCKET, subject, student.id, test), default=1)
        case "newest receipt":
            return BUCKET.receipt(answers_key(subject, student.id, test, work.found["newest"]))


def _standing(student: Student, work: Work, now: datetime) -> Standing:
    first = work.found.get("receipt")
    return standing(
        work.index,
        work.entry,
        student,
        now,
        attempts=0 if first is None else work.found.get("newest", 1),
        receipt=Receipt.from_tag(work.found.get("newest receipt", first)),
        score=work.found.get("score"),
    )
