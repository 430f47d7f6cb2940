"""A test with pools over the API: students see and answer what is drawn for them, and know of nothing else."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest

from common.shared.canonical_json import canonical_json
from support.documents import published_subject
from support.pooled import COUNT, POOLS, QUESTIONS, SALT, not_drawn_for, numbers_of, pooled_test
from support.student_api import TRAINER, Api
from support.weekly_class import SUBJECT, TEST

QUERY = {"subjectName": SUBJECT, "testId": TEST}


@pytest.fixture
def pooled(api: Api) -> Api:
    """The API with the test in place of the usual one."""
    for key, body in published_subject(SUBJECT, [pooled_test(attempts="last")]).items():
        api.bucket.put(key, body)
    return api


def shown(api: Api, student: str) -> list[Any]:
    reply: Any = api.call("GET /v1/test", student, query=QUERY)[1]
    questions: list[Any] = reply["questions"]
    return questions


@pytest.mark.parametrize("student", ["s001", "s002"])
def test_a_student_sees_what_is_drawn_for_them_in_the_order_of_the_file(pooled: Api, student: str) -> None:
    assert [str(each["number"]) for each in shown(pooled, student)] == numbers_of(student)
    assert shown(pooled, student) == shown(pooled, student)


def test_students_see_different_questions(pooled: Api) -> None:
    assert numbers_of("s001") != numbers_of("s002")
    assert shown(pooled, "s001") != shown(pooled, "s002")


def test_with_shuffle_what_is_drawn_is_in_the_students_own_order(api: Api) -> None:
    for key, body in published_subject(SUBJECT, [pooled_test(shuffle=True)]).items():
        api.bucket.put(key, body)
    found = [[str(each["number"]) for each in shown(api, student)] for student in ("s001", "s002")]
    assert [sorted(each) for each in found] == [numbers_of("s001"), numbers_of("s002")]
    assert found != [sorted(each) for each in found]


@pytest.mark.parametrize("route", ["POST /v1/test", "PUT /v1/draft"])
def test_an_answer_to_a_question_that_is_not_drawn_is_refused_like_one_to_a_question_that_does_not_exist(
    pooled: Api, route: str
) -> None:
    def send(answers: Any) -> tuple[int, Any]:
        return pooled.upload(answers) if route == "POST /v1/test" else pooled.save(answers, None)

    for number in (*not_drawn_for("s001"), "99"):
        status, refusal = send({"1": "a", number: "a"})
        assert (status, refusal["code"]) == (400, "InvalidRequest")
        assert refusal["message"] == f'The test has no question "{number}": remove that answer.'
    assert send(dict.fromkeys(numbers_of("s001"), "a"))[0] in (200, 201)


def test_the_list_and_the_page_count_what_a_student_gets(pooled: Api) -> None:
    listed = pooled.call("POST /v1/tests", body={"studentId": "s001", "subjectName": SUBJECT})[1]["tests"]
    everything = pooled.call("GET /v1/student")[1]["tests"]
    assert [each["questionCount"] for each in listed] == [COUNT]
    assert [each["questionCount"] for each in everything if each["subjectName"] == SUBJECT] == [COUNT]
    assert len(shown(pooled, "s001")) == COUNT


def test_neither_the_salt_nor_a_pools_name_is_in_any_answer_to_a_student_or_in_the_log(
    pooled: Api, log: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [
        pooled.call("POST /v1/tests", body={"studentId": "s001", "subjectName": SUBJECT}),
        pooled.call("GET /v1/student"),
        pooled.call("GET /v1/test", query=QUERY),
        pooled.save({"1": "a"}, None),
        pooled.save({"2": "a", "3": "a", "4": "a", "5": "a"}, None),
        pooled.call("GET /v1/draft", query=QUERY),
        pooled.upload({"99": "a"}),
        pooled.upload({"1": "a"}),
        pooled.upload({"1": "a"}),
        pooled.call("GET /v1/review", query=QUERY),
    ]
    printed = capsys.readouterr()
    for text in (json.dumps(answers), log.getvalue(), printed.out, printed.err):
        for secret in (SALT, *POOLS, "salt", '"pool'):
            assert secret not in text


def test_the_trainers_preview_has_all_questions_with_their_pools_and_not_the_salt(pooled: Api) -> None:
    status, preview = pooled.call("GET /v1/class/test", TRAINER, query=QUERY)
    assert status == 200
    assert preview["pools"] == POOLS
    assert [each["number"] for each in preview["questions"]] == [each["number"] for each in QUESTIONS]
    assert [each.get("pool") for each in preview["questions"]] == [each.get("pool") for each in QUESTIONS]
    assert SALT not in json.dumps(preview)


def test_a_corrected_text_does_not_change_what_is_drawn(pooled: Api) -> None:
    before = [each["number"] for each in shown(pooled, "s001")]
    corrected = [{**each, "text": "Corrected"} for each in QUESTIONS]
    for key, body in published_subject(SUBJECT, [pooled_test(questions=corrected)]).items():
        pooled.bucket.put(key, body)
    assert canonical_json(corrected) != canonical_json(QUESTIONS)
    assert [each["number"] for each in shown(pooled, "s001")] == before
