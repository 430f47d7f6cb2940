"""Who is not enrolled in a subject does not learn whether there is such a subject."""

from __future__ import annotations

from typing import Any

import pytest

from support.student_api import Api

OTHERS, UNKNOWN = "computer-networks", "computer-nothing"


def ask(api: Api, route: str, subject: str, test: str) -> tuple[int, Any, list[str]]:
    """The answer to s002, who is enrolled in operating-systems only, and the calls that were made for it."""
    fields = {"subjectName": subject, "testId": test}
    query, body = None, None
    if route == "GET /v1/test":
        query = fields
    elif route == "POST /v1/test":
        body = {**fields, "studentId": "s002", "answers": {"1": "a"}}
    else:
        body = {"subjectName": subject, "studentId": "s002"}
    event = api.event(route, "s002", body, query)
    api.s3.calls.made.clear()
    status, reply = api.send(event)
    return status, reply, api.s3.calls.names


@pytest.mark.parametrize("test", ["test01", "nothing"])
@pytest.mark.parametrize("route", ["POST /v1/tests", "GET /v1/test", "POST /v1/test"])
def test_an_unknown_subject_and_one_of_others_get_the_same_answer(api: Api, route: str, test: str) -> None:
    status, refusal, calls = ask(api, route, OTHERS, test)
    assert (status, refusal["code"]) == (403, "NotEnrolled")
    assert "Your subjects: operating-systems." in refusal["message"]
    status_unknown, refusal_unknown, calls_unknown = ask(api, route, UNKNOWN, test)
    same_message = refusal["message"].replace(OTHERS, UNKNOWN)
    assert (status_unknown, refusal_unknown) == (403, {"code": "NotEnrolled", "message": same_message})
    assert calls == calls_unknown == []  # nor does the time that the answer takes tell


def test_an_own_subject_that_is_not_published_has_no_tests(api: Api) -> None:
    api.enrol("s002", "operating-systems", "databases")
    assert ask(api, "POST /v1/tests", "databases", "")[1]["tests"] == []
    for route in ("GET /v1/test", "POST /v1/test"):
        status, refusal, _ = ask(api, route, "databases", "test01")
        assert (status, refusal["code"]) == (404, "TestNotFound")
