"""Who is let in, and what the functions are told of them."""

from __future__ import annotations

import fnmatch
import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

import authorizer.handler
from common.api.student import Student
from common.errors import StorageError
from common.shared.deadlines import format_time, parse_time
from common.shared.object_keys import student_key, trainer_key
from support.aws_calls import aws_error, in_turn
from support.aws_limits import LIMITS
from support.events import load_event
from support.student_api import KEYS, TRAINER, Api

ROUTES = ["GET/v1/test", "POST/v1/test", "POST/v1/tests", "GET/v1/student", "GET/v1/class", "GET/v1/class/test"]
STAGE = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/api"


def authorize(headers: Any, method_arn: str = f"{STAGE}/GET/v1/test") -> dict[str, Any]:
    event = load_event("api_authorizer_request")
    event["methodArn"] = method_arn
    event["headers"] = headers
    answer: dict[str, Any] = authorizer.handler.lambda_handler(event, None)
    return answer


def statement(answer: dict[str, Any]) -> Any:
    (only,) = answer["policyDocument"]["Statement"]
    return only


def test_a_student_on_the_list_is_let_in_and_known_to_the_functions(api: Api) -> None:
    answer = api.authorize("s001")
    assert statement(answer)["Effect"] == "Allow"
    assert answer["principalId"] == "s001"
    assert answer["context"] == {
        "role": "student",
        "studentId": "s001",
        "name": '"Name of s001"',
        "subjects": '["operating-systems", "computer-networks"]',
        "deadlines": "{}",
    }


def test_the_trainer_is_let_in_and_is_no_student(api: Api) -> None:
    answer = api.authorize(TRAINER)
    assert statement(answer)["Effect"] == "Allow"
    assert (answer["principalId"], answer["context"]) == ("trainer", {"role": "trainer"})


def test_a_students_request_costs_no_read_more_because_there_is_a_trainer(api: Api) -> None:
    before = api.s3.calls.count
    api.authorize("s001")
    assert api.s3.calls.count == before + 1
    api.authorize(TRAINER)
    assert api.s3.calls.count == before + 3


@pytest.mark.parametrize("record", [b"not JSON", b"[]", b"{}", b'{"role": "student"}'])
def test_a_broken_record_of_the_trainer_lets_nobody_in(api: Api, record: bytes, log: StringIO) -> None:
    api.bucket.put(trainer_key(KEYS[TRAINER]), record)
    assert statement(api.authorize(TRAINER))["Effect"] == "Deny"
    assert "record is broken" in log.getvalue()


def test_a_student_whose_record_is_broken_does_not_become_the_trainer(api: Api, log: StringIO) -> None:
    api.bucket.put_json(trainer_key(KEYS["s001"]), {"role": "trainer"})
    assert api.authorize("s001")["context"]["role"] == "student"
    api.bucket.put(student_key(KEYS["s001"]), b"not JSON")
    assert statement(api.authorize("s001"))["Effect"] == "Deny"


@pytest.mark.parametrize("name", ["x-api-key", "X-Api-Key", "X-API-KEY"])
def test_the_headers_case_is_the_clients(api: Api, name: str) -> None:
    assert statement(authorize({name: KEYS["s001"]}))["Effect"] == "Allow"


@pytest.mark.parametrize("headers", [None, {}, {"x-api-key": ""}, {"authorization": "key"}])
def test_no_key_is_unauthorized(api: Api, headers: Any) -> None:
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        authorize(headers)


@pytest.mark.parametrize("key", ["wrong", "../roster", "\ud800", "s001"])
def test_an_unknown_key_is_denied(api: Api, key: str) -> None:
    answer = authorize({"x-api-key": key})
    assert statement(answer)["Effect"] == "Deny"
    assert answer["context"] == {}


def test_a_removed_student_is_denied(api: Api) -> None:
    api.s3.delete_object(Bucket="data", Key=student_key(KEYS["s001"]))
    assert statement(api.authorize("s001"))["Effect"] == "Deny"


@pytest.mark.parametrize("arrived_by", [*ROUTES, "GET/v1/x/../\u00e9%2F*?", "GET/"])
def test_an_answer_remembered_for_one_route_covers_all_of_them(api: Api, arrived_by: str) -> None:
    resource = statement(authorize({"x-api-key": KEYS["s001"]}, f"{STAGE}/{arrived_by}"))["Resource"]
    assert all(fnmatch.fnmatchcase(f"{STAGE}/{route}", resource) for route in ROUTES)
    assert not fnmatch.fnmatchcase(f"{STAGE}2/GET/v1/test", resource)


@pytest.mark.parametrize(
    "record",
    [
        b"not JSON",
        b"[]",
        b"{}",
        b'{"studentId": "s/1", "name": "A", "subjects": []}',
        b'{"studentId": "s001", "name": null, "subjects": []}',
        b'{"studentId": "s001", "name": "A", "subjects": "os"}',
        b'{"studentId": "s001", "name": "A", "subjects": ["o s"]}',
        b'{"studentId": "s001", "name": "A", "subjects": [], "deadlines": []}',
        b'{"studentId": "s001", "name": "A", "subjects": [], "deadlines": {"os/t": 5}}',
        b'{"studentId": "s001", "name": "A", "subjects": [], "deadlines": {"os/t": "soon"}}',
    ],
)
def test_a_broken_record_lets_nobody_in_and_is_logged(api: Api, record: bytes, log: StringIO) -> None:
    api.bucket.put(student_key(KEYS["s001"]), record)
    assert statement(api.authorize("s001"))["Effect"] == "Deny"
    assert "record is broken" in log.getvalue()


def test_s3s_failure_is_no_denial(api: Api) -> None:
    """API Gateway would remember a denial for the whole time to live."""
    api.s3.calls.fault = in_turn("s3:GetObject", aws_error("InternalError", 500))
    with pytest.raises(StorageError):
        api.authorize("s001")


def test_more_deadlines_than_api_gateway_takes_lose_the_oldest() -> None:
    first = parse_time("2026-01-05T22:00:00Z")
    every = {f"operating-systems/test{n:03}": format_time(first + timedelta(days=n)) for n in range(500)}
    context = Student("s001", "\U0001f422" * 200, ("operating-systems",), every).to_context()
    kept = json.loads(context["deadlines"])
    assert len(json.dumps(context)) <= LIMITS["apigateway:context bytes"].value
    assert list(kept) == [f"operating-systems/test{n:03}" for n in range(499, 499 - len(kept), -1)]
    assert len(kept) > 50


def test_the_functions_read_what_the_authorizer_wrote() -> None:
    student = Student("s001", "\u017b\u00f3\u0142w \U0001f422", ("a", "b"), {"a/t": "2026-11-23T22:00:00Z"})
    context = student.to_context()
    assert Student.from_context(context) == student
    # API Gateway does not say how it passes on anything else.
    assert "".join(context.values()).isascii()
