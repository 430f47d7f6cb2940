"""What a warm function remembers: it saves reads, and nobody is refused because of it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from common.index import LONGEST_KEPT
from common.shared.canonical_json import canonical_json
from common.shared.object_keys import index_key, questions_key
from support.documents import index_entry
from support.student_api import OPEN, Api

SUBJECT = "operating-systems"
ANSWERS = {"1": "a", "2": ["b", "c"], "3": "d"}
QUERY = {"subjectName": SUBJECT, "testId": "test01"}
SECOND = timedelta(seconds=1)
EARLIER, LATER = "2026-11-23T21:00:00Z", "2026-11-24T22:00:00Z"


def calls_of(api: Api, event: dict[str, Any]) -> Counter[str]:
    """The calls of S3 that a route's function makes, without the authorizer's."""
    before = api.s3.calls.count
    api.send(event)
    return Counter(api.s3.calls.names[before:])


def upload_event(api: Api, student: str = "s001", answers: Any = ANSWERS) -> dict[str, Any]:
    body = {"subjectName": SUBJECT, "testId": "test01", "studentId": student, "answers": answers}
    return api.event("POST /v1/test", student, body)


def test_a_warm_upload_is_one_write_and_no_read(api: Api) -> None:
    assert calls_of(api, upload_event(api)) == {"s3:GetObject": 2, "s3:PutObject": 1}
    assert calls_of(api, upload_event(api, "s002")) == {"s3:PutObject": 1}


def test_a_warm_look_at_a_test_reads_only_whether_the_student_has_submitted_it(api: Api) -> None:
    event = api.event("GET /v1/test", "s001", query=QUERY)
    assert calls_of(api, event)["s3:GetObject"] == 2
    assert calls_of(api, event) == {"s3:GetObjectTagging": 1}


def test_what_is_remembered_is_never_changed(api: Api) -> None:
    api.publish(SUBJECT, index_entry("test01"), shuffle=True)
    event = api.event("GET /v1/test", "s001", query=QUERY)
    assert api.send(event) == api.send(event) == api.send(event)


@pytest.mark.parametrize(("age", "reads"), [(LONGEST_KEPT, 0), (LONGEST_KEPT + SECOND, 2), (-SECOND, 2)])
def test_what_is_remembered_is_forgotten_after_30_seconds_or_if_the_clock_goes_back(
    api: Api, age: timedelta, reads: int
) -> None:
    calls_of(api, upload_event(api))
    api.now = OPEN + age
    assert calls_of(api, upload_event(api, "s002"))["s3:GetObject"] == reads
    assert LONGEST_KEPT == 30 * SECOND


def test_age_is_counted_from_the_request_that_read_and_not_from_the_last_use(api: Api) -> None:
    calls_of(api, upload_event(api))
    api.now = OPEN + LONGEST_KEPT
    calls_of(api, upload_event(api))
    api.now += SECOND
    assert calls_of(api, upload_event(api, "s002"))["s3:GetObject"] == 2


def test_a_deadline_that_was_moved_back_is_believed_for_30_seconds_at_most(api: Api) -> None:
    api.upload(ANSWERS, student_id="s002")
    api.publish(SUBJECT, index_entry("test01", closesAt=EARLIER))
    api.now = OPEN + LONGEST_KEPT
    assert api.upload(ANSWERS)[0] == 201
    api.now += SECOND
    assert api.upload({"1": "b"})[0] == 410


@pytest.mark.parametrize("route", ["GET", "POST"])
def test_a_test_that_was_just_extended_is_open_at_once(api: Api, route: str) -> None:
    api.publish(SUBJECT, index_entry("test01", closesAt=EARLIER))
    assert api.upload(ANSWERS, student_id="s002")[0] == 410
    api.publish(SUBJECT, index_entry("test01", closesAt=LATER))
    assert (api.upload(ANSWERS) if route == "POST" else api.call("GET /v1/test", query=QUERY))[0] in {200, 201}


def test_a_test_that_was_just_published_is_found_at_once(api: Api) -> None:
    api.upload(ANSWERS, student_id="s002")
    api.publish(SUBJECT, index_entry("test01"), index_entry("test02"))
    assert api.upload(ANSWERS, "test02")[0] == 201


def test_answers_are_refused_by_the_questions_of_now_alone(api: Api) -> None:
    api.upload(ANSWERS, student_id="s002")
    key = questions_key(SUBJECT, "test01")
    questions = api.bucket.get_json(key)
    questions["questions"].append({**questions["questions"][0], "number": 4})
    api.s3.objects[key] = canonical_json(questions)
    assert api.upload({**ANSWERS, "4": "a"})[0] == 201


def test_a_refusal_that_owes_nothing_to_memory_is_not_looked_at_twice(api: Api) -> None:
    cold = calls_of(api, upload_event(api, answers={"1": "z"}))
    assert cold == {"s3:GetObject": 2}
    assert calls_of(api, upload_event(api, answers={"1": "z"})) == {"s3:GetObject": 2}


def test_a_subject_that_is_not_published_is_not_remembered_as_such(api: Api) -> None:
    index = api.s3.objects.pop(index_key(SUBJECT))
    assert api.upload(ANSWERS)[0] == 404
    api.s3.objects[index_key(SUBJECT)] = index
    assert api.upload(ANSWERS)[0] == 201
