"""What the trainer sees of the class."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import class_view.handler
from class_view.overview import LIVE, SETTLED
from class_view.test_results import StudentResult
from common.shared import probe
from common.shared.object_keys import (
    DRAFTS,
    answers_key,
    report_page_key,
    report_prefix,
    report_statistics_key,
    score_key,
    student_key,
)
from support.aws_limits import LIMITS
from support.documents import index_entry
from support.student_api import HANDLERS, KEYS, TRAINER, Api

SUBJECT, TEST = "operating-systems", "test01"


def draft(api: Api, student: str, test: str = TEST, subject: str = SUBJECT) -> None:
    api.bucket.put_json(f"{DRAFTS}{subject}/{student}/{test}.json", {"answers": {}})


def enrol_many(api: Api, count: int) -> list[str]:
    """Students s100, s101, ..., whose IDs S3 sorts otherwise than Python: one ID begins with the whole of another."""
    ids = [name for number in range(count // 2) for name in (f"s{100 + number}", f"s{100 + number}-a")]
    for name in ids:
        KEYS[name] = f"key-of-{name}"
        api.enrol(name, SUBJECT)
    return ids


@pytest.fixture(autouse=True)
def same_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, key in list(KEYS.items()):
        monkeypatch.setitem(KEYS, name, key)


def overview(api: Api, after: str | None = None) -> dict[str, Any]:
    status, answer = api.call("GET /v1/class", TRAINER, query={"after": after} if after else None)
    assert status == 200
    found: dict[str, Any] = answer
    return found


def counts(api: Api, subject: str = SUBJECT, test: str = TEST) -> tuple[int, int, int]:
    [found] = [t for t in overview(api)["tests"] if (t["subjectName"], t["testId"]) == (subject, test)]
    return found["enrolled"], found["begun"], found["submitted"]


def later(api: Api) -> None:
    api.now += LIVE


def test_every_test_is_listed_with_its_deadline_and_its_counts(api: Api) -> None:
    answer = overview(api)
    assert (answer["className"], answer["next"]) == (class_view.handler.CLASS_NAME, None)
    assert answer["tests"] == [
        {
            "subjectName": subject,
            "subjectTitle": title,
            "testId": TEST,
            "title": "Title of test01",
            "questionCount": 3,
            "opensAt": None,
            "closesAt": "2026-11-23T22:00:00Z",
            "lastDeadline": "2026-11-23T22:00:00Z",
            "enrolled": enrolled,
            "begun": 0,
            "submitted": 0,
        }
        for subject, title, enrolled in (
            ("computer-networks", "Computer networks", 1),
            (SUBJECT, "Operating systems", 2),
        )
    ]


def test_a_student_counts_as_begun_by_a_draft_and_as_submitted_by_an_upload(api: Api) -> None:
    draft(api, "s001")
    assert counts(api) == (2, 1, 0)
    assert api.upload({"1": "a"})[0] == 201
    draft(api, "s002")
    later(api)
    assert counts(api) == (2, 1, 1)


def test_attempts_of_one_student_are_one_submission(api: Api) -> None:
    api.publish(SUBJECT, index_entry(TEST, attempts="last"))
    for answer in "ab":
        assert api.upload({"1": answer})[0] == 201
    assert counts(api) == (2, 0, 1)


def test_work_of_who_is_not_in_the_class_or_the_subject_is_not_counted(api: Api) -> None:
    for key in (answers_key(SUBJECT, "gone", TEST), answers_key("computer-networks", "s002", TEST)):
        api.bucket.put_json(key, {})
    assert counts(api) == (2, 0, 0)
    assert counts(api, "computer-networks") == (1, 0, 0)


def test_a_student_who_came_after_the_end_of_a_test_does_not_take_part(api: Api) -> None:
    api.enrol("s002", SUBJECT, since="2026-11-24T10:00:00Z")
    assert counts(api) == (1, 0, 0)


def test_nobody_has_only_begun_once_their_time_is_over(api: Api) -> None:
    draft(api, "s001")
    draft(api, "s002")
    api.enrol("s002", SUBJECT, operating_systems__test01="2026-11-24T22:00:00Z")
    api.publish(SUBJECT, index_entry(TEST, lastDeadline="2026-11-24T22:00:00Z"))
    api.now += timedelta(hours=1)
    assert counts(api) == (2, 1, 0)


def test_a_class_that_has_not_been_published_is_empty(api: Api) -> None:
    api.s3.objects = {key: body for key, body in api.s3.objects.items() if key.startswith("trainers/")}
    assert overview(api)["tests"] == []


def test_a_subject_without_students_is_listed_and_that_of_a_check_is_not(api: Api) -> None:
    for subject in ("algebra", probe.SUBJECT):
        api.publish(subject, index_entry(TEST))
    assert [test["subjectName"] for test in overview(api)["tests"]] == ["algebra", "computer-networks", SUBJECT]
    assert counts(api, "algebra") == (0, 0, 0)


# --- a large class ---


def test_the_parts_of_a_large_class_add_up(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_view.handler, "OVERVIEW_PART", 3)
    ids = ["s001", "s002", *enrol_many(api, 12)]
    for name in ids[::2]:
        api.bucket.put_json(answers_key(SUBJECT, name, TEST), {})
    for name in ids[1::4]:
        draft(api, name)
    parts = [overview(api)]
    while parts[-1]["next"]:
        parts.append(overview(api, parts[-1]["next"]))
    assert len(parts) == 5
    sums = {
        name: sum(test[name] for part in parts for test in part["tests"] if test["subjectName"] == SUBJECT)
        for name in ("enrolled", "begun", "submitted")
    }
    assert sums == {"enrolled": 14, "begun": 4, "submitted": 7}


def test_a_part_reads_no_more_names_than_its_own_and_one_page(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_view.handler, "OVERVIEW_PART", 10)
    for name in enrol_many(api, 200):
        api.bucket.put_json(answers_key(SUBJECT, name, TEST), {})
    api.s3.page_size = 10
    first = overview(api)
    before = api.s3.calls.count
    overview(api, first["next"])
    listed = [name for name in api.s3.calls.names[before:] if name == "s3:ListObjectsV2"]
    # Two pages of the answers; one of each other prefix of the two subjects.
    assert len(listed) <= 2 + 3


def test_the_answer_for_a_part_is_small(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size does not depend on how many students there are."""
    size = len(str(overview(api)))
    enrol_many(api, 50)
    later(api)
    assert len(str(overview(api))) <= size + 10


