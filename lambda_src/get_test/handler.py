"""`GET /v1/test`: the questions of an open test."""

from __future__ import annotations

from functools import partial

from common.api.enrolment import own_test, own_test_reads
from common.api.http import Request, Response, json_response, lambda_handler_for
from common.api.memory import Memory
from common.api.receipt import MOST_ATTEMPTS, Receipt, already_submitted, closed, too_many_attempts
from common.parallel import in_parallel
from common.settings import data_bucket
from common.shared.object_keys import answers_key
from get_test.presentation import shown_test

BUCKET = data_bucket()
MEMORY = Memory()


@lambda_handler_for
def lambda_handler(request: Request) -> Response:
    """Query `subjectName`, `testId`. Answers 200 with the test as `shown_test` shows it.

    A test that the student has submitted and may not submit again is 409: better now than after
    they have answered every question a second time.
    """
    return MEMORY.answer(request, _show)


def _show(request: Request) -> Response:
    subject, test = request.query_ids("subjectName", "testId")
    student = request.student
    index, questions, tag = in_parallel(
        [
            *own_test_reads(partial(MEMORY.get_json, BUCKET), student, subject, test),
            lambda: BUCKET.receipt(answers_key(subject, student.id, test)),
        ]
    )
    own = own_test(student, subject, test, index, questions, request.now)
    receipt = Receipt.from_tag(tag)
    if request.now > own.accepted_until:
        raise closed(test, own.accepted_until, receipt)
    if receipt and own.entry["attempts"] == "1":
        raise already_submitted(test, receipt)
    last = receipt and Receipt.from_tag(BUCKET.receipt(answers_key(subject, student.id, test, MOST_ATTEMPTS)))
    if last:
        raise too_many_attempts(test, last)
    return json_response(200, shown_test(student.id, own.questions, own.deadline))
