"""Questions with gaps in the API: what students see of them, and which answers fit them."""

from __future__ import annotations

from typing import Any

import pytest

from common.api.answers import answer_problem, checked_answers
from common.own_order import in_own_order
from common.shared.documents import Questions
from common.shared.object_keys import questions_key
from get_test.presentation import questions_for
from support.documents import question, questions
from support.gap_questions import gap_question
from support.student_api import TRAINER, Api

SUBJECT, TEST = "operating-systems", "test01"
QUERY = {"subjectName": SUBJECT, "testId": TEST}
ANSWER = {"1": "b", "2": "4,0e3", "3": " getconf  -a"}


def with_gaps(**changes: Any) -> Questions:
    return questions(SUBJECT, TEST, [gap_question(), question(2)], **changes)


def problem(answer: Any) -> str | None:
    return answer_problem(gap_question(), answer)


def test_students_see_the_gaps_and_nothing_else_of_them(api: Api) -> None:
    test: Any = with_gaps()
    test["questions"][0]["gaps"][0]["correct"] = ["a"]
    test["questions"][0]["gaps"][0]["options"][0]["correct"] = True
    test["questions"][0]["gaps"][1]["numbers"] = ["4096"]
    api.bucket.put_json(questions_key(SUBJECT, TEST), test)
    status, reply = api.call("GET /v1/test", query=QUERY)
    assert status == 200
    assert reply["questions"][0] == gap_question()
    assert api.call("GET /v1/class/test", TRAINER, query=QUERY)[1]["questions"][0] == gap_question()


def test_the_options_of_a_gap_have_an_order_of_the_students_own_only_with_shuffle() -> None:
    def orders(shuffle: bool) -> list[str]:
        test = with_gaps(shuffle=shuffle)
        shown = [next(each for each in questions_for(f"s{n}", test) if each["number"] == 1) for n in range(600)]
        assert all([gap["id"] for gap in each["gaps"]] == ["1", "2", "3"] for each in shown)
        assert all("options" not in gap for each in shown for gap in each["gaps"][1:])
        return ["".join(option["id"] for option in each["gaps"][0]["options"]) for each in shown]

    assert set(orders(shuffle=False)) == {"abc"}
    found = orders(shuffle=True)
    assert len(set(found)) == 6
    assert all(abs(found.count(order) - 100) < 50 for order in set(found))


def test_two_gaps_with_the_same_options_have_orders_of_their_own() -> None:
    options = [{"id": letter, "text": letter} for letter in "abcdef"]
    gaps = [{"id": id, "type": "single", "options": options} for id in ("1", "2")]
    test = questions(SUBJECT, TEST, [gap_question(gaps=gaps)], shuffle=True)
    first, second = in_own_order("s001", test)[0]["gaps"]
    assert first["options"] != second["options"]
    assert sorted(map(str, first["options"])) == sorted(map(str, second["options"]))


def test_an_upload_is_stored_as_sent_and_known_again(api: Api) -> None:
    api.bucket.put_json(questions_key(SUBJECT, TEST), with_gaps())
    status, receipt = api.upload({"1": ANSWER})
    assert (status, api.stored()["answers"]) == (201, {"1": ANSWER})
    assert api.upload({"1": dict(reversed(ANSWER.items()))}) == (200, receipt)
    for gap, other in (("1", "a"), ("2", "4000"), ("3", "getconf -a")):
        assert api.upload({"1": {**ANSWER, gap: other}})[1]["code"] == "AlreadySubmitted"


def test_a_draft_is_saved_and_a_wrong_one_is_not(api: Api) -> None:
    api.bucket.put_json(questions_key(SUBJECT, TEST), with_gaps())
    status, saved = api.save({"1": {"2": "4"}}, None)
    assert (status, saved["answers"]) == (200, {"1": {"2": "4"}})
    assert api.save({"1": {"2": "x"}}, saved["version"])[0] == 400
    assert api.draft() == (200, saved)


@pytest.mark.parametrize("answer", [{"1": "a"}, {"2": "62"}, {"3": "x"}, ANSWER, {"3": "\u00a0x", "1": "c"}])
def test_gaps_may_be_left_out(answer: dict[str, str]) -> None:
    assert problem(answer) is None
    assert checked_answers(with_gaps(), {"1": answer}) == {"1": answer}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({}, 'takes an object that maps gaps to answers, such as {"1": "62"}.'),
        ([], "takes an object"),
        ("a", "takes an object"),
        (None, "takes an object"),
        ({"4": "a"}, 'has no gap "4": its gaps are 1, 2, 3.'),
        ({"01": "a"}, 'has no gap "01"'),
        ({"": "a"}, 'has no gap ""'),
        ({"1": "d"}, '(gap 1) takes one of the options a, b, c, not "d".'),
        ({"1": ["a"]}, "(gap 1) takes one of the options"),
        ({"1": None}, "(gap 1) takes one of the options"),
        ({"1": "a", "2": "many"}, '(gap 2) takes a number as text, such as "62" or "3.5", not "many".'),
        ({"2": 62}, "(gap 2) takes a number as text"),
        ({"2": "1" * 51}, "(gap 2) has a number that is too long: send at most 50 characters."),
        ({"3": " "}, "(gap 3) has an empty answer. To give no answer, leave the gap out."),
        ({"3": "x" * 501}, "(gap 3) has an answer that is too long: send at most 500 characters."),
        ({"3": "a\tb"}, "(gap 3) has a line break or another control character in its answer: send a space instead."),
        ({"3": {"1": "a"}}, "(gap 3) takes a text"),
    ],
)
def test_what_does_not_fit_a_gap_is_refused(answer: Any, told: str) -> None:
    assert str(problem(answer)).startswith(told)


def test_a_message_quotes_a_short_part_of_an_answer_and_shows_no_control_character() -> None:
    for wrong in ({"\x1b[2J" * 200: "a"}, {"1": "\x1b[2J" * 200}, {"2": "\x1b[2J" * 200}, {"3": ["\x1b" * 200]}):
        said = str(problem(wrong))
        assert "\x1b" not in said
        assert len(said) < 200