# --- what a page that asks every few seconds costs ---


def test_an_answer_that_the_client_has_is_not_sent_again(api: Api) -> None:
    event = api.event("GET /v1/class", TRAINER)
    tag = HANDLERS["GET /v1/class"].lambda_handler(event, None)["headers"]["ETag"]
    event["headers"]["If-None-Match"] = tag
    api.now += timedelta(minutes=1)
    answer = HANDLERS["GET /v1/class"].lambda_handler(event, None)
    assert (answer["statusCode"], answer["body"], answer["headers"]["ETag"]) == (304, "", tag)
    assert api.upload({"1": "a"})[0] == 201
    later(api)
    answer = HANDLERS["GET /v1/class"].lambda_handler(event, None)
    assert (answer["statusCode"], answer["headers"]["ETag"] == tag) == (200, False)


def asked_again(api: Api, after: timedelta) -> list[str]:
    """The calls of S3 that a second request makes."""
    overview(api)
    api.now += after
    event = api.event("GET /v1/class", TRAINER)
    before = api.s3.calls.count
    api.send(event)
    return sorted(api.s3.calls.names[before:])


def test_who_asks_again_at_once_costs_one_small_request(api: Api) -> None:
    assert asked_again(api, timedelta(seconds=5)) == ["s3:HeadObject"]


