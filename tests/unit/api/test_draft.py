"""GET and PUT /v1/draft: what is begun on one device continues on another, and none overwrites what it has not seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.api.http import MAX_BODY_BYTES
from common.shared.object_keys import draft_key
from support.aws_calls import aws_error, in_turn
from support.documents import index_entry
from support.student_api import Api

KEY = draft_key("operating-systems", "s001", "test01")
ANSWERS = {"1": "a", "2": ["b", "c"]}
OTHERS = {"1": "b"}
CLOSES = datetime(2026, 11, 23, 22, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_draft_that_is_saved_is_found_on_another_device(api: Api) -> None:
    status, saved = api.save({"2": ["c", "b"], "1": "a"}, None)
    assert (status, saved) == (
        200,
        {"answers": ANSWERS, "version": saved["version"], "savedAt": "2026-11-23T21:58:10Z"},
    )
    assert api.draft() == (200, saved)
    assert api.bucket.get_json(KEY) == {"answers": ANSWERS, "savedAt": "2026-11-23T21:58:10Z"}
    assert api.draft(student_id="s002")[1]["code"] == "DraftNotFound"


def test_each_save_follows_the_version_before_it(api: Api) -> None:
    version, versions = None, []
    for answers in ({}, OTHERS, ANSWERS, {}):
        api.now += SECOND
        status, saved = api.save(answers, version)
        assert (status, saved["answers"]) == (200, answers)
        version = saved["version"]
        versions.append(version)
    assert len(set(versions)) == 4
    assert api.draft() == (200, saved)


@pytest.mark.parametrize("stale", [None, "first", "of another draft"])
def test_whoever_has_not_seen_the_stored_draft_gets_it_and_overwrites_nothing(api: Api, stale: str | None) -> None:
    _, first = api.save({"3": "d"}, None)
    _, stored = api.save(OTHERS, first["version"])
    status, refusal = api.save(ANSWERS, first["version"] if stale == "first" else stale)
    assert (status, refusal["code"], refusal["draft"]) == (409, "DraftConflict", stored)
    assert stored["savedAt"] in refusal["message"]
    assert api.draft() == (200, stored)
    # The student has chosen.
    assert api.save(ANSWERS, refusal["draft"]["version"])[0] == 200


@pytest.mark.parametrize("first_save", [True, False])
def test_of_two_saves_at_once_one_wins_and_the_other_gets_its_draft(api: Api, first_save: bool) -> None:
    version = None if first_save else api.save({"3": "d"}, None)[1]["version"]
    later: list[tuple[int, Any]] = []

    def overtaken(write: Callable[[], Any]) -> Any:
        later.append(api.save(OTHERS, version))
        return write()

    event = api.event("PUT /v1/draft", "s001", _body(ANSWERS, version))
    api.s3.calls.fault = in_turn("s3:PutObject", overtaken)
    status, refusal = api.send(event)
    [(won, stored)] = later
    assert (won, status, refusal["code"], refusal["draft"]) == (200, 409, "DraftConflict", stored)
    assert api.draft() == (200, stored)


def test_of_many_saves_at_once_exactly_one_wins(api: Api) -> None:
    version = api.save({}, None)[1]["version"]
    every = [{"1": option, "3": other} for option in "abcd" for other in "abcd"]
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda answers: api.save(answers, version), every))
    _, stored = api.draft()
    assert sorted(status for status, _ in replies) == [200] + [409] * 15
    for answers, (status, reply) in zip(every, replies, strict=True):
        assert (reply if status == 200 else reply["draft"]) == stored
        assert (answers == stored["answers"]) == (status == 200)


def test_the_same_draft_sent_again_is_the_same_version_and_costs_no_write(api: Api) -> None:
    _, first = api.save(ANSWERS, None)
    api.now += timedelta(minutes=1)
    assert api.save(ANSWERS, None) == (200, first)
    assert api.s3.calls.names.count("s3:PutObject") - _writes_of_the_class(api) == 1


def _writes_of_the_class(api: Api) -> int:
    return sum(name == "s3:PutObject" and not key.startswith("drafts/") for name, key in api.s3.calls.made)


def test_a_write_whose_reply_the_sdk_lost_is_acknowledged_as_its_own(api: Api) -> None:
    def lost(write: Callable[[], Any]) -> Any:
        write()
        raise aws_error("PreconditionFailed", 412)

    version = api.save(OTHERS, None)[1]["version"]
    event = api.event("PUT /v1/draft", "s001", _body(ANSWERS, version))
    api.s3.calls.fault = in_turn("s3:PutObject", lost)
    status, saved = api.send(event)
    assert (status, saved["answers"]) == (200, ANSWERS)
    assert api.draft() == (200, saved)


def test_an_undecided_write_is_tried_again(api: Api) -> None:
    event = api.event("PUT /v1/draft", "s001", _body(ANSWERS, None))
    api.s3.calls.fault = in_turn("s3:PutObject", *[aws_error("ConditionalRequestConflict", 409)] * 4)
    assert api.send(event)[0] == 200


@pytest.mark.parametrize(
    "faults",
    [[aws_error("SlowDown", 503)], [aws_error("ConditionalRequestConflict", 409)] * 5],
    ids=["down", "undecided"],
)
def test_what_s3_did_not_take_is_not_acknowledged(api: Api, faults: list[Any]) -> None:
    event = api.event("PUT /v1/draft", "s001", _body(ANSWERS, None))
    api.s3.calls.fault = in_turn("s3:PutObject", *faults)
    assert api.send(event)[0] == 500
    assert api.draft()[0] == 404


def test_a_draft_that_has_expired_is_saved_anew_whatever_version_was_seen(api: Api) -> None:
    assert api.save(ANSWERS, "0123456789abcdef")[0] == 200


def test_a_draft_is_saved_until_the_students_time_is_over_and_can_be_read_after_it(api: Api) -> None:
    api.publish("operating-systems", index_entry("test01", graceMinutes=5, late={"untilHours": 1, "credit": 0.5}))
    api.now = CLOSES + timedelta(hours=1, minutes=5)
    _, saved = api.save(ANSWERS, None)
    api.now += SECOND
    status, refusal = api.save(OTHERS, saved["version"])
    assert (status, refusal["code"]) == (410, "TestClosed")
    assert api.draft() == (200, saved)


def test_an_extension_is_time_for_a_draft_too(api: Api) -> None:
    api.enrol("s001", "operating-systems", operating_systems__test01="2026-11-24T22:00:00Z")
    api.now = CLOSES + timedelta(hours=24)
    assert api.save(ANSWERS, None)[0] == 200
    assert api.save(ANSWERS, None, student_id="s002")[0] == 410


def test_before_the_test_opens_there_is_no_draft(api: Api) -> None:
    api.publish("operating-systems", index_entry("test01", opensAt="2026-11-23T21:59:00Z"))
    for status, refusal in (api.draft(), api.save(ANSWERS, None)):
        assert (status, refusal["code"]) == (403, "TestNotOpen")


@pytest.mark.parametrize("route", ["GET /v1/draft", "PUT /v1/draft"])
@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [({"subjectName": "computer-networks"}, 403, "NotEnrolled"), ({"testId": "nothing"}, 404, "TestNotFound")],
)
def test_what_is_not_the_students_is_refused(api: Api, route: str, changed: Any, status: int, code: str) -> None:
    body = _body(ANSWERS, None) | changed
    query = {name: body[name] for name in ("subjectName", "testId")}
    answered, refusal = api.call(route, "s002", *([None, query] if route[:3] == "GET" else [body]))
    assert (answered, refusal["code"]) == (status, code)


def test_a_draft_after_the_submission_changes_nothing_that_counts(api: Api) -> None:
    api.upload(ANSWERS)
    stored = api.stored()
    assert api.save(OTHERS, None)[0] == 200
    assert api.stored() == stored


def test_a_draft_of_questions_that_have_changed_is_still_shown(api: Api) -> None:
    api.bucket.put_json(KEY, {"answers": {"9": "z"}, "savedAt": "2026-11-23T21:00:00Z"})
    assert api.draft()[1]["answers"] == {"9": "z"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"answers": {"1": "e", "9": "a"}, "version": 7},
            ["Question 1", 'question "9"', "version must be a string", "7"],
        ),
        ({"answers": None}, ["answers must be an object"]),
        ({"version": ["x"]}, ["version must be a string"]),
        ({"surplus": 1}, ['"surplus" is not expected']),
        ({"subjectName": "../x"}, ["subjectName", "not a valid ID"]),
    ],
)
def test_every_problem_is_named(api: Api, changed: Any, told: list[str]) -> None:
    status, refusal = api.call("PUT /v1/draft", body=_body(ANSWERS, None) | changed)
    assert (status, refusal["code"]) == (400, "InvalidRequest")
    for part in told:
        assert part in refusal["message"]
    assert api.draft()[0] == 404


def test_missing_fields_are_each_named(api: Api) -> None:
    status, refusal = api.call("PUT /v1/draft", body={})
    assert status == 400
    for name in ("subjectName", "testId", "answers", "version"):
        assert f"{name} is missing" in refusal["message"]


def test_bodies_that_are_too_large_or_no_json_are_refused_as_for_an_upload(api: Api) -> None:
    event = api.event("PUT /v1/draft", "s001", " " * (MAX_BODY_BYTES + 1))
    assert api.send(event)[0] == 413
    event = api.event("PUT /v1/draft", "s001", json.dumps(_body(ANSWERS, None)))
    event["headers"]["content-type"] = event["multiValueHeaders"]["content-type"][0] = "text/plain"
    assert api.send(event)[0] == 415


def test_the_function_never_touches_answers(api: Api) -> None:
    api.upload(ANSWERS)
    event, body = api.event("PUT /v1/draft", "s001", _body(OTHERS, None)), len(api.s3.calls.made)
    api.send(event)
    assert {call.key.split("/")[0] for call in api.s3.calls.made[body:]} == {"subjects", "drafts"}


def _body(answers: Any, version: Any) -> dict[str, Any]:
    return {"subjectName": "operating-systems", "testId": "test01", "answers": answers, "version": version}
