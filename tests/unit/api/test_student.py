"""GET /v1/student: whose key it is, and where they stand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

import pytest

import student.handler
from common.api.receipt import MOST_ATTEMPTS
from common.index import LONGEST_KEPT
from common.shared.calendar_secret import calendar_path
from support.documents import index_entry
from support.student_api import KEYS, OPEN, SECRET, Api


def standing(api: Api, student_id: str = "s001", subject: str = "operating-systems") -> dict[str, Any]:
    status, reply = api.call("GET /v1/student", student_id)
    assert status == 200
    return {test["testId"]: test for test in reply["tests"] if test["subjectName"] == subject}


def test_the_key_alone_tells_who_it_is(api: Api) -> None:
    status, reply = api.call("GET /v1/student")
    assert status == 200
    assert reply.pop("tests")
    assert reply == {
        "studentId": "s001",
        "name": "Name of s001",
        "subjects": ["operating-systems", "computer-networks"],
        "serverTime": "2026-11-23T21:58:10Z",
        "calendarPath": calendar_path(KEYS["s001"]),
    }


def test_an_open_test_has_all_a_client_needs(api: Api) -> None:
    assert standing(api)["test01"] == {
        "subjectName": "operating-systems",
        "subjectTitle": "Operating systems",
        "testId": "test01",
        "title": "Title of test01",
        "questionCount": 3,
        "opensAt": None,
        "closesAt": "2026-11-23T22:00:00Z",
        "attempts": "1",
        "state": "open",
        "receiptId": None,
        "submittedAt": None,
        "points": None,
        "maxPoints": None,
        "late": None,
        "handedIn": None,
        "mayResubmit": False,
        "mayReview": False,
        "acceptedUntil": "2026-11-23T22:00:00Z",
        "lateUntil": None,
        "lateCredit": None,
    }


def test_a_submitted_test_has_its_receipt(api: Api) -> None:
    _, receipt = api.upload({"1": "a"})
    test = standing(api)["test01"]
    assert (test["state"], test["receiptId"]) == ("submitted", receipt["receiptId"])
    assert test["submittedAt"] == "2026-11-23T21:58:10Z"
    assert not test["mayResubmit"]
    assert standing(api, "s002")["test01"]["state"] == "open"


def test_the_receipt_is_of_the_newest_attempt(api: Api) -> None:
    api.publish("operating-systems", index_entry("test01", attempts="last"))
    assert standing(api)["test01"]["attempts"] == "last"
    for _, option in zip(range(11), "abcdabcdabcd", strict=False):
        _, newest = api.upload({"1": option})
    test = standing(api)["test01"]
    assert test["receiptId"] == newest["receiptId"]
    assert test["mayResubmit"]
    api.now = OPEN + timedelta(hours=1)
    assert not standing(api)["test01"]["mayResubmit"]


def test_a_test_with_all_the_attempts_it_allows_may_not_be_submitted_again(api: Api) -> None:
    api.publish("operating-systems", index_entry("test01", attempts="last"))
    for n in range(1, MOST_ATTEMPTS + 1):
        assert standing(api)["test01"]["mayResubmit"] == (n > 1)
        api.upload({"1": "ab"[n % 2]})
    assert not standing(api)["test01"]["mayResubmit"]


def test_a_missed_test_is_closed(api: Api) -> None:
    api.now = OPEN + timedelta(hours=1)
    assert standing(api)["test01"]["state"] == "closed"


def test_late_time_is_open_and_says_what_it_costs(api: Api) -> None:
    api.publish("operating-systems", index_entry("test01", graceMinutes=5, late={"untilHours": 24, "credit": 0.8}))
    api.now = OPEN + timedelta(hours=1)
    test = standing(api)["test01"]
    assert test["state"] == "open"
    assert (test["lateUntil"], test["lateCredit"]) == ("2026-11-24T22:05:00Z", 0.8)
    assert test["acceptedUntil"] == "2026-11-24T22:05:00Z"


def test_a_scored_test_shows_points_and_no_right_answer(api: Api) -> None:
    api.upload({"1": "b"})
    api.score("test01", "s001", 1.5)
    api.now += timedelta(hours=1)
    test = standing(api)["test01"]
    assert (test["state"], test["points"], test["maxPoints"]) == ("scored", 1.5, 3)
    assert test["receiptId"] == "R-0000000000000001"
    assert test["handedIn"] is False
    assert SECRET not in str(test)


def test_a_score_says_if_it_is_of_a_draft_that_was_handed_in(api: Api) -> None:
    api.score("test01", "s001", 1.5, draft={"leftOut": []})
    api.now += timedelta(hours=1)
    test = standing(api)["test01"]
    assert (test["state"], test["handedIn"]) == ("scored", True)


def test_a_test_may_be_reviewed_once_it_is_scored_and_nobody_has_time_left(api: Api) -> None:
    """The time of another student, who was given more of it, is in the test's last deadline."""
    api.publish("operating-systems", index_entry("test01", lastDeadline="2026-11-24T22:00:00Z"))
    api.upload({"1": "a"})
    api.now += timedelta(hours=1)
    assert not standing(api)["test01"]["mayReview"]
    api.score("test01", "s001", 1)
    assert not standing(api)["test01"]["mayReview"]
    api.now += timedelta(days=1)
    assert standing(api)["test01"]["mayReview"]
    assert not standing(api, "s002")["test01"]["mayReview"]


