"""A test that opens later: announced, but nobody sees a question or submits before. The server's clock decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from common.index import LONGEST_KEPT
from support.documents import index_entry
from support.student_api import OPEN, Api

OPENS_AT = "2026-11-23T21:59:00Z"
OPENING = OPEN + timedelta(seconds=50)
TEST = {"subjectName": "operating-systems", "testId": "test01"}


@pytest.fixture
def announced(api: Api) -> Api:
    """The API, with a test that opens in 50 seconds."""
    api.publish("operating-systems", index_entry("test01", opensAt=OPENS_AT))
    return api


def listed(api: Api) -> list[str]:
    body = {"studentId": "s001", "subjectName": "operating-systems"}
    return [test["testId"] for test in api.call("POST /v1/tests", body=body)[1]["tests"]]


def standing(api: Api) -> dict[str, Any]:
    tests = api.call("GET /v1/student")[1]["tests"]
    return next(test for test in tests if test["subjectName"] == "operating-systems")


def test_it_is_not_listed_until_it_opens(announced: Api) -> None:
    announced.now = OPENING - timedelta(microseconds=1)
    assert listed(announced) == []
    announced.now = OPENING
    assert listed(announced) == ["test01"]


def test_its_questions_are_refused_until_it_opens(announced: Api) -> None:
    announced.now = OPENING - timedelta(microseconds=1)
    status, refusal = announced.call("GET /v1/test", query=TEST)
    assert (status, refusal["code"]) == (403, "TestNotOpen")
    assert refusal["message"] == f"Test test01 opens at {OPENS_AT}. Come back then."
    announced.now = OPENING
    assert announced.call("GET /v1/test", query=TEST)[0] == 200


def test_answers_are_refused_until_it_opens(announced: Api) -> None:
    announced.now = OPENING - timedelta(microseconds=1)
    status, refusal = announced.upload({"1": "a"})
    assert (status, refusal["code"]) == (403, "TestNotOpen")
    assert announced.stored() is None
    announced.now = OPENING
    assert announced.upload({"1": "a"})[0] == 201


def test_it_opens_on_time_although_the_index_is_kept_in_memory(announced: Api) -> None:
    announced.now = OPENING - timedelta(seconds=1)
    assert listed(announced) == []
    announced.s3.calls.made.clear()
    announced.now = OPENING
    assert listed(announced) == ["test01"]
    assert ("s3:GetObject", "subjects/operating-systems/index.json") not in announced.s3.calls.made


def test_it_opens_at_once_if_the_trainer_lets_it(announced: Api) -> None:
    assert announced.upload({"1": "a"})[0] == 403
    announced.publish("operating-systems", index_entry("test01"))
    assert announced.upload({"1": "a"})[0] == 201
    announced.now += LONGEST_KEPT
    assert announced.call("GET /v1/test", query=TEST)[1]["code"] == "AlreadySubmitted"


def test_it_is_announced_to_its_students_without_a_question(announced: Api) -> None:
    test = standing(announced)
    assert (test["state"], test["opensAt"], test["closesAt"]) == ("announced", OPENS_AT, "2026-11-23T22:00:00Z")
    assert (test["title"], test["questionCount"]) == ("Title of test01", 3)
    assert "Question 1?" not in str(test)
    announced.now = OPENING
    assert (standing(announced)["state"], standing(announced)["opensAt"]) == ("open", OPENS_AT)


@pytest.mark.parametrize("attempts", ["1", "last"])
def test_what_was_submitted_before_the_opening_was_postponed_stays(api: Api, attempts: str) -> None:
    api.publish("operating-systems", index_entry("test01", attempts=attempts))
    _, receipt = api.upload({"1": "a"})
    api.publish("operating-systems", index_entry("test01", attempts=attempts, opensAt=OPENS_AT))
    api.now += LONGEST_KEPT + timedelta(seconds=1)
    assert api.upload({"1": "b"})[1]["code"] == "TestNotOpen"
    test = standing(api)
    assert (test["state"], test["receiptId"], test["mayResubmit"]) == ("submitted", receipt["receiptId"], False)
    assert api.stored()["receiptId"] == receipt["receiptId"]
    api.now = OPENING
    assert standing(api)["mayResubmit"] == (attempts == "last")


def test_a_student_of_another_subject_is_not_told_when_it_opens(announced: Api) -> None:
    announced.enrol("s002", "computer-networks")
    status, refusal = announced.call("GET /v1/test", "s002", query=TEST)
    assert (status, refusal["code"]) == (403, "NotEnrolled")
    assert OPENS_AT not in refusal["message"]
