"""Which typed numbers and texts are accepted, for which share of the points."""

from __future__ import annotations

import time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.run.accepted_answers import (
    comparable,
    counted_answer,
    fits_pattern,
    full_answers_in_words,
    number_of,
    same_if_alike,
)
from score_batch.question_points import question_score
from support.documents import question, right

GRAVITY = [
    {"low": "9.76", "high": "9.86", "value": "9.81"},
    {"low": "9.7", "high": "9.9", "share": 50, "feedback": "Give two decimals."},
]


def share(kind: str, typed: str, accepted: Any, **entry: Any) -> Fraction:
    """Of the points of a question of three points."""
    key = right("", points=3, **{f"{kind}s": accepted}, **entry)
    points, most = question_score(question(1, kind, ""), key, [typed], "off")
    assert most == 3
    return points / 3


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("62", "62"),
        ("3.5", "3.5"),
        ("3,5", "3.5"),
        ("-.5", "-0.5"),
        ("+5.", "5"),
        ("1e3", "1000"),
        ("1,5E-3", "0.0015"),
        ("0" * 49 + "7", "7"),
    ],
)
def test_a_number_is_read_with_a_point_or_a_comma(typed: str, value: str) -> None:
    assert number_of(typed) == Decimal(value)


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "-", ".", "e5", "1e", "1e1000", "1.2.3", "1,2,3", "1 000", "1_000", "62 km", " 62", "62\n"),
        *("nan", "inf", "-Infinity", "0x1f", "½", "٣", "３", "−5", "1/2"),  # noqa: RUF001 # digits and signs that are not ASCII
        "1" * 51,
    ],
)
def test_what_is_not_a_number_earns_nothing(typed: str) -> None:
    assert number_of(typed) is None
    assert share("number", typed, [{"low": "-1e999", "high": "1e999"}]) == 0


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("9.81", "1"),
        ("9,81", "1"),
        ("981e-2", "1"),
        ("9.76", "1"),  # bounds are included
        ("9.86", "1"),
        ("9.8600000000000000000000000000000000000000001", "1/2"),  # more digits than a double has
        ("9.75999999999999999999999999999999999999999", "1/2"),
        ("9.7", "1/2"),
        ("9.69", "0"),
        ("-9.81", "0"),
    ],
)
def test_the_best_share_of_the_numbers_that_fit_counts(typed: str, expected: str) -> None:
    assert share("number", typed, GRAVITY) == Fraction(expected)


def test_a_number_is_compared_as_it_was_written_and_not_as_a_double() -> None:
    exactly = [{"low": "0.3", "high": "0.3", "value": "0.3"}]
    assert share("number", "0.3", exactly) == 1
    assert share("number", "0.30000000000000004", exactly) == 0
    assert share("number", "9007199254740993", [{"low": "9007199254740992", "high": "9007199254740992"}]) == 0


def test_a_huge_exponent_takes_no_time() -> None:
    began = time.process_time()
    for low, high in (("-1e999999", "1e999999"), ("1e-999999", "1e999999")):
        assert share("number", "1e999", [{"low": low, "high": high}]) == 1
    assert share("number", "1e-999", [{"low": "1e999998", "high": "1e999999"}]) == 0
    assert time.process_time() - began < 0.5


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_a_number_that_is_written_otherwise_is_the_same(value: Decimal) -> None:
    key = right("", numbers=[{"low": f"{value:f}", "high": f"{value:f}"}])
    for typed in (f"{value:f}", f"{value:f}00", f"{value:f}".replace(".", ","), f"{value:e}"):
        assert counted_answer(key, typed), typed
        assert same_if_alike(key, typed) == same_if_alike(key, f"{value:f}")


@pytest.mark.parametrize(
    ("typed", "accepted", "fits"),
    [
        ("ls", "ls", True),
        ("LS", "ls", True),
        ("  ls   -l ", "ls -l", True),
        ("ls\u00a0-l", "ls -l", True),
        ("ls-l", "ls -l", False),
        ("STRASSE", "straße", True),
        ("Cafe\u0301", "café", True),  # composed and decomposed
        ("CAFE\u0301", "café", True),
        ("dir", "dir*", True),
        ("directory", "dir*", True),
        ("a dir", "dir*", False),
        ("chmod u+x file", "chmod * file", True),
        ("chmod file", "chmod * file", False),  # a space on both sides
        ("abab", "ab*ab", True),
        ("ab", "ab*ab", False),  # the two ends do not overlap
        ("aXbXc", "*X*X*", True),
        ("aXbc", "*X*X*", False),
        ("ls *", r"ls \*", True),
        ("ls x", r"ls \*", False),
        ("2*3*4", r"2\**", True),
        ("a.c", "a.c", True),
        ("abc", "a.c", False),  # not a regular expression
        ("C:\\temp", r"c:\temp", True),  # a backslash before anything else is a backslash
    ],
)
def test_a_text_fits_what_is_accepted(typed: str, accepted: str, fits: bool) -> None:
    assert share("text", typed, [{"text": accepted}]) == int(fits)


