"""Numbers and texts that are typed, as a test's file has them, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from cli.questions.authored import NotAuthored, authored, banked
from cli.questions.bank import AcceptedNumber, Answer, BankQuestion, Body, Number, ShortText

FULL, HALF, NOTHING = Fraction(1), Fraction(1, 2), Fraction(0)
BEST_COUNTS = "if several of its accepted answers fit, the best one counts here, not the first one"


def result_of(body: Body) -> tuple[dict[str, Any], list[str]]:
    """The fields of the question that are its own, and what is lost."""
    result = authored(BankQuestion("line 1", "What?", body))
    return {name: value for name, value in result.question.items() if name != "text"}, result.losses


def accepted(low: str, high: str | None = None, *more: Any) -> AcceptedNumber:
    return AcceptedNumber(Decimal(low), Decimal(high or low), *more)


def around(value: str, low: str, high: str, share: Fraction = FULL, feedback: str | None = None) -> AcceptedNumber:
    return AcceptedNumber(Decimal(low), Decimal(high), share, feedback, Decimal(value))


EXACT, RANGE = accepted("9.810"), accepted("9.7", "9.9", HALF, "Two decimals.")


@pytest.mark.parametrize(
    ("numbers", "form"),
    [
        ([EXACT], "9.810"),
        ([accepted("1e-3")], "0.001"),
        ([around("9.81", "9.76", "9.86")], {"value": "9.81", "tolerance": "0.05"}),
        ([accepted("9.7", "9.9")], {"from": "9.7", "to": "9.9"}),
        ([accepted("3", "3", FULL, "Yes.")], {"value": "3", "feedback": "Yes."}),
        (
            [EXACT, RANGE],
            [
                "9.810",
                {"from": "9.7", "to": "9.9", "share": 50, "feedback": "Two decimals."},
            ],
        ),
        (
            [EXACT, around("10", "9", "11", Fraction(1, 3))],
            ["9.810", {"value": "10", "tolerance": "1", "share": 33.33333}],
        ),
    ],
)
def test_accepted_numbers(numbers: Sequence[AcceptedNumber], form: object) -> None:
    assert result_of(Number(numbers)) == ({"number": form}, [])


def test_decimals_stay_as_they_are_written() -> None:
    assert result_of(Number([EXACT]))[0]["number"] == "9.810"


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        ([Answer("ls", FULL)], "ls"),
        (
            [Answer("ls", FULL), Answer("dir*", HALF, "On Windows.")],
            ["ls", {"text": "dir*", "share": 50, "feedback": "On Windows."}],
        ),
        ([Answer("a\\*b", FULL, "Yes.")], {"text": "a\\*b", "feedback": "Yes."}),
    ],
)
def test_accepted_texts(texts: Sequence[Answer], form: object) -> None:
    assert result_of(ShortText(texts)) == ({"accept": form}, [])


def test_how_texts_are_compared() -> None:
    fields, _ = result_of(ShortText([Answer("ls", FULL)], case_matters=True, spaces_matter=True))
    assert fields == {"accept": "ls", "case_matters": True, "spaces_matter": True}


@pytest.mark.parametrize(
    ("body", "form", "losses"),
    [
        (
            ShortText([Answer("a", FULL), Answer("b", NOTHING, "No."), Answer("c", NOTHING), Answer("d", -HALF)]),
            "a",
            [
                'the feedback for the wrong answer "b" is left out: "No."',
                'the points that are taken away for the wrong answer "d" are left out',
            ],
        ),
        (
            Number([accepted("1"), accepted("2", "3", NOTHING, "No.")]),
            "1",
            ['the feedback for the wrong answer "2 to 3" is left out: "No."'],
        ),
        (
            ShortText([Answer("a", FULL), Answer("*", NOTHING, "No.")]),
            "a",
            ['the feedback for all other answers is left out: "No."'],
        ),
        (
            ShortText([Answer("a", FULL), Answer(" **", HALF)]),
            "a",
            ["the points for all other answers are left out"],
        ),
        (
            ShortText([Answer("a", HALF), Answer("b", Fraction(1, 4))]),
            ["a", {"text": "b", "share": 50}],
            ["its shares are scaled, because the best answer earns 50 % of the points"],
        ),
        (
            Number([accepted("1"), accepted("2", "2", Fraction(1, 23))]),
            ["1", {"value": "2", "share": 4.34783}],
            ["its shares are rounded"],
        ),
        (ShortText([Answer("Paris", FULL), Answer(" paris ", FULL)]), "Paris", []),
        (ShortText([Answer("Paris", FULL), Answer("paris", HALF, "Capital!")]), "Paris", []),
        (Number([accepted("1.0"), accepted("1", "1", HALF)]), "1.0", []),
    ],
)
def test_what_is_lost_is_said(body: Body, form: object, losses: list[str]) -> None:
    fields, lost = result_of(body)
    assert (list(fields.values()), lost) == ([form], losses)


@pytest.mark.parametrize(
    ("first", "second", "both_fit"),
    [
        ("ls", "ls", True),
        ("ls", "LS", True),
        ("ls", "cp", False),
        ("ls -l", "ls*", True),
        ("ls*", "ls -l", True),
        ("ls", "l*s", True),
        ("aba", "ab*ba", False),
        ("abcabc", "*b*b*", True),
        ("abc", "*b*b*", False),
        ("a\\*b", "a*b", True),
        ("a\\*b", "axb", False),
        ("a*", "*b", True),
        ("ab*", "a*", True),
        ("ab*", "ac*", False),
        ("*ab", "*cb", False),
        ("a*x*c", "a*y*bc", True),
    ],
)
def test_texts_that_one_answer_fits_depend_on_their_order(first: str, second: str, both_fit: bool) -> None:
    _, losses = result_of(ShortText([Answer(first, NOTHING), Answer(second, FULL)]))
    assert losses == ([BEST_COUNTS] if both_fit else [])
    assert result_of(ShortText([Answer(second, FULL), Answer(first, HALF)]))[1] == []


@pytest.mark.parametrize(("low", "high", "both_fit"), [("1", "2", True), ("3", "4", True), ("3.1", "4", False)])
def test_ranges_with_a_common_number_depend_on_their_order(low: str, high: str, both_fit: bool) -> None:
    _, losses = result_of(Number([accepted("2", "3", HALF), accepted(low, high)]))
    assert losses == ([BEST_COUNTS] if both_fit else [])


@pytest.mark.parametrize(
    "body",
    [
        Number([]),
        Number([accepted("1", "1", -HALF)]),
        ShortText([]),
        ShortText([Answer("a", NOTHING)]),
        ShortText([Answer("a", NOTHING), Answer("*", FULL)]),
    ],
)
def test_without_an_answer_that_earns_points_it_is_not_imported(body: Body) -> None:
    with pytest.raises(NotAuthored, match="none of its accepted answers earns points"):
        result_of(body)


def test_of_the_same_answer_with_two_shares_the_best_one_counts() -> None:
    body = ShortText([Answer("a", HALF, "Small?"), Answer("A", FULL)])
    assert result_of(body) == ({"accept": "A"}, [BEST_COUNTS])


def test_a_question_that_accepts_every_answer_is_not_imported() -> None:
    with pytest.raises(NotAuthored, match="it accepts every answer"):
        result_of(ShortText([Answer("*", FULL)]))


@pytest.mark.parametrize(
    ("form", "numbers"),
    [
        ("9.810", [EXACT]),
        ("128", [accepted("128")]),
        ({"value": "3"}, [accepted("3")]),
        ({"value": "9.81", "tolerance": "0.05"}, [around("9.81", "9.76", "9.86")]),
        ({"value": "-200", "tolerance": "1%"}, [around("-200", "-202", "-198")]),
        ({"value": "0", "tolerance": "1%"}, [accepted("0")]),
        (["9.81", {"from": "9.7", "to": "9.9", "share": 50, "feedback": "Two decimals.\n"}], [EXACT, RANGE]),
        (["1", {"value": "2", "share": 33.33333}], [accepted("1"), accepted("2", "2", Fraction(1, 3))]),
    ],
)
def test_numbers_on_the_way_back(form: object, numbers: Sequence[AcceptedNumber]) -> None:
    written: Any = {"text": "Q", "number": form}
    assert banked(1, written).body == Number(numbers)


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({"accept": "ls"}, ShortText([Answer("ls", FULL)])),
        ({"accept": "ls", "case_matters": True}, ShortText([Answer("ls", FULL)], case_matters=True)),
        ({"accept": "ls", "spaces_matter": True}, ShortText([Answer("ls", FULL)], spaces_matter=True)),
        (
            {"accept": ["ls", {"text": "dir*", "share": 50, "feedback": "No.\n"}]},
            ShortText([Answer("ls", FULL), Answer("dir*", HALF, "No.")]),
        ),
    ],
)
def test_texts_on_the_way_back(fields: dict[str, Any], body: Body) -> None:
    written: Any = {"text": "Q", **fields}
    assert banked(1, written).body == body
