"""GET /v1/review: a student's own answers with the right ones, and never before a run has released them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import review.handler
from common.shared.object_keys import release_key, review_key
from support.documents import index_entry
from support.student_api import OPEN, SECRET, Api

SUBJECT, TEST = "operating-systems", "test01"
QUERY = {"subjectName": SUBJECT, "testId": TEST}
LATER = "2026-11-25T22:00:00Z"


@pytest.fixture
def released(api: Api) -> Api:
    """An hour after the deadline: the reviews of both students are written, and the class's mean."""
    api.publish(SUBJECT, index_entry(TEST), shuffle=True)
    api.release(TEST, "s001", "s002", mean=1.5)
    api.now = OPEN + timedelta(hours=1)
    return api


def asked(api: Api, student_id: str = "s001", **query: str) -> tuple[int, Any]:
    return api.call("GET /v1/review", student_id, query={**QUERY, **query})


def refusal(api: Api, student_id: str = "s001", **query: str) -> tuple[int, str]:
    status, reply = asked(api, student_id, **query)
    assert SECRET not in str(reply)
    return status, reply["code"]


def test_a_released_review_has_the_students_own_answers_and_the_right_ones(released: Api) -> None:
    status, reply = asked(released)
    questions = reply.pop("questions")
    assert status == 200
    assert reply == {
        "subjectName": SUBJECT,
        "testId": TEST,
        "title": "Title of test01",
        "studentId": "s001",
        "receiptId": "R-s001",
        "submittedAt": "2026-11-22T10:00:00Z",
        "points": 0,
        "maxPoints": 3,
        "late": False,
        "credit": 1,
        "handedIn": False,
        "classMean": 1.5,
    }
    assert [(each["answer"], each["right"], each["explanation"]) for each in questions] == [(["b"], ["a"], SECRET)] * 3


def test_a_review_that_an_earlier_version_wrote_has_no_feedback(released: Api) -> None:
    stored = released.bucket.get_json(review_key(SUBJECT, TEST, "s001"))
    for each in stored["questions"]:
        del each["feedback"]
    released.bucket.put_json(review_key(SUBJECT, TEST, "s001"), stored)
    assert [each["feedback"] for each in asked(released)[1]["questions"]] == [[], [], []]


def test_questions_and_options_are_in_the_students_own_order(api: Api) -> None:
    """As `GET /v1/test` showed them, with the same numbers and IDs."""
    api.publish(SUBJECT, index_entry(TEST), shuffle=True)
    api.release(TEST, "s001", "s002")
    for student_id in ("s001", "s002"):
        api.now = OPEN
        seen = api.call("GET /v1/test", student_id, query=QUERY)[1]["questions"]
        api.now = OPEN + timedelta(hours=1)
        reviewed = asked(api, student_id)[1]["questions"]
        shown = [{name: each[name] for name in ("number", "text", "options")} for each in reviewed]
        assert shown == [{name: each[name] for name in ("number", "text", "options")} for each in seen]
    assert [each["number"] for each in reviewed] != sorted(each["number"] for each in reviewed)


def test_nobody_sees_the_review_of_another_student(released: Api) -> None:
    assert asked(released, "s002")[1]["receiptId"] == "R-s002"
    assert refusal(released, "s002", studentId="s001") == (403, "NotYourStudentId")
    released.bucket.put_json(release_key(SUBJECT, TEST), {**released_as(released), "complete": True})
    del released.s3.objects[review_key(SUBJECT, TEST, "s002")]
    assert refusal(released, "s002") == (404, "NothingSubmitted")


def released_as(api: Api) -> Any:
    return api.bucket.get_json(release_key(SUBJECT, TEST))


@pytest.mark.parametrize("written", [False, True], ids=["no review", "a review"])
def test_no_review_is_shown_while_the_student_has_time(api: Api, written: bool) -> None:
    """Whatever is stored."""
    if written:
        api.release(TEST, "s001")
    assert refusal(api) == (403, "NotYetReleased")


