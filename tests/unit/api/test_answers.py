"""Which answers fit a question of each type, and in which form they are stored."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.api.answers import answer_problem, checked_answers
from common.api.errors import InvalidRequest
from common.shared.object_keys import questions_key
from support.documents import every_type, questions
from support.student_api import Api

ANSWERS: dict[str, Any] = {
    "1": "a",
    "2": ["c", "a"],
    "3": "-3,5e-2",
    "4": " ls   -l \u0105",
    "5": ["d", "b", "a", "c"],
    "6": {"2": "b", "1": "b"},
}
TEST = questions("operating-systems", "test01", every_type())


def problem(number: int, answer: Any) -> str | None:
    return answer_problem(TEST["questions"][number - 1], answer)


def test_only_the_options_of_a_multiple_are_sorted_and_all_else_is_stored_as_sent() -> None:
    assert checked_answers(TEST, ANSWERS) == {**ANSWERS, "2": ["a", "c"]}


def test_an_upload_of_every_type_is_stored_and_known_again(api: Api) -> None:
    api.bucket.put_json(questions_key("operating-systems", "test01"), TEST)
    status, receipt = api.upload(ANSWERS)
    assert (status, api.stored()["answers"]) == (201, {**ANSWERS, "2": ["a", "c"]})
    assert api.upload({**ANSWERS, "6": {"1": "b", "2": "b"}}) == (200, receipt)
    for number, other in (("3", "-3.5e-2"), ("4", "ls -l \u0105"), ("5", ["b", "d", "a", "c"]), ("6", {"1": "b"})):
        assert api.upload({**ANSWERS, number: other})[1]["code"] == "AlreadySubmitted"


def test_a_draft_of_every_type_is_saved_and_a_wrong_one_is_not(api: Api) -> None:
    api.bucket.put_json(questions_key("operating-systems", "test01"), TEST)
    status, saved = api.save(ANSWERS, None)
    assert (status, saved["answers"]) == (200, {**ANSWERS, "2": ["a", "c"]})
    for number, wrong in (("3", "many"), ("4", " "), ("5", ["a"]), ("6", {})):
        assert api.save({**ANSWERS, number: wrong}, saved["version"])[0] == 400
    assert api.draft() == (200, saved)


@pytest.mark.parametrize(
    "typed",
    ["62", "0", "007", "+1", "-1", "3.5", "3,5", "3.", ".5", ",5", "-.5", "1e3", "1E-3", "1.5e+300", "1e999", "9" * 50],
)
def test_a_number_is_taken_as_it_is_typed(typed: str) -> None:
    assert problem(3, typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " 62",
        "62 ",
        "62\n",
        "1 000",
        "1,000.5",
        "1.2.3",
        "--1",
        "\u22121",
        "+",
        ".",
        ",",
        "-.",
        "e3",
        "1e",
        "1e1000",
        "1e1.5",
        "0x10",
        "inf",
        "nan",
        "1/2",
        "5 %",
        "1_000",
        "\u0661",
        "\u00b2",
        62,
        3.5,
        True,
        None,
        ["62"],
        {"1": "62"},
    ],
)
def test_what_is_not_a_number_is_refused(typed: Any) -> None:
    assert "takes a number as text, such as" in str(problem(3, typed))


def test_a_number_has_a_length_to_the_character() -> None:
    assert problem(3, "1" * 51) == "has a number that is too long: send at most 50 characters."
    assert problem(3, "." + "1" * 49) is None


@pytest.mark.parametrize(
    "typed",
    ["l", " ls ", "'; rm -rf $(x) \\ \"*", "-n", "null", "\u00a0x", "\U0001f642" * 500, "e\u0301", "\u202e", "\ufeff"],
)
def test_a_text_is_taken_as_it_is_typed(typed: str) -> None:
    assert problem(4, typed) is None


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "has an empty answer"),
        ("  ", "has an empty answer"),
        ("\u00a0\u3000", "has an empty answer"),
        ("x" * 501, "is too long: send at most 500 characters"),
        (" " * 501, "is too long"),
        *((f"a{character}b", "has a line break or another control character") for character in "\0\t\n\r\x1b\x1f\x7f"),
        *((f"a{character}b", "has a line break or another control character") for character in "\x80\x9f\u2028\u2029"),
        (62, "takes a text"),
        (None, "takes a text"),
        (["ls"], "takes a text"),
        ({"1": "ls"}, "takes a text"),
    ],
)
def test_what_cannot_be_stored_as_a_text_is_refused(typed: Any, told: str) -> None:
    assert told in str(problem(4, typed))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ([], "takes a list of all its options in order: a, b, c, d."),
        ("abcd", "takes a list of all its options"),
        ({"1": "a"}, "takes a list of all its options"),
        (None, "takes a list of all its options"),
        (["a", "b", "c"], "add d."),
        (["d", "a"], "add b, c."),
        (["a", "b", "c", "d", "d"], "same option more than once"),
        (["a", "b", "c", "c"], "same option more than once"),
        (["a", "b", "c", "x"], 'has no option "x": its options are a, b, c, d.'),
        (["a", "b", "c", ["d"]], "has no option"),
        (["a", "b", "c", None], "has no option null"),
    ],
)
def test_an_order_has_every_option_once(answer: Any, told: str) -> None:
    assert told in str(problem(5, answer))


def test_an_order_may_be_any(api: Api) -> None:
    assert problem(5, list("dcba")) is None


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({}, 'takes an object that maps items to options, such as {"1": "a"}.'),
        ([], "takes an object"),
        ("1a", "takes an object"),
        (None, "takes an object"),
        ({"4": "a"}, 'has no item "4": its items are 1, 2, 3.'),
        ({"01": "a"}, 'has no item "01"'),
        ({"1": "x"}, 'has no option "x" for item 1: its options are a, b, c, d.'),
        ({"1": "a", "2": ["b"]}, "has no option"),
        ({"1": None}, "has no option null for item 1"),
    ],
)
def test_a_match_has_options_for_items(answer: Any, told: str) -> None:
    assert told in str(problem(6, answer))


@pytest.mark.parametrize("answer", [{"1": "a"}, {"1": "a", "2": "a", "3": "a"}, {"3": "d", "1": "b"}])
def test_a_match_may_leave_items_out_and_use_an_option_twice(answer: dict[str, str]) -> None:
    assert problem(6, answer) is None


short = st.sampled_from(["a", "b", "c", "d", "e", "1", "2", "3", "4", "", " ", "3.5", "1e5", "\ud800"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | short | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(short, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from(range(1, 7)), values)
def test_whatever_is_sent_is_taken_or_refused_in_words(number: int, answer: Any) -> None:
    said = problem(number, answer)
    assert said is None or said.endswith(".")
    if said is None:
        taken = checked_answers(TEST, {str(number): answer})[str(number)]
        assert (sorted(taken) if number == 2 else taken) == (sorted(answer) if number == 2 else answer)


def test_every_wrong_answer_is_named_in_one_message() -> None:
    wrong = {"1": "x", "2": "a", "3": "x", "4": "", "5": ["a"], "6": {}}
    with pytest.raises(InvalidRequest) as refused:
        checked_answers(TEST, wrong)
    for number in wrong:
        assert f"Question {number} " in str(refused.value)


def test_a_message_quotes_a_short_part_of_an_answer_and_shows_no_control_character() -> None:
    for number in (1, 3, 5, 6):
        for wrong in ("\x1b[2J" * 200, ["\x1b[2J" * 200], {"\x1b[2J" * 200: "a"}, {"1": "\x1b[2J" * 200}):
            said = str(problem(number, wrong))
            assert "\x1b" not in said
            assert len(said) < 200
