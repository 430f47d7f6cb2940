"""Requests full of canaries, with a failure at each call: none is logged, counted or answered to anybody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

import authorizer.handler
from common.errors import StorageError
from common.shared.object_keys import student_key
from support.aws_calls import aws_error
from support.canaries import ALL, ANSWER, KEY, NAME, PERSONAL, WORDS, found_in, misplaced
from support.documents import student_record
from support.events import load_event
from support.student_api import KEYS, Api, deployed

SUBJECT, TEST = "operating-systems", "test01"
SUBMISSION = {"subjectName": SUBJECT, "testId": TEST, "studentId": "s001", "answers": {"1": "a"}}
FAULTS: dict[str, Callable[[], Exception]] = {
    "failing": lambda: aws_error("InternalError", 500, message=WORDS),
    "unforeseen": lambda: KeyError(WORDS),
}
BODIES = [
    json.dumps({**SUBMISSION, "answers": {"1": ANSWER}}),
    json.dumps({**SUBMISSION, "answers": {ANSWER: "a"}}),
    json.dumps({**SUBMISSION, ANSWER: KEY}),
    json.dumps({**SUBMISSION, "testId": f"{ANSWER} {KEY}"}),
    json.dumps(SUBMISSION)[:-1] + ANSWER,
    f"{ANSWER}: {KEY}",
    f'["{ANSWER}"]',
]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    """Student s001 has a canary as name and key."""
    monkeypatch.setitem(KEYS, "s001", f"{KEY}-1")
    api = deployed(monkeypatch)
    api.bucket.put_json(student_key(f"{KEY}-1"), student_record("s001", NAME, [SUBJECT]))
    return api


def requests(api: Api) -> list[dict[str, Any]]:
    """A request to each route, and broken ones."""
    return [
        api.event("POST /v1/tests", "s001", {"studentId": "s001", "subjectName": SUBJECT}),
        api.event("GET /v1/test", "s001", query={"subjectName": SUBJECT, "testId": TEST}),
        api.event("POST /v1/test", "s001", SUBMISSION),
        api.event("GET /v1/student", "s001"),
        *(api.event("POST /v1/test", "s001", body) for body in BODIES),
    ]


def check(api: Api, log: StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    printed = capsys.readouterr()
    assert found_in(log.getvalue() + printed.out + printed.err) == []
    assert misplaced(api.s3.objects) == []


def test_no_request_leaves_a_canary_behind(api: Api, log: StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    statuses = [api.send(event)[0] for event in requests(api)]
    assert statuses == [200, 200, 201, 200, *[400] * len(BODIES)]
    assert log.getvalue().count('"request_id"') == len(BODIES)  # of the others, only API Gateway has an entry
    check(api, log, capsys)


@pytest.mark.parametrize("fault", FAULTS)
def test_no_failure_answers_or_logs_its_words(
    api: Api, log: StringIO, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    for event in requests(api)[:4]:
        for number in range(6):
            fail_at(api, number, FAULTS[fault])
            status, answer = api.send(event)
            assert found_in(answer) in ([], [NAME]) if status < 400 else found_in(answer) == []
    check(api, log, capsys)


@pytest.mark.parametrize("record", [WORDS.encode(), json.dumps({"studentId": WORDS}).encode()])
def test_a_broken_record_is_denied_without_its_words(
    api: Api, log: StringIO, capsys: pytest.CaptureFixture[str], record: bytes
) -> None:
    key = student_key(f"{KEY}-1")
    api.bucket.put(key, record)
    assert found_in(api.authorize("s001")) == []
    del api.s3.objects[key]
    assert "record is broken" in log.getvalue()
    check(api, log, capsys)


def test_the_authorizers_failure_has_no_words_of_s3(
    api: Api, log: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_at(api, 0, FAULTS["failing"])
    event = load_event("api_authorizer_request")
    event["headers"]["X-Api-Key"] = f"{KEY}-1"
    with pytest.raises(StorageError) as raised:
        authorizer.handler.lambda_handler(event, None)
    assert found_in(str(raised.value)) == []
    check(api, log, capsys)


def test_the_search_finds_every_canary() -> None:
    assert set(found_in(f"{WORDS} {PERSONAL}")) == set(ALL)


def fail_at(api: Api, number: int, make: Callable[[], Exception]) -> None:
    """Let a call fail, counted from the next."""
    number += api.s3.calls.count

    def fault(this: int, _name: str, _parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        if this == number:
            raise make()
        return real()

    api.s3.calls.fault = fault