def test_no_review_is_shown_in_the_last_second_in_which_answers_are_accepted(released: Api) -> None:
    released.now = OPEN.replace(hour=22, minute=0, second=0, microsecond=0)
    assert refusal(released) == (403, "NotYetReleased")
    released.now += timedelta(seconds=1)
    assert asked(released)[0] == 200


def test_no_review_is_shown_between_the_last_deadline_and_the_run(api: Api) -> None:
    api.now = OPEN + timedelta(hours=1)
    assert refusal(api) == (403, "NotYetReleased")


def test_an_extension_after_the_release_withholds_every_review_until_it_is_written_again(released: Api) -> None:
    """The index is read for each request: what was shown a moment ago may not be shown any more."""
    assert asked(released)[0] == 200
    entry = index_entry(TEST, lastDeadline=LATER)
    released.publish(SUBJECT, entry, shuffle=True)
    for student_id in ("s001", "s002"):
        assert refusal(released, student_id) == (403, "NotYetReleased")
    released.now += timedelta(days=3)
    assert refusal(released) == (403, "NotYetReleased")
    released.release(TEST, "s001", "s002")
    assert asked(released)[0] == 200


def test_an_extension_that_is_withdrawn_shows_the_reviews_again(released: Api) -> None:
    released.publish(SUBJECT, index_entry(TEST, lastDeadline=LATER), shuffle=True)
    assert refusal(released) == (403, "NotYetReleased")
    released.publish(SUBJECT, index_entry(TEST), shuffle=True)
    assert asked(released)[0] == 200


def test_less_time_than_when_the_reviews_were_written_still_shows_them(released: Api) -> None:
    released.publish(SUBJECT, index_entry(TEST, lastDeadline=LATER), shuffle=True)
    released.release(TEST, "s001")
    released.publish(SUBJECT, index_entry(TEST), shuffle=True)
    assert asked(released)[0] == 200


def test_a_student_with_more_time_sees_nothing_even_before_the_index_says_so(released: Api) -> None:
    """Publishing writes the students' records first."""
    released.enrol("s001", SUBJECT, operating_systems__test01=LATER)
    assert refusal(released) == (403, "NotYetReleased")


def test_late_time_is_time(released: Api) -> None:
    late = {"untilHours": 24, "credit": 0.5}
    released.publish(SUBJECT, index_entry(TEST, late=late, lastDeadline="2026-11-24T22:00:00Z"), shuffle=True)
    released.release(TEST, "s001")
    assert refusal(released) == (403, "NotYetReleased")


def test_who_submitted_nothing_learns_so_once_all_reviews_are_written(api: Api) -> None:
    api.now = OPEN + timedelta(hours=1)
    api.release(TEST, "s001")
    assert refusal(api, "s002") == (404, "NothingSubmitted")
    api.bucket.put_json(release_key(SUBJECT, TEST), {**released_as(api), "complete": False})
    assert refusal(api, "s002") == (403, "NotYetReleased")


def test_a_subject_of_others_is_refused_as_everywhere(released: Api) -> None:
    assert refusal(released, "s002", subjectName="computer-networks") == (403, "NotEnrolled")
    assert refusal(released, "s002", subjectName="nothing") == (403, "NotEnrolled")
    assert refusal(released, testId="nothing") == (404, "TestNotFound")
    released.publish(SUBJECT)
    assert refusal(released) == (404, "TestNotFound")


@pytest.mark.parametrize(
    ("query", "code"), [({}, 200), ({"testId": "../s002"}, 400), ({"studentId": "s001"}, 200), ({"extra": "x"}, 400)]
)
def test_the_query_is_checked(released: Api, query: dict[str, str], code: int) -> None:
    assert asked(released, **query)[0] == code


def test_the_class_mean_is_shown_only_if_the_class_allows_it(released: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review.handler, "SHOW_CLASS_MEAN", False)
    assert asked(released)[1]["classMean"] is None


def test_without_a_release_the_review_has_no_mean_yet(released: Api) -> None:
    """A run writes the reviews first, then the emails, and the mean with the report."""
    del released.s3.objects[release_key(SUBJECT, TEST)]
    assert asked(released)[1]["classMean"] is None
