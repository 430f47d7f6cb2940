"""`POST /v1/test`: take a student's answers, store them, give a receipt."""

from __future__ import annotations

from typing import Any

from common.api.enrolment import entry_of, require_enrolled
from common.api.http import Request, Response, json_response, lambda_handler_for
from common.api.receipt import Receipt, closed, digest
from common.errors import InvalidRequest, TestNotFound
from common.parallel import in_parallel
from common.settings import data_bucket
from common.shared.deadlines import accepted_until, on_time_until, own_deadline, parse_time
from common.shared.object_keys import index_key, questions_key
from common.telemetry import count
from upload_test.answers import checked_answers
from upload_test.submission import Attempts

BUCKET = data_bucket()


@lambda_handler_for
def lambda_handler(request: Request) -> Response:
    """Body `subjectName`, `testId`, `studentId`, `answers`.

    Answers 201 with `{"message", "receiptId", "submittedAt", "late"}`; 200 with the first receipt
    when the same answers come again, even after the deadline: a reply may have been lost on the way.
    """
    body = request.json_body(
        "subjectName", "testId", "studentId", "answers", ids=("subjectName", "testId", "studentId")
    )
    student, subject, test = request.student, body["subjectName"], body["testId"]
    index, questions = in_parallel(
        [
            lambda: BUCKET.get_json(index_key(subject)),
            lambda: BUCKET.get_json(questions_key(subject, test)),
        ]
    )
    require_enrolled(student, subject, index)
    entry = entry_of(index, test)
    if questions is None:
        raise TestNotFound(f"Test {test} is being published. Try again in a minute.")
    deadline = own_deadline(entry, subject, student.deadlines)
    attempts = Attempts(BUCKET, subject, student.id, test, resubmits=entry["attempts"] == "last")

    if request.now > accepted_until(entry, deadline):
        receipt = attempts.latest()
        if receipt is None or not _are_the_same(questions, body["answers"], request.api_key, receipt):
            raise closed(test, accepted_until(entry, deadline), receipt)
        stored_now = False
    else:
        answers = checked_answers(questions, body["answers"])
        new = Receipt.new(request.now, digest(answers, request.api_key))
        receipt = attempts.store(answers, new)
        stored_now = receipt == new
    if stored_now:
        count("Submissions")
    return json_response(
        201 if stored_now else 200,
        {
            "message": f"Test {test} uploaded with success",
            "receiptId": receipt.id,
            "submittedAt": receipt.submitted_at,
            "late": parse_time(receipt.submitted_at) > on_time_until(entry, deadline),
        },
    )


def _are_the_same(questions: dict[str, Any], answers: Any, api_key: str, receipt: Receipt) -> bool:
    try:
        return digest(checked_answers(questions, answers), api_key) == receipt.digest
    except InvalidRequest:
        return False
