"""What a test's file can have of a question of a bank, what is lost, and the way back."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from cli.questions.authored import NotAuthored, authored, banked
from cli.questions.bank import AcceptedNumber, Answer, BankQuestion, Body, Choice, Match, Number, Other, ShortText

HALF = Fraction(1, 2)


def question(body: Body, **more: Any) -> BankQuestion:
    return BankQuestion("line 1", "What?", body, **more)


def options(*shares: Fraction | int, feedback: str | None = None) -> list[Answer]:
    return [Answer(f"option {place}", Fraction(share), feedback) for place, share in enumerate(shares)]


def test_one_right_option() -> None:
    result, losses = authored(question(Choice(options(0, 1)), points=Fraction(5, 2), explanation="Because."))
    assert result == {
        "text": "What?",
        "options": {"a": "option 0", "b": "option 1"},
        "answer": "b",
        "points": 2.5,
        "explanation": "Because.",
    }
    assert losses == []


def test_several_right_options() -> None:
    result, losses = authored(question(Choice(options(HALF, 0, HALF), several=True)))
    assert (result["answer"], losses) == (["a", "c"], [])


@pytest.mark.parametrize(
    ("body", "loss"),
    [
        (Choice(options(1, HALF)), "only the right option earns points here"),
        (Choice(options(1, -HALF)), "only the right option earns points here"),
        (
            Choice(options(Fraction(2, 3), Fraction(1, 3), 0), several=True),
            "all right options are worth the same here",
        ),
        (
            Choice(options(HALF, HALF, Fraction(-1, 4)), several=True),
            "partial_credit of the test says what wrong options take away",
        ),
        (Choice(options(1, 0, feedback="Well.")), "the feedback for 2 of its options is left out"),
    ],
)
def test_what_is_lost_is_said(body: Choice, loss: str) -> None:
    assert authored(question(body)).losses == [loss]


def test_what_was_lost_before_and_rounded_points_are_said_too() -> None:
    result, losses = authored(question(Choice(options(1, 0)), points=Fraction(1, 3), losses=["the image x.png"]))
    assert result["points"] == 0.3333
    assert losses == ["the image x.png", "its points are rounded to 0.3333"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (Other("essay"), "it is of the kind 'essay', which a test cannot have"),
        (Number([AcceptedNumber(Decimal(1), Decimal(2))]), "it is a question for a number"),
        (ShortText(options(1)), "it is a question for a text"),
        (Match([("a", "b")]), "it is a matching question"),
        (Choice(options(*[0] * 26, 1)), "it has 27 options"),
        (Choice(options(0, 0)), "none of its options is right"),
        (Choice(options(0, HALF)), "none of its options is right"),
        (Choice(options(0, -1), several=True), "none of its options is right"),
        (Choice(options(1, 1)), "2 of its options are right, but students may choose only one"),
    ],
)
def test_why_a_question_is_not_imported(body: Body, reason: str) -> None:
    with pytest.raises(NotAuthored, match=reason):
        authored(question(body))


def test_the_way_back() -> None:
    written: Any = {"text": "Q\n", "options": {"a": "x", "b": "y", "c": "z"}, "answer": ["a", "c"], "points": 0.1}
    read = banked(3, written)
    assert (read.where, read.text, read.points) == ("question 3", "Q", Fraction(1, 10))
    assert read.body == Choice([Answer("x", HALF), Answer("y", -HALF), Answer("z", HALF)], several=True)
    assert authored(read) == ({**written, "text": "Q"}, [])


def test_true_and_false_are_known_again() -> None:
    written: Any = {"text": "Q", "options": {"a": "True", "b": "False"}, "answer": "b"}
    assert banked(1, written).body == Choice([Answer("True", Fraction(0)), Answer("False", Fraction(1))], False, True)


def test_a_correction_is_lost_and_said() -> None:
    written: Any = {"text": "Q", "options": {"a": "x", "b": "y"}, "answer": "b", "correction": {"reason": "r"}}
    assert banked(1, written).losses == ["its correction is left out"]
