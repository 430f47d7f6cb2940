"""`GET /v1/draft`, `PUT /v1/draft`: what a student has begun follows them from device to device."""

from __future__ import annotations

from functools import partial
from typing import Any

from common.api.answers import checked_answers
from common.api.enrolment import open_entry, own_test, own_test_reads, require_enrolment
from common.api.errors import DraftNotFound
from common.api.http import Request, Response, json_response, lambda_handler_for
from common.api.json_text import quoted
from common.api.memory import Memory
from common.api.receipt import closed
from common.parallel import in_parallel
from common.settings import data_bucket
from common.shared.deadlines import format_time
from common.shared.object_keys import draft_key, index_key
from draft.saved import save, shown_draft

BUCKET = data_bucket()
MEMORY = Memory()


@lambda_handler_for
def lambda_handler(request: Request) -> Response:
    """Answers 200 with `{"answers", "version", "savedAt"}`: the stored draft. Receipts are not looked at.

    Once the test is submitted, the draft has no meaning, so nobody has to delete it: it expires.
    """
    return MEMORY.answer(request, _save if request.event["httpMethod"] == "PUT" else _show)


def _show(request: Request) -> Response:
    """Query `subjectName`, `testId`. A draft is shown after the test has closed, too."""
    subject, test = request.query_ids("subjectName", "testId")
    student = request.student
    require_enrolment(student, subject)
    index, stored = in_parallel(
        [
            partial(MEMORY.get_json, BUCKET, index_key(subject)),
            partial(shown_draft, BUCKET, draft_key(subject, student.id, test)),
        ]
    )
    open_entry(subject, test, index, request.now)
    if stored is None:
        raise DraftNotFound(f"You have saved no draft of test {test}. Save one with PUT /v1/draft.")
    return json_response(200, stored)


def _save(request: Request) -> Response:
    """Body `subjectName`, `testId`, `answers`, `version`: the one that the client last saw, at first null."""
    body = request.json_body("subjectName", "testId", "answers", "version", ids=("subjectName", "testId"))
    student, subject, test = request.student, body["subjectName"], body["testId"]
    index, questions = in_parallel(own_test_reads(partial(MEMORY.get_json, BUCKET), student, subject, test))
    own = own_test(student, subject, test, index, questions, request.now)
    if request.now > own.accepted_until:
        raise closed(test, own.accepted_until)
    answers = checked_answers(own.questions, body["answers"], _version_problems(body["version"]), may_be_empty=True)
    key = draft_key(subject, student.id, test)
    return json_response(
        200, save(BUCKET, key, {"answers": answers, "savedAt": format_time(request.now)}, body["version"])
    )


def _version_problems(version: Any) -> list[str]:
    if version is None or isinstance(version, str):
        return []
    return [f"version must be a string, or null if you have seen no draft yet, not {quoted(version)}."]
