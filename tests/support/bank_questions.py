"""Generated questions of question banks."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from cli.questions.bank import (
    AcceptedNumber,
    Answer,
    BankQuestion,
    Body,
    Choice,
    Match,
    Number,
    Ordering,
    Other,
    ShortText,
)
from hypothesis import strategies as st

_T = TypeVar("_T")
_PIECES = st.sampled_from(
    [
        *("a", "Zażółć", "🙂", " ", "  ", "\n", "\n\n", "\r", "\t", "\xa0", "`", "``x`", "```\nx\n```", "<b>", "</p>"),
        *("&amp;", "&", "]]>", "<![CDATA[", '"', "'", "\\", "*", "\\*", "{", "}", "=", "~", "#", "$", "%50%", "//"),
    ]
)
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

any_text = (st.lists(_PIECES, min_size=1, max_size=8).map("".join) | st.text(min_size=1, max_size=20)).map(
    lambda text: _NOT_IN_XML.sub("?", text)
)
trimmed_text = any_text.map(str.strip).filter(bool)
line_of_text = any_text.map(lambda text: " ".join(text.split())).filter(bool)
shares = st.sampled_from([Fraction(0), Fraction(1), Fraction(1, 2), Fraction(1, 3), Fraction(5, 6), Fraction(1, 7)])
penalties = st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(1, 3), Fraction(-1, 2), Fraction(-1)])
feedback = st.none() | any_text
points = st.none() | st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 2), Fraction(1, 3), Fraction(0)])
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=3)


def answers(texts: st.SearchStrategy[str], of: st.SearchStrategy[Fraction] = shares) -> st.SearchStrategy[Answer]:
    return st.builds(Answer, texts, of, feedback)


def tuples(of: st.SearchStrategy[_T], at_least: int = 1) -> st.SearchStrategy[tuple[_T, ...]]:
    return st.lists(of, min_size=at_least, max_size=4).map(tuple)


choices = st.builds(Choice, tuples(answers(any_text, shares | penalties), 2), st.booleans())
true_false = st.builds(
    lambda yes, no: Choice((yes, no), is_true_false=True), answers(st.just("True")), answers(st.just("False"))
)


def _accepted_number(a: Decimal, b: Decimal, has_tolerance: bool, share: Fraction, said: str | None) -> AcceptedNumber:
    """The numbers from `a` to `b`, or those around `a`."""
    if has_tolerance and b:
        return AcceptedNumber(a - abs(b), a + abs(b), share, said, a)
    return AcceptedNumber(min(a, b), max(a, b), share, said)


numbers = st.builds(
    lambda accepted: Number(tuple(accepted)),
    st.lists(
        st.builds(
            _accepted_number,
            *(decimals, decimals, st.booleans(), shares, feedback),
        ),
        min_size=1,
        max_size=4,
    ),
)
others = st.builds(Other, st.just("essay"))


def short_texts(accepted: st.SearchStrategy[str]) -> st.SearchStrategy[ShortText]:
    return st.builds(ShortText, tuples(answers(accepted)), st.booleans())


def matches(left: st.SearchStrategy[str], right: st.SearchStrategy[str]) -> st.SearchStrategy[Match]:
    return st.builds(Match, tuples(st.tuples(left, right)), st.lists(right, max_size=2).map(tuple))


def orderings(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Ordering]:
    return st.builds(Ordering, tuples(texts, 2))


def questions(bodies: st.SearchStrategy[Body]) -> st.SearchStrategy[BankQuestion]:
    names = st.none() | st.just("A name of its own: é < & >")
    return st.builds(BankQuestion, st.just("here"), any_text, bodies, names, points, feedback)
