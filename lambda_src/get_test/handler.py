"""`GET /v1/test`: the questions of an open test. `GET /v1/class/test`: those of any test, for the trainer."""

from __future__ import annotations

from functools import partial

from common.api.enrolment import own_test, own_test_reads, whole_test
from common.api.http import Request, Response, json_response, lambda_handler_for
from common.api.memory import Memory
from common.api.receipt import MOST_ATTEMPTS, Receipt, already_submitted, closed, too_many_attempts
from common.api.roles import is_for_trainer
from common.parallel import in_parallel
from common.settings import data_bucket
from common.shared.object_keys import answers_key, index_key, questions_key
from get_test.presentation import previewed_test, shown_test

BUCKET = data_bucket()
MEMORY = Memory()


@lambda_handler_for
def lambda_handler(request: Request) -> Response:
    """Query `subjectName`, `testId`. Answers 200 with the test as `shown_test` shows it.

    A test that the student has submitted and may not submit again is 409: better now than after
    they have answered every question a second time.
    The trainer sees every test, whether it is open or not.
    """
    return MEMORY.answer(request, _preview if is_for_trainer(request.event["resource"]) else _show)


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


def _preview(request: Request) -> Response:
    query = request.trainers_query("subjectName", "testId")
    subject, test = query["subjectName"], query["testId"]
    keys = [index_key(subject), questions_key(subject, test)]
    index, questions = in_parallel([partial(MEMORY.get_json, BUCKET, key) for key in keys])
    return json_response(200, previewed_test(*whole_test(subject, test, index, questions)))
