"""POST /v1/tests: what is open now and not submitted."""

from __future__ import annotations

from datetime import timedelta

from common.index import LONGEST_KEPT
from support.documents import index_entry
from support.student_api import OPEN, Api

BODY = {"studentId": "s001", "subjectName": "operating-systems"}


def listed(api: Api, student_id: str = "s001") -> list[str]:
    status, reply = api.call("POST /v1/tests", student_id, BODY | {"studentId": student_id})
    assert status == 200
    return [test["testId"] for test in reply["tests"]]


def test_an_open_test_is_listed_as_the_contract_says(api: Api) -> None:
    assert api.call("POST /v1/tests", body=BODY) == (
        200,
        {
            "studentId": "s001",
            "subjectName": "operating-systems",
            "tests": [
                {
                    "testId": "test01",
                    "title": "Title of test01",
                    "questionCount": 3,
                    "closesAt": "2026-11-23T22:00:00Z",
                }
            ],
        },
    )


def test_what_the_student_submitted_is_not_listed_to_them_alone(api: Api) -> None:
    api.publish(
        "operating-systems", index_entry("test01"), index_entry("test011"), index_entry("test02", attempts="last")
    )
    api.upload({"1": "a"}, "test01")
    api.upload({"1": "a"}, "test02")
    api.upload({"1": "b"}, "test02")
    assert listed(api) == ["test011"]
    assert listed(api, "s002") == ["test01", "test011", "test02"]


def test_a_closed_test_is_not_listed(api: Api) -> None:
    late = {"untilHours": 24, "credit": 0.8}
    api.publish(
        "operating-systems",
        index_entry("test01"),
        index_entry("test02", graceMinutes=5),
        index_entry("test03", late=late),
    )
    api.now = OPEN + timedelta(minutes=5)
    assert listed(api) == ["test02", "test03"]


def test_an_own_deadline_is_the_one_that_is_shown_and_kept(api: Api) -> None:
    api.enrol("s001", "operating-systems", operating_systems__test01="2026-11-24T22:00:00Z")
    api.now = OPEN + timedelta(hours=12)
    _, reply = api.call("POST /v1/tests", body=BODY)
    assert [test["closesAt"] for test in reply["tests"]] == ["2026-11-24T22:00:00Z"]
    assert listed(api, "s002") == []


def test_only_the_receipts_of_open_tests_are_read_and_nothing_is_listed(api: Api) -> None:
    api.publish(
        "operating-systems",
        *(index_entry(f"test{n:02}", closesAt="2026-11-16T22:00:00Z") for n in range(1, 20)),
        index_entry("test20"),
        index_entry("test21", attempts="last"),
    )
    api.upload({"1": "a"}, "test20")
    event = api.event("POST /v1/tests", "s001", BODY)
    api.s3.calls.made.clear()
    api.send(event)
    receipts = [("s3:GetObjectTagging", f"answers/operating-systems/s001/test{n}.json") for n in (20, 21)]
    assert sorted(api.s3.calls.made) == [("s3:GetObject", "subjects/operating-systems/index.json"), *receipts]
    api.s3.calls.made.clear()
    api.send(event)
    assert sorted(api.s3.calls.made) == receipts


def test_a_test_that_was_just_published_is_listed_within_30_seconds(api: Api) -> None:
    assert listed(api) == ["test01"]
    api.publish("operating-systems", index_entry("test01"), index_entry("test02"))
    api.now += LONGEST_KEPT
    assert listed(api) == ["test01"]
    api.now += timedelta(seconds=1)
    assert listed(api) == ["test01", "test02"]