@pytest.mark.parametrize(
    ("matters", "typed", "fits"),
    [
        ("caseMatters", "LS -l", False),
        ("caseMatters", " ls  -l", True),
        ("caseMatters", "cafe\u0301 ls -l", False),
        ("spacesMatter", "LS -L", True),
        ("spacesMatter", "ls  -l", False),
        ("spacesMatter", " ls -l", False),
    ],
)
def test_case_and_spaces_matter_if_the_question_says_so(matters: str, typed: str, fits: bool) -> None:
    assert share("text", typed, [{"text": "ls -l"}], **{matters: True}) == int(fits)


@pytest.mark.parametrize("hidden", ["\u200b", "\u200e", "\ufeff", "\u2060", "\u00ad", "\u202a"])
@pytest.mark.parametrize("key", [{}, {"caseMatters": True, "spacesMatter": True}])
def test_hidden_characters_do_not_count(hidden: str, key: Any) -> None:
    """The report does not show them either, so nobody would see why such an answer is wrong."""
    assert share("text", f"{hidden}l{hidden}s -l{hidden}", [{"text": "ls -*"}], **key) == 1
    assert share("text", "ls", [{"text": f"{hidden}ls"}], **key) == 1
    assert same_if_alike(right("", texts=[], **key), f"{hidden}ls") == "ls"


def test_a_composed_letter_is_the_same_even_if_case_matters() -> None:
    assert share("text", "Cafe\u0301", [{"text": "Café"}], caseMatters=True, spacesMatter=True) == 1


def test_of_two_that_fit_the_better_counts_and_of_equals_the_first() -> None:
    accepted = [
        {"text": "*", "share": 25},
        {"text": "l*", "share": 50},
        {"text": "ls"},
        {"text": "LS", "feedback": "x"},
    ]
    assert share("text", "ls", accepted) == 1
    assert share("text", "la", accepted) == Fraction(1, 2)
    assert share("text", "dir", accepted) == Fraction(1, 4)
    assert counted_answer(right("", texts=accepted), "ls") == {"text": "ls"}
    assert share("text", "x", [{"text": "x", "share": 33.33333}]) == Fraction(1, 3)


@pytest.mark.parametrize(("kind", "typed"), [("number", "64"), ("text", "dir")])
def test_a_correction_accepts_further_answers(kind: str, typed: str) -> None:
    first, more = (
        ([{"low": "62", "high": "62"}], [{"low": "64", "high": "64", "share": 50}])
        if kind == "number"
        else ([{"text": "ls"}], [{"text": "dir", "share": 50}])
    )
    assert share(kind, typed, first) == 0
    assert share(kind, typed, first, correction={"reason": "slip", f"{kind}s": more}) == Fraction(1, 2)


def test_no_pattern_takes_long() -> None:
    """A regular expression that goes back would try more ways than there are atoms."""
    text = comparable("a" * 500, right(""))
    began = time.process_time()
    for pattern in ("a*" * 250 + "b", "*a" * 250 + "*b", "*" * 500 + "b", ("a" * 20 + "*") * 25 + "b"):
        assert not fits_pattern(text, pattern)
    assert fits_pattern(text, "a*" * 250)
    assert time.process_time() - began < 0.5


PIECES = st.lists(st.sampled_from(["a", "b", "ab", "*", r"\*"]), max_size=8).map("".join)


@given(st.text("ab*", max_size=8), PIECES)
def test_a_pattern_fits_as_its_definition_says(text: str, pattern: str) -> None:
    def fits(place: int, at: int) -> bool:
        """By trying everything."""
        if at == len(pattern):
            return place == len(text)
        if pattern.startswith(r"\*", at):
            return text.startswith("*", place) and fits(place + 1, at + 2)
        if pattern[at] == "*":
            return any(fits(further, at + 1) for further in range(place, len(text) + 1))
        return text.startswith(pattern[at], place) and fits(place + 1, at + 1)

    assert fits_pattern(text, pattern) == fits(0, 0)


@given(st.text())
def test_a_text_is_alike_itself_however_it_is_written(text: str) -> None:
    key = right("", texts=[{"text": "x"}])
    once = comparable(text, key)
    assert comparable(once, key) == once
    assert comparable(f"  {text}\t", key) == once


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"numbers": [{"low": "128", "high": "128", "value": "128"}]}, ["128"]),
        ({"numbers": GRAVITY}, ["9.81 (9.76 to 9.86)"]),
        ({"numbers": [{"low": "9.7", "high": "9.9"}]}, ["9.7 to 9.9"]),
        ({"numbers": [{"low": "5", "high": "5.0"}]}, ["5"]),
        ({"texts": [{"text": "ls"}, {"text": "dir*"}, {"text": "x", "share": 99}]}, ["ls", "dir…"]),
        ({"texts": [{"text": r"ls \*"}, {"text": r"ls \*"}]}, ["ls *"]),
        ({"texts": [{"text": "a"}], "correction": {"reason": "", "texts": [{"text": "b"}]}}, ["a", "b"]),
    ],
)
def test_what_is_right_in_words_is_what_earns_all_points(entry: Any, words: list[str]) -> None:
    assert full_answers_in_words(right("", **entry)) == words
