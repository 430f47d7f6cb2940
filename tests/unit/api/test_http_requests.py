"""Whatever arrives gets an answer in the one shape, and nothing of it reaches the log."""

from __future__ import annotations

import base64
import json
from io import StringIO
from typing import Any

import pytest

from common.api.http import MAX_BODY_BYTES, Request, Response, lambda_handler_for
from common.shared.object_keys import questions_key
from common.shared.typed_answers import MOST_TEXT_CHARACTERS
from support.aws_calls import aws_error, in_turn
from support.documents import question, questions
from support.student_api import KEYS, OPEN, Api

BODY = {
    "subjectName": "operating-systems",
    "testId": "test01",
    "studentId": "s001",
    "answers": {"1": "a"},
}
ROUTES = ["POST /v1/tests", "GET /v1/test", "POST /v1/test", "GET /v1/student"]


def post(api: Api, body: str | None, **changes: Any) -> tuple[int, Any]:
    return api.send(api.event("POST /v1/test", "s001", body) | changes)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (None, "The body is empty"),
        ("", "The body is empty"),
        (" \n", "The body is empty"),
        ("{", "line 1, column 2"),
        ("\ufeff{}", "not valid JSON"),
        ("[]", "must be a JSON object"),
        ("null", "must be a JSON object"),
        ('"text"', "must be a JSON object"),
        ("1" * 5000, "too long"),
        ('{"answers": NaN}', "NaN is not a JSON value"),
        ('{"answers": -Infinity}', "-Infinity is not a JSON value"),
        ("[" * 30000, "nested too deeply"),
        ('{"a":' * 10000 + "1" + "}" * 10000, "nested too deeply"),
        ('{"testId": "a", "testId": "b"}', 'more than once in the body: "testId"'),
        ('{"answers": {"1": "a", "1": "b"}}', 'more than once in the body: "1"'),
        ('{"answers": {"1": "\\ud800"}}', "half of a surrogate pair"),
        ('{"\\udfff": 1}', "half of a surrogate pair"),
        ('{"answers": "\ud800"}', "not UTF-8"),
        ("{}", "subjectName is missing from the body"),
        (json.dumps(BODY | {"colour": 1}), '"colour" is not expected in the body'),
        (json.dumps(BODY | {"testId": 5}), "testId 5 is not a valid ID"),
        (json.dumps(BODY | {"testId": "a/b"}), 'testId "a/b" is not a valid ID'),
        (json.dumps(BODY | {"testId": "x" * 65}), "is not a valid ID"),
        (json.dumps(BODY | {"subjectName": ["a"]}), "is not a valid ID"),
        (json.dumps(BODY | {"studentId": None}), "studentId null is not a valid ID"),
        (json.dumps(BODY | {"studentId": "\u200fs001"}), "is not a valid ID"),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused_in_words_that_help(api: Api, body: str | None, told: str) -> None:
    status, refusal = post(api, body)
    assert (status, refusal["code"]) == (400, "InvalidRequest")
    assert told in refusal["message"]


def test_everything_wrong_is_told_at_once(api: Api) -> None:
    _, refusal = post(api, '{"testId": "a/b", "x": 1, "studentId": 7}')
    for part in ("subjectName is missing", "answers is missing", '"x" is not expected', "testId", "studentId 7"):
        assert part in refusal["message"]


@pytest.mark.parametrize("base64_encoded", [False, True])
def test_the_size_limit_is_to_the_byte(api: Api, base64_encoded: bool) -> None:
    def sent(size: int) -> int:
        body = json.dumps(BODY).ljust(size)
        if base64_encoded:
            body = base64.b64encode(body.encode()).decode()
        return post(api, body, isBase64Encoded=base64_encoded)[0]

    assert sent(MAX_BODY_BYTES) == 201
    assert sent(MAX_BODY_BYTES + 1) == 413
    assert sent(5_000_000) == 413


def test_the_largest_genuine_submission_is_taken(api: Api) -> None:
    asked = [question(number, "text", "") for number in range(1, 201)]
    api.bucket.put_json(questions_key("operating-systems", "test01"), questions("operating-systems", "test01", asked))
    body = BODY | {"answers": {str(number): "\U0001f642" * MOST_TEXT_CHARACTERS for number in range(1, 201)}}
    assert post(api, json.dumps(body, ensure_ascii=False))[0] == 201


def test_the_size_is_counted_in_bytes(api: Api) -> None:
    assert post(api, '"' + "\u20ac" * (MAX_BODY_BYTES // 2) + '"')[0] == 413


@pytest.mark.parametrize("body", ["???", "\u20ac", base64.b64encode(b"\xff\xfe").decode(), "YQ"])
def test_base64_that_holds_no_text_is_refused(api: Api, body: str) -> None:
    assert post(api, body, isBase64Encoded=True)[0] == 400


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 201),
        ("Application/JSON; charset=UTF-8", 201),
        ('application/json;charset="utf-8"', 201),
        (None, 201),
        ("application/json; charset=latin1", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("", 415),
    ],
)
@pytest.mark.parametrize("name", ["content-type", "Content-Type", "CONTENT-TYPE"])
def test_only_json_is_taken(api: Api, name: str, content_type: str | None, status: int) -> None:
    event = api.event("POST /v1/test", "s001", BODY)
    for headers, value in (("headers", content_type), ("multiValueHeaders", [content_type])):
        del event[headers]["content-type"]
        if content_type is not None:
            event[headers][name] = value
    assert api.send(event)[0] == status


