"""`GET /v1/student`: whose key this is, and where they stand with each test. The only route that shows a score."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from common.api.http import Request, Response, json_response, lambda_handler_for
from common.api.receipt import Receipt
from common.api.student import Student
from common.parallel import MAX_PARALLEL, in_parallel
from common.settings import data_bucket
from common.shared.deadlines import format_time
from common.shared.object_keys import answers_key, answers_prefix, attempt_of, index_key, score_key
from student.states import standing

if TYPE_CHECKING:
    from common.shared.documents import Index

BUCKET = data_bucket(max_connections=MAX_PARALLEL)


@lambda_handler_for
def lambda_handler(request: Request) -> Response:
    """No parameters. Answers 200 with `{"studentId", "name", "subjects", "serverTime", "tests": [...]}`.

    Each test is a `Standing`, the nearest deadline first. Only the authorizer says who the student is.
    There are three rounds of parallel reads: what is published and what was submitted; the scores of what was
    submitted; the receipts of what has no score.
    """
    request.query_ids()
    student = request.student
    indexes, attempts = _published_and_submitted(student)
    scores = _scores(student, list(attempts))
    receipts = _receipts(student, {test: number for test, number in attempts.items() if scores[test] is None})
    tests = [
        standing(
            index,
            entry,
            student,
            request.now,
            attempts=attempts.get((subject, entry["testId"]), 0),
            receipt=receipts.get((subject, entry["testId"])),
            score=scores.get((subject, entry["testId"])),
        )
        for subject, index in indexes.items()
        for entry in index["tests"]
    ]
    return json_response(
        200,
        {
            "studentId": student.id,
            "name": student.name,
            "subjects": student.subjects,
            "serverTime": format_time(request.now),
            "tests": sorted(tests, key=lambda test: (test["closesAt"], test["subjectName"], test["testId"])),
        },
    )


def _scores(student: Student, submitted: list[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    """The score of each `(subject, test)`; None if there is none yet."""
    found = in_parallel([partial(BUCKET.get_json, score_key(*test, student.id)) for test in submitted])
    return dict(zip(submitted, found, strict=True))


def _receipts(student: Student, attempts: dict[tuple[str, str], int]) -> dict[tuple[str, str], Receipt | None]:
    """The receipt of an attempt at each `(subject, test)`."""
    tags = in_parallel(
        [
            partial(BUCKET.receipt, answers_key(subject, student.id, test, number))
            for (subject, test), number in attempts.items()
        ]
    )
    return dict(zip(attempts, map(Receipt.from_tag, tags), strict=True))


def _published_and_submitted(student: Student) -> tuple[dict[str, Index], dict[tuple[str, str], int]]:
    """The index of each of the student's subjects that has one; the newest attempt of each `(subject, test)`."""
    subjects = student.subjects
    reads: list[Callable[[], Any]] = [partial(BUCKET.get_json, index_key(subject)) for subject in subjects]
    reads += [partial(_submitted_keys, answers_prefix(subject, student.id)) for subject in subjects]
    results = in_parallel(reads)
    indexes = {subject: index for subject, index in zip(subjects, results, strict=False) if index is not None}
    newest: dict[tuple[str, str], int] = {}
    for subject, keys in zip(subjects, results[len(subjects) :], strict=True):
        for test, attempt in map(attempt_of, keys):
            newest[subject, test] = max(attempt, newest.get((subject, test), 0))
    return indexes, newest


def _submitted_keys(prefix: str) -> list[str]:
    return list(BUCKET.keys(prefix))
