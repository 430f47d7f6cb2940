"""`POST /v1/tests`: the tests of a subject that are open now and that the student has not submitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict

from common.api.enrolment import require_enrolment
from common.api.http import Request, Response, json_response, lambda_handler_for
from common.index import published_tests
from common.parallel import in_parallel
from common.settings import data_bucket
from common.shared.deadlines import accepted_until, format_time, own_deadline
from common.shared.object_keys import answers_prefix, attempt_of, index_key

if TYPE_CHECKING:
    from common.shared.documents import IndexEntry

BUCKET = data_bucket()


class ListedTest(TypedDict):
    """An open test in the answer to `POST /v1/tests`. `closesAt`: the student's own deadline."""

    testId: str
    title: str
    questionCount: int
    closesAt: str


@lambda_handler_for
def lambda_handler(request: Request) -> Response:
    """Body `studentId`, `subjectName`. Answers 200 with `{"studentId","subjectName","tests":[...]}`."""
    body = request.json_body("studentId", "subjectName", ids=("studentId", "subjectName"))
    student, subject = request.student, body["subjectName"]
    require_enrolment(student, subject)
    reads: list[Callable[[], Any]] = [
        lambda: BUCKET.get_json(index_key(subject)),
        lambda: list(BUCKET.keys(answers_prefix(subject, student.id))),
    ]
    index, answers = in_parallel(reads)
    submitted = {attempt_of(key)[0] for key in answers}
    tests = []
    for entry in published_tests(index):
        deadline = own_deadline(entry, subject, student.deadlines)
        if request.now <= accepted_until(entry, deadline) and entry["testId"] not in submitted:
            tests.append(_listed(entry, format_time(deadline)))
    return json_response(200, {"studentId": student.id, "subjectName": subject, "tests": tests})


def _listed(entry: IndexEntry, closes_at: str) -> ListedTest:
    return {
        "testId": entry["testId"],
        "title": entry["title"],
        "questionCount": entry["questionCount"],
        "closesAt": closes_at,
    }