def test_a_broken_score_does_not_hide_the_tests(api: Api) -> None:
    """Until the next run writes it again, the work is shown as submitted."""
    api.upload({"1": "a"})
    api.s3.objects[SCORE[1]] = b"{"
    assert standing(api)["test01"]["state"] == "submitted"


def test_another_students_score_is_not_shown(api: Api) -> None:
    api.upload({"1": "b"}, student_id="s002")
    api.upload({"1": "b"})
    api.score("test01", "s002", 3)
    assert standing(api)["test01"]["points"] is None


def test_an_own_deadline_is_the_one_that_is_shown(api: Api) -> None:
    api.enrol("s001", "operating-systems", operating_systems__test01="2026-11-24T22:00:00Z")
    assert standing(api)["test01"]["closesAt"] == "2026-11-24T22:00:00Z"
    assert standing(api, "s002")["test01"]["closesAt"] == "2026-11-23T22:00:00Z"


def test_the_nearest_deadline_comes_first(api: Api) -> None:
    api.publish("operating-systems", index_entry("test02", closesAt="2026-11-30T22:00:00Z"), index_entry("test01"))
    _, reply = api.call("GET /v1/student")
    order = [(test["subjectName"], test["testId"]) for test in reply["tests"]]
    assert order == [("computer-networks", "test01"), ("operating-systems", "test01"), ("operating-systems", "test02")]


def test_a_subject_without_tests_yet_is_no_error(api: Api) -> None:
    api.enrol("s001", "operating-systems", "not-published")
    assert list(standing(api)) == ["test01"]


def test_a_student_of_nothing_yet_is_no_error(api: Api) -> None:
    api.enrol("s001")
    assert api.call("GET /v1/student")[1]["tests"] == []


def test_a_score_of_work_that_was_reopened_is_still_shown(api: Api) -> None:
    api.upload({"1": "b"})
    api.now = OPEN + timedelta(hours=1)
    api.score("test01", "s001", 1.5)
    assert standing(api)["test01"]["state"] == "scored"
    api.enrol("s001", "operating-systems", operating_systems__test01="2026-11-30T22:00:00Z")
    test = standing(api)["test01"]
    assert (test["state"], test["points"], test["closesAt"]) == ("scored", 1.5, "2026-11-30T22:00:00Z")


def test_a_score_is_shown_while_late_work_is_accepted(api: Api) -> None:
    late = {"untilHours": 24, "credit": 0.8}
    api.publish("operating-systems", index_entry("test01", attempts="last", late=late))
    for option in "ab":
        api.upload({"1": option})
    api.score("test01", "s001", 1.5)
    api.now = OPEN + timedelta(hours=1)
    test = standing(api)["test01"]
    assert (test["state"], test["points"], test["mayResubmit"]) == ("scored", 1.5, True)


def test_while_work_is_accepted_the_receipt_is_the_one_that_the_next_upload_replaces(api: Api) -> None:
    """The score may be that of an earlier attempt, or of a draft."""
    api.publish("operating-systems", index_entry("test01", attempts="last", late={"untilHours": 24, "credit": 0.8}))
    for option in "ab":
        api.upload({"1": option})
    api.score("test01", "s001", 1.5)
    api.now = OPEN + timedelta(hours=1)
    for option in "cd":
        known = standing(api)["test01"]["receiptId"]
        status, newest = api.upload({"1": option}, replaces=known)
        assert status == 201
        test = standing(api)["test01"]
        assert (test["receiptId"], test["submittedAt"]) == (newest["receiptId"], newest["submittedAt"])
        assert test["points"] == 1.5
    api.now += timedelta(hours=24)
    assert standing(api)["test01"]["receiptId"] == "R-0000000000000001"


