"""`GET /v1/class...`: the class as its trainer sees it. Nobody's answers are read, only who has submitted them."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from class_view.kept import Kept
from class_view.one_student import tests_of
from class_view.overview import counted_tests, subject_names
from class_view.reports import report_page, reports_on, statistics_of
from class_view.roster import Roster, part_of
from class_view.test_results import student_results
from class_view.work import takes_part, work_in
from common.api.compression import takes_gzip
from common.api.errors import ReportNotFound, StudentNotFound, TestNotFound
from common.api.http import Request, Response, json_response, lambda_handler_for
from common.api.memory import Memory
from common.index import published_test
from common.parallel import MAX_PARALLEL, in_parallel
from common.settings import data_bucket, setting
from common.shared.object_keys import index_key

if TYPE_CHECKING:
    from common.shared.documents import Index

BUCKET = data_bucket(max_connections=MAX_PARALLEL)
MEMORY = Memory()
KEPT = Kept()
ROSTER = Roster()
CLASS_NAME = setting("CLASS_NAME")
# How many students the counts of one answer are about: so many that LIST reads a few dozen pages at most.
OVERVIEW_PART = 1000
# How many students an answer lists: each takes a read or two.
RESULTS_PART = 200


@lambda_handler_for
def lambda_handler(request: Request) -> Response:
    """Answers 200, or 304 if the client's `If-None-Match` says that it has the same answer already."""
    return _unless_known(request, MEMORY.answer(request, _ROUTES[request.event["resource"]]))


def _overview(request: Request) -> Response:
    """Query `after` (optional): the `next` of the last answer. `{"className", "tests": [CountedTest], "next"}`.

    In a class of more than OVERVIEW_PART students, each answer is about so many of them, and the client adds up.
    """
    after = request.trainers_query(optional=("after",)).get("after")
    part = part_of(ROSTER.students(BUCKET), after, OVERVIEW_PART)
    indexes = _indexes(subject_names(BUCKET, KEPT, request.now))
    tests = counted_tests(BUCKET, KEPT, ROSTER.tag, part, indexes, request.now)
    return json_response(200, {"className": CLASS_NAME, "tests": tests, "next": part.next})


def _results(request: Request) -> Response:
    """Query `subjectName`, `testId`, `after` (optional, as above). A test, its reports and its students.

    `{"subjectName", "testId", "title", "opensAt", "closesAt", "reports": [Report], "statistics": ReportStatistics or
    null, "students": [StudentResult], "next"}`, with RESULTS_PART students at most.
    """
    query = request.trainers_query("subjectName", "testId", optional=("after",))
    subject, test = query["subjectName"], query["testId"]
    entry = published_test(MEMORY.get_json(BUCKET, index_key(subject)), test)
    if entry is None:
        raise TestNotFound(f"Subject {subject} has no test {test}. GET /v1/class lists all tests.")
    students = [each for each in ROSTER.students(BUCKET) if takes_part(each, subject, entry)]
    part = part_of(students, query.get("after"), RESULTS_PART)
    reports = reports_on(BUCKET, subject, test)
    work = work_in(BUCKET, [subject], part)
    return json_response(
        200,
        {
            "subjectName": subject,
            "testId": test,
            "title": entry["title"],
            "opensAt": entry.get("opensAt"),
            "closesAt": entry["closesAt"],
            "reports": reports,
            "statistics": statistics_of(BUCKET, subject, test, reports),
            "students": student_results(BUCKET, work, part, subject, entry, request.now),
            "next": part.next,
        },
    )


def _student(request: Request) -> Response:
    """Query `studentId`. `{"studentId", "name", "email", "tests": [OwnTestResult]}`."""
    student_id = request.trainers_query("studentId")["studentId"]
    student = next((each for each in ROSTER.students(BUCKET) if each["studentId"] == student_id), None)
    if student is None:
        raise StudentNotFound(f"The class has no student {student_id}. Check the ID in class/students.yml.")
    tests = tests_of(BUCKET, student, _indexes(student["subjects"]), request.now)
    return json_response(
        200, {"studentId": student_id, "name": student["name"], "email": student["email"], "tests": tests}
    )


def _report(request: Request) -> Response:
    """Query `subjectName`, `testId`, `digest`. A report as a page of HTML."""
    query = request.trainers_query("subjectName", "testId", "digest")
    page = report_page(BUCKET, query["subjectName"], query["testId"], query["digest"])
    if page is None:
        raise ReportNotFound("This report is not kept any more. GET /v1/class/results lists those that are.")
    headers = {"Content-Type": "text/html; charset=utf-8", "Vary": "Accept, Accept-Encoding"}
    if takes_gzip(request):
        return Response(200, gzip.compress(page, mtime=0), {**headers, "Content-Encoding": "gzip"})
    return Response(200, page.decode(), headers)


def _indexes(subjects: Iterable[str]) -> list[Index]:
    """The published indexes of these subjects."""
    reads = [partial(MEMORY.get_json, BUCKET, index_key(subject)) for subject in subjects]
    return [index for index in in_parallel(reads) if index]


def _unless_known(request: Request, response: Response) -> Response:
    body = response.body if isinstance(response.body, bytes) else response.body.encode()
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {**response.headers, "ETag": tag}
    if request.header("if-none-match") == tag:
        return Response(304, "", headers)
    return Response(response.status, response.body, headers)


_ROUTES = {
    "/v1/class": _overview,
    "/v1/class/results": _results,
    "/v1/class/student": _student,
    "/v1/class/report": _report,
}
