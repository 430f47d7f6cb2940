"""`POST /v1/tests`: the tests of a subject that are open now and that the student has not submitted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypedDict

from common.api.enrolment import require_enrolment
from common.api.http import Request, Response, json_response, lambda_handler_for
from common.api.memory import Memory
from common.index import published_tests
from common.parallel import MAX_PARALLEL, in_parallel
from common.settings import data_bucket
from common.shared.deadlines import accepted_until, format_time, is_announced, own_deadline
from common.shared.object_keys import answers_key, index_key

if TYPE_CHECKING:
    from common.shared.documents import IndexEntry

BUCKET = data_bucket(max_connections=MAX_PARALLEL)
MEMORY = Memory()


class ListedTest(TypedDict):
    """An open test in the answer to `POST /v1/tests`. `closesAt`: the student's own deadline."""

    testId: str
    title: str
    questionCount: int
    closesAt: str


@lambda_handler_for
def lambda_handler(request: Request) -> Response:
    """Body `studentId`, `subjectName`. Answers 200 with `{"studentId","subjectName","tests":[...]}`."""
    return MEMORY.answer(request, _list)


def _list(request: Request) -> Response:
    body = request.json_body("studentId", "subjectName", ids=("studentId", "subjectName"))
    student, subject = request.student, body["subjectName"]
    require_enrolment(student, subject)
    tests = []
    for entry in published_tests(MEMORY.get_json(BUCKET, index_key(subject))):
        deadline = own_deadline(entry, subject, student.deadlines)
        if not is_announced(entry, request.now) and request.now <= accepted_until(entry, deadline):
            tests.append(_listed(entry, format_time(deadline)))
    receipts = in_parallel(
        [partial(BUCKET.receipt, answers_key(subject, student.id, test["testId"])) for test in tests]
    )
    waiting = [test for test, receipt in zip(tests, receipts, strict=True) if receipt is None]
    return json_response(200, {"studentId": student.id, "subjectName": subject, "tests": waiting})


def _listed(entry: IndexEntry, closes_at: str) -> ListedTest:
    return {
        "testId": entry["testId"],
        "title": entry["title"],
        "questionCount": entry["questionCount"],
        "closesAt": closes_at,
    }