def test_names_are_listed_again_while_a_test_is_open(api: Api) -> None:
    lists = ["s3:ListObjectsV2"] * 4
    assert asked_again(api, timedelta(seconds=15)) == ["s3:HeadObject", *lists]


def test_names_are_rarely_listed_once_all_time_is_over(api: Api) -> None:
    api.now += timedelta(hours=2)
    assert asked_again(api, timedelta(seconds=15)) == ["s3:HeadObject"]
    assert asked_again(api, SETTLED).count("s3:ListObjectsV2") == 5


def test_what_was_accepted_just_before_the_end_is_counted_soon_after_it(api: Api) -> None:
    """An upload that was accepted may take a while to be stored."""
    api.now = datetime(2026, 11, 23, 22, 0, 1, tzinfo=UTC)
    assert counts(api) == (2, 0, 0)
    api.bucket.put_json(answers_key(SUBJECT, "s001", TEST), {})
    later(api)
    assert counts(api) == (2, 0, 1)


def test_a_new_publication_is_seen_within_half_a_minute(api: Api) -> None:
    overview(api)
    api.s3.delete_object(Bucket="data", Key=student_key(KEYS["s002"]))
    api.enrol("s002")
    api.publish("algebra", index_entry(TEST))
    api.now += timedelta(seconds=31)
    assert counts(api) == (1, 0, 0)
    assert counts(api, "algebra") == (0, 0, 0)


# --- one test ---


def results(api: Api, **query: str) -> dict[str, Any]:
    status, answer = api.call("GET /v1/class/results", TRAINER, query={"subjectName": SUBJECT, "testId": TEST, **query})
    assert status == 200
    found: dict[str, Any] = answer
    return found


def by_student(api: Api) -> dict[str, dict[str, Any]]:
    return {student["studentId"]: student for student in results(api)["students"]}


def test_each_students_result_follows_their_work(api: Api) -> None:
    for name in ("s003", "s004"):
        KEYS[name] = f"key-of-{name}"
        api.enrol(name, SUBJECT)
    draft(api, "s002")
    api.upload({"1": "a"}, student_id="s003")
    api.upload({"1": "a"}, student_id="s004")
    api.score(TEST, "s004", 2)
    found = by_student(api)
    assert {name: student["status"] for name, student in found.items()} == {
        "s001": "open",
        "s002": "begun",
        "s003": "submitted",
        "s004": "scored",
    }
    assert found["s001"] == {
        "studentId": "s001",
        "name": "Name of s001",
        "email": "s001@example.org",
        "status": "open",
        "closesAt": "2026-11-23T22:00:00Z",
        "submittedAt": None,
        "points": None,
        "maxPoints": None,
        "late": None,
        "handedIn": None,
    }
    assert found["s003"]["submittedAt"] == "2026-11-23T21:58:10Z"
    assert (found["s004"]["points"], found["s004"]["maxPoints"], found["s004"]["late"]) == (2, 3, False)
    assert found["s004"]["handedIn"] is False


def test_a_score_of_a_draft_that_was_handed_in_is_marked(api: Api) -> None:
    api.score(TEST, "s001", 2, draft={"leftOut": []})
    api.now += timedelta(hours=1)
    found = by_student(api)["s001"]
    assert (found["status"], found["handedIn"]) == ("scored", True)


def test_a_broken_score_hides_neither_the_submission_nor_the_other_students(api: Api) -> None:
    """The next run writes it again."""
    for name in ("s001", "s002"):
        api.upload({"1": "a"}, student_id=name)
        api.score(TEST, name, 2)
    api.s3.objects[score_key(SUBJECT, TEST, "s001")] = b"{"
    assert {name: student["status"] for name, student in by_student(api).items()} == {
        "s001": "submitted",
        "s002": "scored",
    }
    status, answer = api.call("GET /v1/class/student", TRAINER, query={"studentId": "s001"})
    assert (status, answer["tests"][1]["submittedAt"]) == (200, "2026-11-23T21:58:10Z")