@pytest.mark.parametrize("kept", ["headers", "multiValueHeaders"])
def test_either_form_of_the_headers_is_enough(api: Api, kept: str) -> None:
    event = api.event("POST /v1/test", "s001", BODY)
    for form in {"headers", "multiValueHeaders"} - {kept}:
        event[form] = None
    assert api.send(event)[0] == 201


@pytest.mark.parametrize(
    ("route", "where"),
    [(route, where) for route in ROUTES for where in ("query", "second in the query")]
    + [("POST /v1/tests", "body"), ("POST /v1/test", "body")],
)
def test_another_students_id_is_refused_on_every_route(api: Api, route: str, where: str) -> None:
    event = api.event(route, "s001", BODY if route.startswith("POST") else None)
    if where == "body":
        event["body"] = json.dumps({"studentId": "s002", "surplus": 1})
    else:
        several = ["s001", "s002"] if where == "second in the query" else ["s002"]
        event["queryStringParameters"] = {"studentId": several[0]}
        event["multiValueQueryStringParameters"] = {"studentId": several}
    status, refusal = api.send(event)
    assert (status, refusal["code"]) == (403, "NotYourStudentId")


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("context", [None, {}, {"principalId": "s001"}])
def test_a_request_that_passed_no_authorizer_is_refused(api: Api, route: str, context: Any) -> None:
    event = api.event(route, "s001", BODY)
    event["requestContext"]["authorizer"] = context
    status, refusal = api.send(event)
    assert (status, refusal["code"]) == (403, "Forbidden")


def test_a_parameter_given_twice_is_refused(api: Api) -> None:
    event = api.event("GET /v1/test", "s001", query={"subjectName": "operating-systems", "testId": "test01"})
    event["multiValueQueryStringParameters"]["testId"] = ["test01", "test02"]
    status, refusal = api.send(event)
    assert status == 400
    assert '"testId" appears 2 times' in refusal["message"]


def test_a_null_query_is_an_empty_one(api: Api) -> None:
    status, refusal = api.call("GET /v1/test")
    assert status == 400
    assert "subjectName is missing from the query" in refusal["message"]
    assert "testId is missing from the query" in refusal["message"]


@pytest.mark.parametrize("route", ROUTES)
def test_trouble_with_s3_is_told_without_a_detail(api: Api, route: str) -> None:
    bodies = {"POST /v1/test": BODY, "POST /v1/tests": {name: BODY[name] for name in ("studentId", "subjectName")}}
    query = {name: str(BODY[name]) for name in ("subjectName", "testId")} if route == "GET /v1/test" else None
    event = api.event(route, "s001", bodies.get(route), query)
    api.s3.calls.fault = in_turn("s3:GetObject", *[aws_error("InternalError", 500)] * 9)
    status, refusal = api.send(event)
    assert (status, refusal["code"]) == (500, "InternalError")
    assert "Try again" in refusal["message"]
    assert event["requestContext"]["requestId"] in refusal["message"]
    assert "S3" not in str(refusal)


def test_an_error_nobody_foresaw_is_logged_by_its_place_and_not_its_words(
    log: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    @lambda_handler_for
    def broken(request: Request) -> Response:
        try:
            raise KeyError("ada@example.org answered b")
        except KeyError as error:
            raise RecursionError("key-of-ada") from error

    assert broken({"httpMethod": "GET", "resource": "/"}, None)["statusCode"] == 500
    told = log.getvalue()
    assert "RecursionError" in told
    assert "KeyError" in told
    assert "test_http_requests.py" in told
    assert "ada" not in told
    assert json.loads(capsys.readouterr().out)["InternalErrors"] == [1]


def test_no_name_answer_or_key_is_logged(api: Api, log: StringIO) -> None:
    api.upload({"1": "a", "2": ["d", "c"]})
    api.upload({"1": "WRONG-OPTION"})
    api.call("POST /v1/test", body="{'broken': 'SECRET-TEXT'")
    api.call("GET /v1/student")
    event = api.event("GET /v1/student", "s001")
    api.s3.calls.fault = in_turn("s3:GetObject", *[aws_error("SlowDown", 503)] * 3)
    api.send(event)
    told = log.getvalue()
    # The access log has the requests that were not refused.
    assert told.count('"route"') == 3
    assert "SlowDown" in told
    for personal in ("Name of", "WRONG-OPTION", "SECRET-TEXT", KEYS["s001"], '"d"', "s001"):
        assert personal not in told


def test_headers_keep_browsers_from_guessing_and_keeping(api: Api) -> None:
    @lambda_handler_for
    def page(request: Request) -> Response:
        assert request.now == OPEN
        return Response(200, b"\xff", {"Content-Type": "text/html", "Cache-Control": "no-cache"})

    answer = page(api.event("GET /v1/student", "s001"), None)
    assert answer["headers"] == {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Content-Type": "text/html",
        "Referrer-Policy": "no-referrer",
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
    }
    assert (answer["body"], answer["isBase64Encoded"]) == ("/w==", True)
