"""`GET /v1/test`: the questions of an open test."""

from __future__ import annotations

from common.api.enrolment import entry_of, require_enrolled
from common.api.http import Request, Response, json_response, lambda_handler_for
from common.api.receipt import Receipt, already_submitted, closed
from common.errors import TestNotFound
from common.parallel import in_parallel
from common.settings import data_bucket
from common.shared.deadlines import accepted_until, format_time, own_deadline
from common.shared.object_keys import answers_key, index_key, questions_key
from get_test.presentation import questions_for

BUCKET = data_bucket()


@lambda_handler_for
def lambda_handler(request: Request) -> Response:
    """Query `subjectName`, `testId`. Answers 200 with the test as `questions_for` shows it.

    A test that the student has submitted and may not submit again is 409: better now than after
    they answered every question a second time.
    """
    subject, test = request.query_ids("subjectName", "testId")
    student = request.student
    index, questions, tag = in_parallel(
        [
            lambda: BUCKET.get_json(index_key(subject)),
            lambda: BUCKET.get_json(questions_key(subject, test)),
            lambda: BUCKET.receipt(answers_key(subject, student.id, test)),
        ]
    )
    require_enrolled(student, subject, index)
    entry = entry_of(index, test)
    if questions is None:
        raise TestNotFound(f"Test {test} is being published. Try again in a minute.")
    deadline = own_deadline(entry, subject, student.deadlines)
    receipt = Receipt.from_tag(tag)
    if request.now > accepted_until(entry, deadline):
        raise closed(test, accepted_until(entry, deadline), receipt)
    if receipt and entry["attempts"] == "1":
        raise already_submitted(test, receipt)
    return json_response(
        200,
        {
            "subjectName": subject,
            "testId": test,
            "title": questions["title"],
            "closesAt": format_time(deadline),
            "questions": questions_for(student.id, questions),
        },
    )
