"""Every refusal of every kind, reached through the API, in one shape."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

import common.api.errors
from common.api.errors import ApiError
from common.api.http import MAX_BODY_BYTES
from common.api.receipt import MOST_ATTEMPTS
from common.shared.object_keys import answers_key
from support.aws_calls import aws_error, in_turn
from support.documents import index_entry
from support.student_api import HANDLERS, OPEN, TRAINER, Api

TEST = {"subjectName": "operating-systems", "testId": "test01"}
UPLOAD = {**TEST, "studentId": "s001", "answers": {"1": "a"}}


def refused(api: Api, error: type[ApiError]) -> dict[str, Any]:
    """The event that this error answers, with the API in the state for it."""
    event = api.event("POST /v1/test", "s001", UPLOAD)
    match error.__name__:
        case "InvalidRequest":
            event["body"] = "{"
        case "Forbidden":
            event["requestContext"]["authorizer"] = None
        case "NotYourStudentId":
            event["body"] = json.dumps({**UPLOAD, "studentId": "s002"})
        case "StudentsOnly":
            event["requestContext"]["authorizer"] = {"role": "trainer"}
        case "TrainerOnly":
            event = api.event("GET /v1/class", "s001")
        case "StudentNotFound":
            event = api.event("GET /v1/class/student", TRAINER, query={"studentId": "nobody"})
        case "ReportNotFound":
            event = api.event("GET /v1/class/report", TRAINER, query={**TEST, "digest": "1a2b"})
        case "NotEnrolled":
            body = {**UPLOAD, "studentId": "s002", "subjectName": "computer-networks"}
            event = api.event("POST /v1/test", "s002", body)
        case "TestNotOpen":
            api.publish("operating-systems", index_entry("test01", opensAt="2026-11-23T21:59:00Z"))
        case "NotYetReleased":
            event = api.event("GET /v1/review", "s001", query=TEST)
        case "NothingSubmitted":
            api.release("test01", "s002")
            api.now = OPEN + timedelta(hours=1)
            event = api.event("GET /v1/review", "s001", query=TEST)
        case "TestNotFound":
            event["body"] = json.dumps({**UPLOAD, "testId": "nothing"})
        case "ImageNotFound":
            event = api.event("GET /v1/image", "s001", query={**TEST, "image": "0123456789abcdef"})
        case "DraftNotFound":
            event = api.event("GET /v1/draft", "s001", query=TEST)
        case "DraftConflict":
            api.save({"1": "b"}, None)
            event = api.event("PUT /v1/draft", "s001", {**TEST, "answers": {"1": "a"}, "version": None})
        case "NewerSubmission":
            api.publish("operating-systems", index_entry("test01", attempts="last"))
            api.upload({"1": "b"})
            event["body"] = json.dumps({**UPLOAD, "replaces": None})
        case "AlreadySubmitted":
            api.upload({"1": "b"})
        case "TooManyAttempts":
            api.publish("operating-systems", index_entry("test01", attempts="last"))
            api.bucket.create_json(answers_key("operating-systems", "s001", "test01", MOST_ATTEMPTS), {}, "R-1 t d")
        case "TestClosed":
            api.now = OPEN + timedelta(hours=1)
        case "CalendarNotFound":
            event = api.event("GET /v1/student", "s001")
            event |= {"resource": "/calendar/{feed}", "pathParameters": {"feed": "x"}}
        case "LinkUsed":
            event = api.event("POST /v1/pick-up", "s001", {"id": "0" * 64})
        case "PayloadTooLarge":
            event["body"] = " " * (MAX_BODY_BYTES + 1)
        case "UnsupportedMediaType":
            event["headers"]["content-type"] = event["multiValueHeaders"]["content-type"][0] = "text/plain"
        case "ApiError":
            api.s3.calls.fault = in_turn("s3:PutObject", aws_error("SlowDown", 503))
    return event


@pytest.mark.parametrize(
    "error",
    [kind for kind in vars(common.api.errors).values() if isinstance(kind, type) and issubclass(kind, ApiError)],
    ids=lambda error: error.__name__,
)
def test_every_error_is_reached_and_has_the_one_shape(api: Api, error: type[ApiError]) -> None:
    event = refused(api, error)
    answer = HANDLERS[f"{event['httpMethod']} {event['resource']}"].lambda_handler(event, None)
    refusal = json.loads(answer["body"])
    assert (answer["statusCode"], refusal["code"]) == (error.status, error.code)
    assert sorted(refusal) == ["code", *(["draft"] if error.__name__ == "DraftConflict" else []), "message"]
    assert len(refusal["message"]) > 20
    assert refusal["message"].endswith(".")
    assert answer["headers"]["Content-Type"] == "application/json; charset=utf-8"
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert answer["isBase64Encoded"] is False