def test_a_score_whose_answers_have_expired_is_shown(api: Api) -> None:
    api.upload({"1": "a"})
    api.score(TEST, "s001", 2)
    api.s3.objects.pop(answers_key(SUBJECT, "s001", TEST))
    api.now += timedelta(hours=1)
    assert {name: student["status"] for name, student in by_student(api).items()} == {
        "s001": "scored",
        "s002": "missing",
    }


def test_who_has_handed_in_nothing_is_missing_once_their_own_time_is_over(api: Api) -> None:
    draft(api, "s001")
    api.enrol("s002", SUBJECT, operating_systems__test01="2026-11-24T22:00:00Z")
    api.now += timedelta(hours=1)
    found = by_student(api)
    assert {name: student["status"] for name, student in found.items()} == {"s001": "missing", "s002": "open"}
    assert found["s002"]["closesAt"] == "2026-11-24T22:00:00Z"


def test_the_time_of_the_newest_attempt_is_shown(api: Api) -> None:
    api.publish(SUBJECT, index_entry(TEST, attempts="last"))
    api.upload({"1": "a"})
    api.now += timedelta(minutes=1)
    api.upload({"1": "b"})
    assert by_student(api)["s001"]["submittedAt"] == "2026-11-23T21:59:10Z"


def test_the_results_of_a_large_class_come_in_parts(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_view.handler, "RESULTS_PART", 5)
    ids = ["s001", "s002", *enrol_many(api, 12)]
    for name in ids[::2]:
        api.upload({"1": "a"}, student_id=name)
    parts = [results(api)]
    while parts[-1]["next"]:
        parts.append(results(api, after=parts[-1]["next"]))
    found = {student["studentId"]: student["status"] for part in parts for student in part["students"]}
    assert [len(part["students"]) for part in parts] == [5, 5, 4]
    assert found == {name: "submitted" if name in ids[::2] else "open" for name in ids}


def test_an_answer_stays_below_what_lambda_may_return(api: Api) -> None:
    """The longest names and addresses, and a report on a hundred long questions."""
    student = dict.fromkeys(StudentResult.__annotations__, "2026-11-23T22:00:00Z") | {"name": "\u017b" * 200}
    student |= {"email": "e" * 254, "studentId": "s" * 64}
    question = {"text": "\u017b" * 4000, "correction": "c" * 1000, "number": "100"}
    sizes = class_view.handler.RESULTS_PART * len(json.dumps(student)) + 100 * len(json.dumps(question))
    assert sizes < LIMITS["lambda:payload bytes"].value


STATISTICS = {"asOf": "2026-11-23T22:00:00Z", "students": 2, "scored": 1, "distribution": [0] * 10, "questions": []}


