"""`POST /v1/test`: accept a student's answers, store them, return a receipt."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from common.api.answers import checked_answers
from common.api.enrolment import own_test, own_test_reads
from common.api.errors import InvalidRequest
from common.api.http import Request, Response, json_response, lambda_handler_for
from common.api.json_text import quoted
from common.api.memory import Memory
from common.api.receipt import Receipt, closed, digest, has_answers, place_digits
from common.parallel import in_parallel
from common.settings import data_bucket
from common.shared.deadlines import parse_time
from common.telemetry import count
from upload_test.submission import ANY_RECEIPT, Attempts

if TYPE_CHECKING:
    from common.shared.documents import Questions

BUCKET = data_bucket()
MEMORY = Memory()


@lambda_handler_for
def lambda_handler(request: Request) -> Response:
    """Body `subjectName`, `testId`, `studentId`, `answers`; optionally `replaces`, the last receipt the client knows.

    Answers 201 with `{"message", "receiptId", "submittedAt", "late"}`; 200 with the first receipt
    if the same answers come again, even after the deadline: the first reply may have been lost.
    """
    return MEMORY.answer(request, _upload)


def _upload(request: Request) -> Response:
    ids = ("subjectName", "testId", "studentId")
    body = request.json_body(*ids, "answers", ids=ids, optional=("replaces",))
    student, subject, test = request.student, body["subjectName"], body["testId"]
    reads = own_test_reads(partial(MEMORY.get_json, BUCKET), student, subject, test)
    index, questions = in_parallel(reads)
    own = own_test(student, subject, test, index, questions, request.now)
    resubmits = own.entry["attempts"] == "last"
    attempts = Attempts(BUCKET, subject, student.id, test, resubmits, body.get("replaces", ANY_RECEIPT))

    if request.now > own.accepted_until:
        receipt = attempts.latest()
        if receipt is None or not _are_the_same(own.questions, body["answers"], request, receipt):
            raise closed(test, own.accepted_until, receipt)
        stored_now = False
    else:
        answers = checked_answers(own.questions, body["answers"], _replaces_problems(body.get("replaces")))
        new = Receipt.new(request.now, place_digits(subject, student.id, test), digest(answers, request.receipt_key))
        receipt = attempts.store(answers, new, partial(has_answers, answers=answers, request=request))
        stored_now = receipt == new
    if stored_now:
        count("Submissions")
    return json_response(
        201 if stored_now else 200,
        {
            "message": f"Test {test} uploaded with success",
            "receiptId": receipt.id,
            "submittedAt": receipt.submitted_at,
            "late": parse_time(receipt.submitted_at) > own.on_time_until,
        },
    )


def _replaces_problems(replaces: Any) -> list[str]:
    if replaces is None or isinstance(replaces, str):
        return []
    return [f"replaces must be the ID of a receipt, or null if you know of none, not {quoted(replaces)}."]


def _are_the_same(questions: Questions, answers: Any, request: Request, receipt: Receipt) -> bool:
    try:
        return has_answers(receipt, checked_answers(questions, answers), request)
    except InvalidRequest:
        return False