def test_closed_work_without_a_score_has_the_receipt_of_the_newest_attempt(api: Api) -> None:
    api.publish("operating-systems", index_entry("test01", attempts="last"), index_entry("test02"))
    for option in "ab":
        _, newest = api.upload({"1": option})
    _, only = api.upload({"1": "a"}, "test02")
    api.now = OPEN + timedelta(hours=1)
    tests = standing(api)
    assert [tests[test]["state"] for test in ("test01", "test02")] == ["submitted", "submitted"]
    assert [tests[test]["receiptId"] for test in ("test01", "test02")] == [newest["receiptId"], only["receiptId"]]


def test_a_change_is_shown_within_30_seconds(api: Api) -> None:
    assert standing(api)["test01"]["closesAt"] == "2026-11-23T22:00:00Z"
    api.publish("operating-systems", index_entry("test01", closesAt="2026-11-24T22:00:00Z"))
    api.now += LONGEST_KEPT
    assert standing(api)["test01"]["closesAt"] == "2026-11-23T22:00:00Z"
    api.now += timedelta(seconds=1)
    assert standing(api)["test01"]["closesAt"] == "2026-11-24T22:00:00Z"


def rounds(api: Api, patch: pytest.MonkeyPatch) -> list[list[tuple[str, str]]]:
    """The calls of S3 in each round of parallel reads, by a function that has just been used."""
    event = api.event("GET /v1/student", "s001")
    api.send(event)
    made: list[list[tuple[str, str]]] = []

    def in_parallel(calls: list[Any]) -> list[Any]:
        before = api.s3.calls.count
        results = [call() for call in calls]
        made.append(sorted((call.name, call.key) for call in api.s3.calls.made[before:]))
        return results

    with patch.context() as context:
        context.setattr(student.handler, "in_parallel", in_parallel)
        api.send(event)
    return [calls for calls in made if calls]


SCORE = ("s3:GetObject", "scores/operating-systems/test01/s001.json")
FIRST, SECOND = (("s3:GetObjectTagging", f"answers/operating-systems/s001/test01{n}.json") for n in ("", "~2"))
ATTEMPTS = ("s3:ListObjectsV2", "answers/operating-systems/s001/test01")


@pytest.mark.parametrize(
    ("attempts", "submitted", "closed", "scored", "expected"),
    [
        ("1", 0, False, False, [[FIRST]]),
        ("1", 1, False, False, [[FIRST], [SCORE]]),
        ("1", 1, False, True, [[FIRST], [SCORE]]),
        ("1", 0, True, False, [[SCORE], [FIRST]]),
        ("1", 1, True, False, [[SCORE], [FIRST]]),
        ("1", 1, True, True, [[SCORE]]),
        ("last", 0, False, False, [[FIRST]]),
        ("last", 1, False, False, [[FIRST], [SCORE, ATTEMPTS]]),
        ("last", 2, False, False, [[FIRST], [SCORE, ATTEMPTS], [SECOND]]),
        ("last", 2, False, True, [[FIRST], [SCORE, ATTEMPTS], [SECOND]]),
        ("last", 0, True, False, [[SCORE], [FIRST]]),
        ("last", 2, True, False, [[SCORE], [FIRST], [ATTEMPTS], [SECOND]]),
        ("last", 2, True, True, [[SCORE]]),
    ],
)
def test_as_little_as_possible_is_read(
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
    attempts: Literal["1", "last"],
    submitted: int,
    closed: bool,
    scored: bool,
    expected: list[list[tuple[str, str]]],
) -> None:
    api.enrol("s001", "operating-systems")
    api.publish("operating-systems", index_entry("test01", attempts=attempts))
    for option in "ab"[:submitted]:
        assert api.upload({"1": option})[0] == 201
    if scored:
        api.score("test01", "s001", 1)
    api.now += timedelta(hours=closed)
    assert rounds(api, monkeypatch) == expected