def test_the_reports_are_listed_the_newest_first_with_its_statistics(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (results(api)["reports"], results(api)["statistics"]) == ([], None)
    for digest, day in (("ffff", 24), ("aaaa", 25)):
        prefix = report_prefix(SUBJECT, TEST, digest)
        api.bucket.put(report_page_key(prefix), b"<p>A report</p>", "text/html")
        api.bucket.put_json(report_statistics_key(prefix), {**STATISTICS, "scored": day})
        api.s3.written[report_page_key(prefix)] = datetime(2026, 11, day, tzinfo=UTC)
    answer = results(api)
    assert answer["reports"] == [
        {"digest": "aaaa", "writtenAt": "2026-11-25T00:00:00Z"},
        {"digest": "ffff", "writtenAt": "2026-11-24T00:00:00Z"},
    ]
    assert answer["statistics"]["scored"] == 25


def test_a_report_of_an_earlier_version_has_no_statistics(api: Api) -> None:
    api.bucket.put(report_page_key(report_prefix(SUBJECT, TEST, "1a2b")), b"<p>A report</p>", "text/html")
    answer = results(api)
    assert (len(answer["reports"]), answer["statistics"]) == (1, None)


def test_a_report_is_sent_without_styles_and_compressed_for_a_browser(api: Api) -> None:
    page = "<p>\u017b\u00f3\u0142w</p>"
    kept = page.replace("<p>", '<style>\np { color: red }</style><p style="margin:0">')
    api.bucket.put(report_page_key(report_prefix(SUBJECT, TEST, "1a2b")), kept.encode(), "text/html")
    event = api.event("GET /v1/class/report", TRAINER, query={"subjectName": SUBJECT, "testId": TEST, "digest": "1a2b"})
    event["headers"] = {"Accept": "text/html", "Accept-Encoding": "gzip"}
    event["multiValueHeaders"] = {}
    answer = HANDLERS["GET /v1/class/report"].lambda_handler(event, None)
    assert (answer["isBase64Encoded"], answer["headers"]["Content-Encoding"]) == (True, "gzip")
    assert gzip.decompress(base64.b64decode(answer["body"])).decode() == page
    event["headers"] = {"Accept": "*/*"}
    answer = HANDLERS["GET /v1/class/report"].lambda_handler(event, None)
    assert (answer["body"], answer["headers"]["Content-Type"]) == (page, "text/html; charset=utf-8")
    assert answer["headers"]["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["subjectName", "testId"])
def test_results_of_what_is_not_published_are_not_found(api: Api, name: str) -> None:
    query = {"subjectName": SUBJECT, "testId": TEST, name: "nothing"}
    status, refusal = api.call("GET /v1/class/results", TRAINER, query=query)
    assert (status, refusal["code"]) == (404, "TestNotFound")


# --- one student ---


def test_a_student_is_shown_with_each_of_their_tests(api: Api) -> None:
    api.upload({"1": "a"})
    status, answer = api.call("GET /v1/class/student", TRAINER, query={"studentId": "s001"})
    assert status == 200
    assert (answer["name"], answer["email"]) == ("Name of s001", "s001@example.org")
    assert [(test["subjectName"], test["testId"], test["status"]) for test in answer["tests"]] == [
        ("computer-networks", TEST, "open"),
        (SUBJECT, TEST, "submitted"),
    ]
    assert answer["tests"][1]["submittedAt"] == "2026-11-23T21:58:10Z"


def test_the_work_of_a_student_whose_id_begins_alike_is_not_shown(api: Api) -> None:
    api.bucket.put_json(answers_key(SUBJECT, "s0011", TEST), {})
    _, answer = api.call("GET /v1/class/student", TRAINER, query={"studentId": "s001"})
    assert {test["status"] for test in answer["tests"]} == {"open"}


# --- requests that are not right ---


@pytest.mark.parametrize("query", [{"after": "../s"}, {"afters": "s001"}, {"studentId": "s001"}])
def test_an_unknown_or_invalid_parameter_is_refused(api: Api, query: dict[str, str]) -> None:
    status, refusal = api.call("GET /v1/class", TRAINER, query=query)
    assert (status, refusal["code"]) == (400, "InvalidRequest")


# --- previews ---


@pytest.mark.parametrize("hours", [-24 * 30, 0, 24 * 30])
def test_a_test_can_be_previewed_at_any_time_in_the_order_in_which_it_was_written(api: Api, hours: int) -> None:
    api.publish(SUBJECT, index_entry(TEST), shuffle=True)
    api.now += timedelta(hours=hours)
    status, test = api.call("GET /v1/class/test", TRAINER, query={"subjectName": SUBJECT, "testId": TEST})
    assert status == 200
    assert [question["number"] for question in test["questions"]] == [1, 2, 3]
    assert [option["id"] for option in test["questions"][0]["options"]] == list("abcd")
    assert test["closesAt"] == "2026-11-23T22:00:00Z"
    assert "correct" not in str(test)


@pytest.mark.parametrize("name", ["subjectName", "testId"])
def test_a_preview_of_what_is_not_published_is_not_found(api: Api, name: str) -> None:
    query = {"subjectName": SUBJECT, "testId": TEST, name: "nothing"}
    status, refusal = api.call("GET /v1/class/test", TRAINER, query=query)
    assert (status, refusal["code"]) == (404, "TestNotFound")
