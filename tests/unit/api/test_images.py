"""GET /v1/image and GET /v1/class/image: who may see an image of a test, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from common.shared.deadlines import parse_time
from common.shared.object_keys import image_key, index_key, questions_key
from support.documents import CLOSES, index_entry
from support.student_api import TRAINER, Api

SUBJECT = "operating-systems"
ASKED, EXPLAINS = "0123456789abcdef", "fedcba9876543210"
PNG = {"type": "image/png", "data": "iVBORw=="}


@pytest.fixture
def shown(api: Api) -> Api:
    """test01 has one image in a question, and one in an explanation."""
    publish(api)
    return api


def publish(api: Api, subject: str = SUBJECT, **changes: Any) -> None:
    api.publish(subject, index_entry("test01", **changes))
    asked = api.bucket.get_json(questions_key(subject, "test01"))
    asked["questions"][0]["nodes"] = showing(ASKED)
    api.bucket.put_json(questions_key(subject, "test01"), {**asked, "images": [ASKED]})
    for image in (ASKED, EXPLAINS):
        api.bucket.put_json(image_key(subject, "test01", image), PNG)


def showing(image: str) -> list[Any]:
    """The nodes of a text with an image."""
    return [{"type": "paragraph", "children": [{"type": "image", "image": image, "text": "a tree"}]}]


def get(api: Api, image: str = ASKED, owner: str = "s001", route: str = "GET /v1/image", **changes: str) -> Any:
    query = {"subjectName": SUBJECT, "testId": "test01", "image": image} | changes
    return api.call(route, owner, query=query)


def refused(answer: tuple[int, Any]) -> tuple[int, str]:
    status, refusal = answer
    return status, refusal["code"]


def test_an_image_of_an_open_test_is_shown(shown: Api) -> None:
    assert get(shown) == (200, PNG)


def test_before_the_test_opens_there_is_no_image(shown: Api) -> None:
    publish(shown, opensAt="2026-11-23T21:59:00Z")
    assert refused(get(shown)) == (403, "TestNotOpen")
    shown.now = parse_time("2026-11-23T21:59:00Z")
    assert get(shown)[0] == 200


def test_after_the_deadline_and_after_a_submission_the_images_are_still_shown(shown: Api) -> None:
    """A review has them, and a page that was open all the time."""
    shown.upload({"1": "a"})
    assert get(shown)[0] == 200
    shown.now = parse_time(CLOSES) + timedelta(days=1)
    assert get(shown)[0] == 200


def test_an_image_of_a_question_that_is_not_drawn_for_the_student_is_not_found(shown: Api) -> None:
    published = shown.bucket.get_json(questions_key(SUBJECT, "test01"))
    images = ["00000000000000a1", "00000000000000a2"]
    members = [
        {**published["questions"][0], "number": number, "pool": "p", "nodes": [], "options": []} for number in (1, 2)
    ]
    members[0]["items"] = [{"id": "1", "text": "x", "nodes": showing(images[0])}]
    members[1]["gaps"] = [
        {"id": "1", "type": "single", "options": [{"id": "a", "text": "x", "nodes": showing(images[1])}]}
    ]
    pools = {"questions": members, "pools": {"p": 1}, "salt": "0" * 32, "images": images}
    shown.bucket.put_json(questions_key(SUBJECT, "test01"), {**published, **pools})
    for image in images:
        shown.bucket.put_json(image_key(SUBJECT, "test01", image), PNG)
    assert sorted(get(shown, image)[0] for image in images) == [200, 404]


def test_only_who_is_enrolled_sees_it(shown: Api) -> None:
    publish(shown, "computer-networks")
    assert get(shown, subjectName="computer-networks")[0] == 200
    assert refused(get(shown, owner="s002", subjectName="computer-networks")) == (403, "NotEnrolled")
    assert refused(get(shown, subjectName="nothing")) == (403, "NotEnrolled")


@pytest.mark.parametrize("image", [ASKED, EXPLAINS])
def test_an_image_of_another_test_is_not_found(shown: Api, image: str) -> None:
    shown.publish(SUBJECT, index_entry("test01"), index_entry("test02"))
    shown.now = parse_time(CLOSES) + timedelta(days=1)
    assert refused(get(shown, image, testId="test02")) == (404, "ImageNotFound")


@pytest.mark.parametrize("api", [True, False], indirect=True)
def test_an_unknown_image_and_an_unknown_test_are_not_found(shown: Api) -> None:
    assert refused(get(shown, "0" * 16)) == (404, "ImageNotFound")
    shown.now = parse_time(CLOSES) + timedelta(days=1)
    assert refused(get(shown, "0" * 16)) == (404, "ImageNotFound")
    assert refused(get(shown, testId="test99")) == (404, "TestNotFound")


def test_an_image_of_an_explanation_is_shown_once_nobody_has_time_left(shown: Api) -> None:
    last = parse_time(CLOSES) + timedelta(hours=2)
    publish(shown, lastDeadline="2026-11-24T00:00:00Z")
    for moment, status in (
        (shown.now, 404),
        (parse_time(CLOSES) + timedelta(minutes=1), 404),
        (last, 404),
        (last + timedelta(seconds=1), 200),
    ):
        shown.now = moment
        assert get(shown, EXPLAINS)[0] == status, moment


def test_a_students_own_time_counts_too(shown: Api) -> None:
    """Publishing writes the students' records before the index."""
    shown.enrol("s001", SUBJECT, **{"operating_systems__test01": "2026-11-30T22:00:00Z"})
    shown.now = parse_time(CLOSES) + timedelta(days=1)
    assert refused(get(shown, EXPLAINS)) == (404, "ImageNotFound")
    assert get(shown, EXPLAINS, owner="s002")[0] == 200


def test_time_that_somebody_was_just_given_counts_whatever_a_warm_function_remembers(shown: Api) -> None:
    shown.now = parse_time(CLOSES) + timedelta(seconds=1)
    assert get(shown, EXPLAINS)[0] == 200
    index = shown.bucket.get_json(index_key(SUBJECT))
    index["tests"][0]["lastDeadline"] = "2026-11-30T22:00:00Z"
    shown.bucket.put_json(index_key(SUBJECT), index)
    assert refused(get(shown, EXPLAINS)) == (404, "ImageNotFound")


def test_the_trainer_sees_every_image_and_a_student_not_by_this_route(shown: Api) -> None:
    publish(shown, opensAt="2026-11-23T21:59:00Z")
    for image in (ASKED, EXPLAINS):
        assert get(shown, image, TRAINER, "GET /v1/class/image") == (200, PNG)
    assert refused(get(shown, "0" * 16, TRAINER, "GET /v1/class/image")) == (404, "ImageNotFound")
    assert refused(get(shown, ASKED, "s001", "GET /v1/class/image")) == (403, "TrainerOnly")
    assert refused(get(shown, ASKED, TRAINER)) == (403, "StudentsOnly")


@pytest.mark.parametrize("image", ["../../answer-keys", "a/b", "", "x" * 65])
def test_what_is_no_id_is_refused(shown: Api, image: str) -> None:
    assert refused(get(shown, image)) == (400, "InvalidRequest")
    assert refused(get(shown, image, TRAINER, "GET /v1/class/image")) == (400, "InvalidRequest")
