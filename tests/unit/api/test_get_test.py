"""GET /v1/test: the questions, in the student's order, and never a right answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from common.api.receipt import MOST_ATTEMPTS
from common.shared.object_keys import answers_key, questions_key
from get_test.presentation import questions_for
from support.documents import every_type, index_entry, question, questions
from support.student_api import OPEN, TRAINER, Api

QUERY = {"subjectName": "operating-systems", "testId": "test01"}


def get(api: Api, student_id: str = "s001", **changes: str) -> tuple[int, Any]:
    return api.call("GET /v1/test", student_id, query=QUERY | changes)


def test_a_test_is_shown_as_the_contract_says(api: Api) -> None:
    status, reply = get(api)
    assert status == 200
    assert {name: value for name, value in reply.items() if name != "questions"} == {
        "subjectName": "operating-systems",
        "testId": "test01",
        "title": "Title of test01",
        "closesAt": "2026-11-23T22:00:00Z",
    }
    assert [question["number"] for question in reply["questions"]] == [1, 2, 3]
    assert reply["questions"][1] == {
        "number": 2,
        "text": "Question 2?",
        "type": "multiple",
        "points": 1,
        "options": [{"id": option, "text": f"option {option}"} for option in "abcd"],
    }


def test_nothing_else_of_a_question_is_shown(api: Api) -> None:
    test: Any = questions("operating-systems", "test01")
    test["questions"][0]["correct"] = ["a"]
    test["questions"][0]["options"][0]["correct"] = True
    assert "correct" not in str(questions_for("s001", test))


def test_a_match_has_items_and_what_is_typed_has_no_options(api: Api) -> None:
    asked = every_type()
    api.bucket.put_json(questions_key("operating-systems", "test01"), questions("operating-systems", "test01", asked))
    shown = get(api)[1]["questions"]
    assert [(each["type"], len(each["options"])) for each in shown] == [
        ("single", 4),
        ("multiple", 4),
        ("number", 0),
        ("text", 0),
        ("order", 4),
        ("match", 4),
    ]
    assert [each.get("items") for each in shown[:5]] == [None] * 5
    assert shown[5]["items"] == [{"id": str(number), "text": f"item {number}"} for number in (1, 2, 3)]
    previewed = api.call("GET /v1/class/test", TRAINER, query=QUERY)[1]["questions"]
    assert previewed[4:] == asked[4:]


def test_nothing_else_of_an_item_is_shown() -> None:
    test: Any = questions("operating-systems", "test01", every_type())
    test["questions"][5]["items"][0]["right"] = "a"
    assert "right" not in str(questions_for("s001", test))


def test_texts_in_markdown_are_sent_as_trees_too() -> None:
    test: Any = questions("operating-systems", "test01")
    bold = [{"type": "paragraph", "children": []}]
    test["questions"][0]["nodes"] = test["questions"][0]["options"][1]["nodes"] = bold
    test["questions"][0]["items"] = [{"id": "1", "text": "x", "nodes": bold}]
    shown: Any = questions_for("s001", test)
    assert shown[0]["nodes"] == shown[0]["options"][1]["nodes"] == shown[0]["items"][0]["nodes"] == bold
    assert "nodes" not in shown[1]
    assert "nodes" not in shown[0]["options"][0]


def test_a_test_that_an_earlier_version_published_without_points_is_shown_without_them() -> None:
    test: Any = questions("operating-systems", "test01")
    del test["questions"][0]["points"]
    assert ["points" in question for question in questions_for("s001", test)] == [False, True, True]


def test_a_closed_test_is_not_shown(api: Api) -> None:
    api.now = OPEN + timedelta(minutes=2)
    status, refusal = get(api)
    assert (status, refusal["code"]) == (410, "TestClosed")


def test_a_submitted_test_is_refused_with_its_receipt_before_it_is_taken_again(api: Api) -> None:
    _, receipt = api.upload({"1": "a"})
    status, refusal = get(api)
    assert (status, refusal["code"]) == (409, "AlreadySubmitted")
    assert receipt["receiptId"] in refusal["message"]
    assert get(api, "s002")[0] == 200


def test_a_test_whose_last_attempt_counts_is_shown_again(api: Api) -> None:
    api.publish("operating-systems", index_entry("test01", attempts="last"))
    api.upload({"1": "a"})
    assert get(api)[0] == 200


def test_a_test_with_all_the_attempts_it_allows_is_refused_before_it_is_answered_again(api: Api) -> None:
    api.publish("operating-systems", index_entry("test01", attempts="last"))
    for n in (1, MOST_ATTEMPTS - 1):
        api.bucket.create_json(
            answers_key("operating-systems", "s001", "test01", n), {}, f"R-{n} 2026-11-23T20:00:00Z x"
        )
    assert get(api)[0] == 200
    api.upload({"1": "a"})
    status, refusal = get(api)
    assert (status, refusal["code"]) == (409, "TooManyAttempts")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"testId": "test99"}, 404, "TestNotFound"),
        ({"subjectName": "nothing"}, 403, "NotEnrolled"),
        ({"subjectName": "a/b"}, 400, "InvalidRequest"),
        ({"testId": "../test01"}, 400, "InvalidRequest"),
        ({"testId": ""}, 400, "InvalidRequest"),
        ({"testId": "test01\n"}, 400, "InvalidRequest"),
        ({"colour": "red"}, 400, "InvalidRequest"),
        ({"studentId": "s002"}, 403, "NotYourStudentId"),
        ({"studentId": "s001"}, 200, None),
    ],
)
def test_the_query_is_checked(api: Api, changes: dict[str, str], status: int, code: str | None) -> None:
    answered, reply = get(api, **changes)
    assert (answered, reply.get("code")) == (status, code)


def test_a_subject_of_others_is_refused(api: Api) -> None:
    status, refusal = get(api, "s002", subjectName="computer-networks")
    assert (status, refusal["code"]) == (403, "NotEnrolled")


class TestShuffle:
    """Every student has an order of their own, and keeps it."""

    def test_the_order_stays_for_a_student_and_differs_between_students(self) -> None:
        test = questions("operating-systems", "test01", shuffle=True)
        first = questions_for("s001", test)
        assert questions_for("s001", test) == first
        orders = {str(questions_for(f"s{n:03}", test)) for n in range(40)}
        assert len(orders) > 30

    def test_the_order_differs_between_tests(self) -> None:
        orders = {
            str(questions_for("s001", questions("operating-systems", f"test{n:02}", shuffle=True))) for n in range(40)
        }
        assert len(orders) > 30

    def test_every_place_is_as_likely(self) -> None:
        test = questions("operating-systems", "test01", shuffle=True)
        first = [questions_for(f"s{n:04}", test)[0]["options"][0]["id"] for n in range(2000)]
        assert all(abs(first.count(option) - 500) < 100 for option in "abcd")

    def test_numbers_and_option_ids_stay_with_their_texts(self) -> None:
        plain = questions_for("s001", questions("operating-systems", "test01"))
        shuffled = questions_for("s001", questions("operating-systems", "test01", shuffle=True))
        for asked in shuffled:
            asked["options"].sort(key=lambda option: option["id"])
        assert sorted(shuffled, key=lambda asked: asked["number"]) == plain

    @pytest.mark.parametrize("kind", ["order", "match"])
    def test_the_options_of_an_order_and_of_a_match_are_always_in_the_students_own(self, kind: str) -> None:
        test = questions("operating-systems", "test01", [question(1, kind, items=[]), question(2)])
        shown = [questions_for(f"s{n:04}", test) for n in range(2000)]
        assert {"".join(option["id"] for option in second["options"]) for _, second in shown} == {"abcd"}
        for place in range(4):
            there = [first["options"][place]["id"] for first, _ in shown]
            assert all(abs(there.count(option) - 500) < 100 for option in "abcd")

    def test_items_have_an_order_of_the_students_own_only_with_shuffle(self) -> None:
        def orders(shuffle: bool) -> set[str]:
            test = questions("operating-systems", "test01", [every_type()[5]], shuffle=shuffle)
            shown = [questions_for(f"s{n:03}", test)[0]["items"] for n in range(100)]
            return {"".join(item["id"] for item in items) for items in shown}

        assert orders(shuffle=False) == {"123"}
        assert len(orders(shuffle=True)) == 6

    def test_shuffle_does_not_change_the_options_of_an_order(self) -> None:
        own = [
            questions_for("s001", questions("operating-systems", "test01", [question(1, "order")], shuffle=shuffle))
            for shuffle in (False, True)
        ]
        assert own[0] == own[1]

    def test_this_order_is_the_one_that_students_already_saw(self) -> None:
        """Another algorithm would change tests that students are in the middle of."""
        shown = questions_for("s001", questions("operating-systems", "test01", shuffle=True))
        orders = [(q["number"], "".join(option["id"] for option in q["options"])) for q in shown]
        assert orders == [(2, "abdc"), (3, "adcb"), (1, "bcda")]
