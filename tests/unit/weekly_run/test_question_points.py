"""What answers to questions with shares, of options in order, and of pairs are worth; which keys fit them."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from score_batch.answer_keys import BrokenAnswerKey, check_key
from score_batch.question_points import answer_parts, question_score
from support.documents import answer_key, question, right

ROOT = Path(__file__).parents[3]
RULES = ("off", "net-correct", "each-answer")
SHARES = {"a": 50, "b": 50, "c": -50}
PAIRS = {"1": "b", "2": "a", "3": "c", "4": "b"}
ITEMS = [{"id": number, "text": f"item {number}"} for number in PAIRS]


def share(kind: str, answer: Any, entry: Any, rule: str = "off", **changes: Any) -> Fraction:
    """Of the points of a question of two points."""
    asked = question(1, kind, **changes)
    points, most = question_score(asked, right("", **{"points": 2, **entry}), answer_parts(asked, answer), rule)
    assert most == 2
    return points / 2


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("ab", "1"),
        ("a", "1/2"),
        ("abc", "1/2"),
        ("ac", "0"),
        ("c", "0"),  # never less than nothing
        ("ad", "1/2"),  # an option without a share: 0
        ("abcd", "1/2"),
        ("ax", "1/2"),
        ("", "0"),
    ],
)
@pytest.mark.parametrize("rule", RULES)
def test_options_with_shares_earn_their_sum_under_every_rule(chosen: str, expected: str, rule: str) -> None:
    entry = {"correct": ["a", "b"], "shares": SHARES}
    assert share("multiple", list(chosen), entry, rule) == Fraction(expected)


def test_three_rounded_thirds_are_all_points() -> None:
    entry = {"correct": ["a", "b", "c"], "shares": dict.fromkeys("abc", 33.33333)}
    assert share("multiple", ["a"], entry) == Fraction(1, 3)
    assert share("multiple", ["a", "b", "c"], entry) == 1


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(-100, 100)), st.sets(st.sampled_from("abcd")))
def test_shares_never_earn_more_than_all_or_less_than_nothing(shares: dict[str, int], chosen: set[str]) -> None:
    expected = min(100, max(0, sum(shares.get(option, 0) for option in chosen)))
    assert share("multiple", sorted(chosen), {"correct": ["a"], "shares": shares}) == Fraction(expected, 100)


@pytest.mark.parametrize(
    ("given_order", "off", "net_correct", "each_answer"),
    [  # the table of docs/scoring.md
        ("abcd", "1", "1", "1"),
        ("abdc", "0", "2/3", "5/6"),
        ("bcda", "0", "0", "1/2"),
        ("dabc", "0", "0", "1/2"),
        ("badc", "0", "1/3", "2/3"),
        ("dcba", "0", "0", "0"),
        ("", "0", "0", "0"),
        ("abc", "0", "0", "0"),  # not all of them: written before the question was changed
        ("abcc", "0", "0", "0"),
        ("abcx", "0", "0", "0"),
    ],
)
def test_an_order_earns_what_the_rule_says(given_order: str, off: str, net_correct: str, each_answer: str) -> None:
    for rule, expected in zip(RULES, (off, net_correct, each_answer), strict=True):
        assert share("order", list(given_order), {"correct": list("abcd")}, rule) == Fraction(expected), rule


def test_the_right_order_is_the_keys_and_not_that_of_the_letters() -> None:
    assert share("order", list("cab"), {"correct": list("cab")}) == 1
    assert share("order", list("abc"), {"correct": list("cab")}) == 0


@pytest.mark.parametrize("count", range(2, 6))
def test_kendalls_tau_is_zero_on_average_and_the_share_of_pairs_a_half(count: int) -> None:
    """Of all orders. So tau, which is never below 0 here, does not reward guessing as the other rule does."""
    letters = "abcde"[:count]
    entry = {"correct": list(letters)}
    shares = [share("order", list(order), entry, "each-answer") for order in permutations(letters)]
    assert sum(shares) / len(shares) == Fraction(1, 2)
    tau = [share("order", list(order), entry, "net-correct") for order in permutations(letters)]
    assert tau == [max(Fraction(0), 2 * each - 1) for each in shares]


@given(st.permutations("abcdef"), st.integers(0, 4))
def test_putting_two_neighbours_right_never_earns_less(order: list[str], place: int) -> None:
    better = order[:place] + sorted(order[place : place + 2]) + order[place + 2 :]
    for rule in RULES:
        entry = {"correct": list("abcdef")}
        assert share("order", better, entry, rule) >= share("order", order, entry, rule)


@pytest.mark.parametrize(
    ("pairs", "off", "partly"),
    [
        ({"1": "b", "2": "a", "3": "c", "4": "b"}, "1", "1"),
        ({"4": "b", "3": "c", "2": "a", "1": "b"}, "1", "1"),
        ({"1": "b", "2": "a", "3": "c"}, "0", "3/4"),
        ({"1": "b", "2": "b", "3": "b", "4": "b"}, "0", "1/2"),
        ({"1": "a"}, "0", "0"),
        ({"9": "b"}, "0", "0"),
        ({}, "0", "0"),
    ],
)
def test_pairs_earn_what_the_rule_says(pairs: dict[str, str], off: str, partly: str) -> None:
    for rule, expected in zip(RULES, (off, partly, partly), strict=True):
        assert share("match", pairs, {"correct": [], "pairs": PAIRS}, rule, items=ITEMS) == Fraction(expected), rule


@pytest.mark.parametrize(
    ("kind", "answer", "parts"),
    [
        ("single", "b", ["b"]),
        ("multiple", ["c", "a", "c"], ["a", "c"]),
        ("number", "3,50", ["3,50"]),
        ("text", " ls ", [" ls "]),
        ("order", ["c", "a", "b"], ["c", "a", "b"]),
        ("match", {"2": "a", "1": "b"}, {"1": "b", "2": "a"}),
        # answers to a question of another kind, which the trainer has changed since
        ("single", {"1": "a"}, []),
        ("multiple", "a", ["a"]),
        ("number", ["a", "b"], []),
        ("text", {"1": "a"}, []),
        ("order", "a", ["a"]),
        ("match", ["a"], {}),
        *((kind, None, []) for kind in ("single", "multiple", "number", "text", "order")),
        ("match", None, {}),
    ],
)
def test_a_score_has_the_parts_of_an_answer(kind: str, answer: Any, parts: Any) -> None:
    found = answer_parts(question(1, kind, items=ITEMS), answer)
    assert found == parts
    assert list(found) == list(parts)


def documented(heading: str) -> list[list[str]]:
    """The rows of the last table of a section of docs/scoring.md, without its head."""
    text = (ROOT / "docs/scoring.md").read_text(encoding="utf-8")
    section = re.split(r"^##+ ", text.split(f"### {heading}\n")[1], flags=re.MULTILINE)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    last_head = max(place for place, row in enumerate(rows) if set(row[0]) == {"-"})
    return rows[last_head + 1 :]


def test_the_documented_examples_of_shares_are_right() -> None:
    for chosen, points in documented("Options with shares"):
        assert 2 * share("multiple", chosen.split(", "), {"correct": ["a", "b"], "shares": SHARES}) == Fraction(points)


def test_the_documented_examples_of_orders_are_right() -> None:
    for order, *points in documented("Options in order"):
        earned = [6 * share("order", order.split(), {"correct": list("abcd")}, rule) for rule in RULES]
        assert earned == [Fraction(each) for each in points], order


@pytest.mark.parametrize(
    ("heading", "kind", "accepted"),
    [
        ("Numbers", "number", [{"low": "9.76", "high": "9.86"}, {"low": "9.7", "high": "9.9", "share": 50}]),
        ("Texts", "text", [{"text": "chmod * file"}, {"text": r"2\*3", "share": 50}]),
    ],
)
def test_the_documented_examples_of_typed_answers_are_right(heading: str, kind: str, accepted: Any) -> None:
    for typed, points in documented(heading):
        assert 2 * share(kind, typed[1:-1], {"correct": [], f"{kind}s": accepted}) == Fraction(points), typed


ENTRIES: dict[str, dict[str, Any]] = {
    "single": {"correct": ["a"]},
    "multiple": {"correct": ["a", "b"], "shares": SHARES, "feedback": {"c": "No."}},
    "number": {"correct": [], "numbers": [{"low": "1", "high": "2", "share": 100}]},
    "text": {"correct": [], "texts": [{"text": "ls"}]},
    "order": {"correct": list("dbac")},
    "match": {"correct": [], "pairs": PAIRS},
}


def check(kind: str, entry: dict[str, Any]) -> None:
    check_key([question(1, kind, items=ITEMS)], answer_key("s", "t", right("", **{"points": 1, **entry})))


@pytest.mark.parametrize("kind", ENTRIES)
def test_a_key_that_fits_passes_and_scores_every_answer(kind: str) -> None:
    check(kind, ENTRIES[kind])
    for answer in ("", "a", "1.5", ["a"], ["d", "b", "a", "c"], {"1": "b"}, {"x": "y"}, None):
        for rule in RULES:
            assert 0 <= share(kind, answer, ENTRIES[kind], rule, items=ITEMS) <= 1


@pytest.mark.parametrize(
    ("kind", "changes", "says"),
    [
        ("single", {"correct": []}, "has no right answer to question 1"),
        ("multiple", {"shares": {"a": "50"}}, "does not fit question 1"),
        ("multiple", {"shares": 50}, "does not match"),
        ("number", {"numbers": []}, "has no right answer to question 1"),
        ("number", {"numbers": [{"low": "2", "high": "1"}]}, "does not fit question 1"),
        ("number", {"numbers": [{"low": "x", "high": "1"}]}, "does not match"),
        ("number", {"numbers": [{"low": "1", "high": "1", "share": 0}]}, "does not fit question 1"),
        ("number", {"correction": {"numbers": [{"low": "1"}]}}, "does not match"),
        ("text", {"texts": []}, "has no right answer to question 1"),
        ("text", {"texts": [{"text": 5}]}, "does not fit question 1"),
        ("text", {"texts": ["ls"]}, "does not match"),
        ("text", {"correction": {"texts": [{"text": "x", "share": -5}]}}, "does not fit question 1"),
        ("order", {"correct": ["a", "b", "c"]}, "does not fit question 1"),
        ("order", {"correct": ["a", "b", "c", "c"]}, "does not fit question 1"),
        ("match", {"pairs": {}}, "has no right answer to question 1"),
        ("match", {"pairs": {**PAIRS, "5": "a"}}, "does not fit question 1"),
        ("match", {"pairs": {**PAIRS, "1": "x"}}, "does not fit question 1"),
        ("match", {"pairs": ["a"]}, "does not match"),
    ],
)
def test_a_key_that_does_not_fit_is_refused(kind: str, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(BrokenAnswerKey, match=says):
        check(kind, {**ENTRIES[kind], **changes})


@pytest.mark.parametrize("kind", ENTRIES)
def test_a_key_without_its_part_is_refused(kind: str) -> None:
    entry = {name: value for name, value in ENTRIES[kind].items() if name == "correct"}
    if kind in ("single", "multiple", "order"):
        entry = {"correct": []}
    with pytest.raises(BrokenAnswerKey):
        check(kind, entry)
