"""What a test's file can have of a question of a bank, what is lost, and the way back."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from cli.questions.authored import NotAuthored, authored, banked
from cli.questions.bank import AcceptedNumber, Answer, BankQuestion, Body, Choice, Match, Number, Ordering, Other
from hypothesis import given, settings
from hypothesis import strategies as st

from common.shared.shares import share_of_percent

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
BY_ORDER = "partial_credit of the test says what a partly right order earns"


def question(body: Body, **more: Any) -> BankQuestion:
    return BankQuestion("line 1", "What?", body, **more)


def options(*shares: Fraction | int, feedback: str | None = None) -> list[Answer]:
    return [Answer(f"option {place}", Fraction(share), feedback) for place, share in enumerate(shares)]


def several(*shares: Fraction | int) -> Choice:
    return Choice(options(*shares), several=True)


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


@pytest.mark.parametrize(
    ("shares", "answer", "losses"),
    [
        ((HALF, -HALF, HALF), ["a", "c"], []),
        ((1, -1), ["a"], []),
        ((HALF, HALF), ["a", "b"], []),
        ((HALF, 0, HALF), {"a": 50, "c": 50}, []),
        ((1, 0), {"a": 100}, []),
        ((Fraction(2, 3), THIRD, 0), {"a": 66.66667, "b": 33.33333}, []),
        ((HALF, HALF, Fraction(-1, 4), -1), {"a": 50, "b": 50, "c": -25, "d": -100}, []),
        (
            (Fraction(1, 4), Fraction(1, 4), -HALF),
            {"a": 50, "b": 50, "c": -100},
            ["its shares are scaled, because those of the right options add up to 50 %"],
        ),
        (
            (HALF, 1, -1, 0),
            {"a": 33.33333, "b": 66.66667, "c": -66.66667},
            ["its shares are scaled, because those of the right options add up to 150 %"],
        ),
        ((HALF, HALF, -2), {"a": 50, "b": 50, "c": -100}, ["no option takes more than all points away here"]),
        (
            (Fraction(1, 23), Fraction(22, 23)),
            {"a": 4.3, "b": 95.7},
            ["its shares are rounded to tenths of a per cent"],
        ),
    ],
)
def test_shares_of_several_options(shares: tuple[Fraction], answer: object, losses: list[str]) -> None:
    result = authored(question(several(*shares)))
    assert (result.question["answer"], result.losses) == (answer, losses)


@pytest.mark.parametrize("shares", [(1, HALF), (1, -HALF)])
def test_other_shares_than_that_of_the_only_right_option_are_lost(shares: tuple[Fraction]) -> None:
    assert authored(question(Choice(options(*shares)))).losses == ["only the right option earns points here"]


@pytest.mark.parametrize("of_several", [True, False])
def test_feedback_is_by_letter(of_several: bool) -> None:
    body = Choice([Answer("x", Fraction(1), "Yes."), Answer("y", Fraction(0)), Answer("z", Fraction(0), "No.")])
    result = authored(question(Choice(body.options, of_several)))
    assert (result.question["feedback"], result.losses) == ({"a": "Yes.", "c": "No."}, [])


def test_what_was_lost_before_and_rounded_points_are_said_too() -> None:
    result, losses = authored(question(Choice(options(1, 0)), points=THIRD, losses=["the image x.png"]))
    assert result["points"] == 0.3333
    assert losses == ["the image x.png", "its points are rounded to 0.3333"]


def test_pairs_and_further_options() -> None:
    result = authored(question(Match([("Poland", "Warsaw"), ("Mazovia", "Warsaw")], ["Rome"])))
    assert tuple(result) == (
        {
            "text": "What?",
            "match": [{"item": "Poland", "option": "Warsaw"}, {"item": "Mazovia", "option": "Warsaw"}],
            "other_options": ["Rome"],
        },
        [],
    )


def test_a_further_option_that_is_there_already_is_left_out() -> None:
    result = authored(question(Match([("1", "x"), ("2", "y  z")], ["y z", "w", "w"])))
    assert result.question["other_options"] == ["w"]
    assert result.losses == ["a further option is left out, because it is there twice"]


def test_an_order() -> None:
    result = authored(question(Ordering(["fork", "exec"])))
    assert tuple(result) == ({"text": "What?", "order": ["fork", "exec"]}, [BY_ORDER])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (Other("essay"), "it is of the kind 'essay', which a test cannot have"),
        (Choice(options(*[0] * 26, 1)), "it has 27 options"),
        (Choice(options(0, 0)), "none of its options is right"),
        (Choice(options(0, HALF)), "none of its options is right"),
        (several(0, -1), "none of its options is right"),
        (Choice(options(1, 1)), "2 of its options are right, but students may choose only one"),
        (Match([("a", "b")], ["c"]), "it has 1 pair, and a test's question needs two or more"),
        (Match([("a", "b")] * 27), "it has 27 pairs"),
        (Match([("a", "b"), ("c", "d")], [f"{n}" for n in range(25)]), "it has 27 options"),
        (Ordering(["a"]), "it has 1 text to put in order, and a test needs two or more"),
        (Ordering([f"{n}" for n in range(27)]), "it has 27 options"),
    ],
)
def test_why_a_question_is_not_imported(body: Body, reason: str) -> None:
    with pytest.raises(NotAuthored, match=reason):
        authored(question(body))


def test_most_options_and_pairs_come_in() -> None:
    assert len(authored(question(Ordering([f"{n}" for n in range(26)]))).question["order"]) == 26
    pairs = [(f"{n}", f"{n}") for n in range(26)]
    assert len(authored(question(Match(pairs))).question["match"]) == 26
    with pytest.raises(NotAuthored, match="it has 27 options"):
        authored(question(Match(pairs, ["x"])))


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (
            {"options": {"a": "x", "b": "y", "c": "z"}, "answer": ["a", "c"]},
            Choice([Answer("x", HALF), Answer("y", -HALF), Answer("z", HALF)], several=True),
        ),
        (
            {"options": {"a": "x", "b": "y", "c": "z"}, "answer": {"a": 66.66667, "b": 33.33333, "c": -12.5}},
            Choice(
                [Answer("x", Fraction(2, 3)), Answer("y", THIRD), Answer("z", Fraction(-1, 8))],
                several=True,
            ),
        ),
        (
            {"options": {"a": "True", "b": "False"}, "answer": "b", "feedback": {"a": "No."}},
            Choice([Answer("True", Fraction(0), "No."), Answer("False", Fraction(1))], False, True),
        ),
        (
            {"match": [{"item": "1", "option": "x"}, {"item": "2", "option": "y"}], "other_options": ["z"]},
            Match([("1", "x"), ("2", "y")], ["z"]),
        ),
        ({"order": ["x", "y"]}, Ordering(["x", "y"])),
    ],
)
def test_the_way_back(fields: dict[str, Any], body: Body) -> None:
    written: Any = {"text": "Q\n", **fields, "points": 0.1}
    read = banked(3, written)
    assert (read.where, read.text, read.points) == ("question 3", "Q", Fraction(1, 10))
    assert read.body == body
    again = authored(read)
    assert again.question == {**written, "text": "Q"}
    assert again.losses == ([BY_ORDER] if "order" in fields else [])


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (
            {"options": {"a": "x\n", "b": "y"}, "answer": "b", "feedback": {"a": "No.\n"}},
            Choice([Answer("x", Fraction(0), "No."), Answer("y", Fraction(1))]),
        ),
        (
            {"match": [{"item": "1\n", "option": "x\n"}, {"item": "2", "option": "y"}], "other_options": ["z\n"]},
            Match([("1", "x"), ("2", "y")], ["z"]),
        ),
        ({"order": ["x\n", "y"]}, Ordering(["x", "y"])),
    ],
)
def test_the_line_end_of_a_block_is_no_part_of_a_text(fields: dict[str, Any], body: Body) -> None:
    written: Any = {"text": "Q", **fields}
    assert banked(1, written).body == body


def test_a_correction_is_lost_and_said() -> None:
    written: Any = {"text": "Q", "number": "1", "correction": {"reason": "r"}}
    assert banked(1, written) == BankQuestion(
        "question 1",
        "Q",
        Number([AcceptedNumber(Decimal(1), Decimal(1))]),
        points=Fraction(1),
        losses=["its correction is left out"],
    )


any_share = st.fractions(min_value=-2, max_value=2, max_denominator=100)


@given(st.lists(any_share, min_size=2, max_size=26))
@settings(max_examples=300, deadline=None)
def test_shares_that_are_written_add_up_to_all_points(shares: list[Fraction]) -> None:
    try:
        answer: Any = authored(question(several(*shares))).question["answer"]
    except NotAuthored:
        assert max(shares) <= 0
        return
    if isinstance(answer, dict):
        as_read = [share_of_percent(str(share)) for share in answer.values()]
        assert sum(share for share in as_read if share > 0) == 1
        assert min(as_read) >= -1
        assert 0 not in as_read
