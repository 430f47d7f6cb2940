"""What is written in GIFT is read as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
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
from cli.questions.gift import is_gift, read_gift, write_gift
from cli.questions.text_file import BLANKS
from hypothesis import example, given, settings
from hypothesis import strategies as st

_SPACES = "spaces at the beginning or at the end of a text are left out"
_PIECES = (
    *("\\", ":", "#", "=", "{", "}", "~", "\n", "\\n", "->", "::", "//", "####", "%50%", "%-5.5%", "[html]", "[plain]"),
    *("$CATEGORY:", "`", "```", "\n```\n", "<b>", "</b>", "&amp;", "<", "&", "*", "\\*", "T", "FALSE", "..", "_____"),
    *(" ", "\t", "\u00a0", "\u2028", "é", "e\u0301", "🙂", "ع", "a", "1", "[", "]", "\n\n", "\r\n", "\r", "\v", "\f"),
)
_TEXTS = st.one_of(
    st.lists(st.sampled_from(_PIECES), min_size=1, max_size=6).map("".join),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20),
).filter(lambda text: bool(text.strip(BLANKS)))
_FEEDBACK = st.none() | _TEXTS
_SHARES = st.sampled_from(
    [Fraction(n, 100) for n in (-100, -50, -25, 0, 5, 50, 99)] + [Fraction(1, 3), Fraction(-1, 7)]
)
_NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6)


@st.composite
def _choices(draw: st.DrawFn) -> Choice:
    several = draw(st.booleans())
    wrong = [Answer(draw(_TEXTS), draw(_SHARES), draw(_FEEDBACK)) for _ in range(draw(st.integers(1, 3)))]
    right = Answer(draw(_TEXTS), Fraction(1), draw(_FEEDBACK))
    return Choice(tuple(draw(st.permutations([right, *wrong]))), several=several)


@st.composite
def _true_or_false(draw: st.DrawFn) -> Choice:
    is_true = draw(st.booleans())
    options = [
        Answer("True", Fraction(is_true), draw(_FEEDBACK)),
        Answer("False", Fraction(not is_true), draw(_FEEDBACK)),
    ]
    return Choice(tuple(options), is_true_false=True)


@st.composite
def _numbers(draw: st.DrawFn) -> Number:
    accepted = []
    for share in [Fraction(1), *draw(st.lists(_SHARES, max_size=2))]:
        low, high = sorted([draw(_NUMBERS), draw(_NUMBERS)])
        high = draw(st.sampled_from([low, high]))
        value = draw(st.sampled_from([None, (low + high) / 2])) if low < high else None
        accepted.append(AcceptedNumber(low, high, share, draw(_FEEDBACK), value))
    return Number(tuple(accepted))


@st.composite
def _short_texts(draw: st.DrawFn) -> ShortText:
    shares = [Fraction(1), *draw(st.lists(_SHARES, max_size=2))]
    return ShortText(tuple(Answer(draw(_TEXTS), share, draw(_FEEDBACK)) for share in shares))


_PAIRS = st.builds(
    Match,
    st.lists(st.tuples(_TEXTS, _TEXTS), min_size=2, max_size=3).map(tuple),
    st.lists(_TEXTS, max_size=2).map(tuple),
)
_BODIES = st.one_of(
    _choices(),
    _true_or_false(),
    _numbers(),
    _short_texts(),
    _PAIRS,
    st.just(Other("essay")),
    st.just(Other("description")),
)
_QUESTIONS = st.builds(BankQuestion, st.just("question 1"), _TEXTS, _BODIES, name=_FEEDBACK, explanation=_FEEDBACK)


_TRUE = Answer("True", Fraction(1), "only for the right answer")


def _mapped(body: Body, shown: Callable[[str], str], literal: Callable[[str], str]) -> Body:
    def answer(of: Answer) -> Answer:
        return replace(of, text=shown(of.text), feedback=shown(of.feedback or "") or None)

    match body:
        case Choice(options=options):
            return replace(body, options=tuple(answer(option) for option in options))
        case ShortText(accepted=accepted):
            return replace(body, accepted=tuple(replace(answer(one), text=literal(one.text)) for one in accepted))
        case Number(accepted=numbers):
            return Number(tuple(replace(number, feedback=shown(number.feedback or "") or None) for number in numbers))
        case Match(pairs=pairs, others=others):
            return Match(
                tuple((shown(left), literal(right)) for left, right in pairs), tuple(literal(other) for other in others)
            )
        case _:
            return body


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def _stripped(text: str) -> str:
    return _line_ends(text).strip(BLANKS)


def _expected(question: BankQuestion, *, spaces_are_lost: bool) -> BankQuestion:
    """The question as GIFT can hold it."""
    shown = _stripped if spaces_are_lost else _line_ends
    return replace(
        question,
        where="line 1",
        text=shown(question.text),
        name=_stripped(question.name or "") or None,
        explanation=None if question.body == Other("description") else shown(question.explanation or "") or None,
        body=_mapped(question.body, shown, _stripped),
        losses=(),
    )


@settings(max_examples=150, deadline=None)
@given(question=_QUESTIONS)
@example(question=BankQuestion("", "// a", Other("essay")))
@example(question=BankQuestion("", "[html]a", Match((("[plain]", "[html]"), ("%50%", "->")), ("c",))))
@example(question=BankQuestion("", "q", ShortText((Answer("T", Fraction(1), "->"),))))
@example(question=BankQuestion("", "q", Choice((Answer("%50%", Fraction(0)), Answer("%-5.5%a", Fraction(1))))))
@example(question=BankQuestion("", "q", ShortText((Answer("%50%", Fraction(1)),))))
@example(question=BankQuestion("", "q", Choice((_TRUE, Answer("False", Fraction(0))), is_true_false=True)))
def test_a_question_is_the_same_after_writing_and_reading(question: BankQuestion) -> None:
    data, losses = write_gift([question])
    if not data:
        assert [where for where, _ in losses] == [question.where]
        assert "->" in str(question.body)  # the only thing that these questions can have and GIFT cannot
        return
    bank = read_gift(data) if b"{" in data else read_gift(data + b"\n\nx{T}")
    assert (bank.unreadable, bank.notes) == ((), ())
    read = replace(bank.questions[0], losses=())
    spaces_are_lost = (question.where, _SPACES) in losses
    possible = [_expected(question, spaces_are_lost=lost) for lost in ([True, False] if spaces_are_lost else [False])]
    assert read in possible


@settings(max_examples=50, deadline=None)
@given(questions=st.lists(_QUESTIONS, min_size=1, max_size=4))
def test_questions_stay_apart(questions: list[BankQuestion]) -> None:
    data, losses = write_gift(questions)
    left_out = sum(loss.startswith("it is left out") for _, loss in losses)
    assert len(read_gift(data + b"\n\nx{T}").questions) == len(questions) - left_out + 1


@settings(max_examples=100, deadline=None)
@given(
    data=st.binary(max_size=100)
    | st.lists(st.sampled_from(_PIECES), max_size=30).map(lambda pieces: "".join(pieces).encode())
)
def test_what_is_written_like_gift_is_never_a_crash(data: bytes) -> None:
    if is_gift(data):
        read_gift(data)


def test_true_is_the_first_option_after_reading() -> None:
    true, false = Answer("True", Fraction(0)), Answer("False", Fraction(1), "yes")
    data, losses = write_gift([BankQuestion("", "q", Choice((false, true), is_true_false=True))])
    assert (data, losses) == (b"q {\n\tF##yes\n}\n", [])
    assert read_gift(data).questions[0].body == Choice((true, false), is_true_false=True)


def test_code_and_spaces_are_held_by_html() -> None:
    text = "  What does this print?\n\n```python\nif a < b:\n    print('`')\n```"
    question = BankQuestion("line 1", text, Choice((Answer("`<b>` & *x*", Fraction(1)), Answer("y", Fraction(0)))))
    data, losses = write_gift([question])
    assert losses == []
    assert data.startswith(b"[html]")
    assert read_gift(data).questions == (question,)


@pytest.mark.parametrize(
    ("text", "written"),
    [("a b", "a b {}\n"), ("a < b", "[plain]a < b {}\n"), ("a\nb", "a\\nb {}\n"), ("`a`", "[html]<code>a</code> {}\n")],
)
def test_a_text_has_a_format_only_if_moodle_would_show_it_differently(text: str, written: str) -> None:
    assert write_gift([BankQuestion("", text, Other("essay"))]) == (written.encode(), [])


_RIGHT, _WRONG = Answer("a", Fraction(1)), Answer("b", Fraction(0))


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            BankQuestion("", "q", ShortText((_RIGHT,), case_matters=True)),
            "capital and small letters are not told apart",
        ),
        (
            BankQuestion("", "q", ShortText((_RIGHT,), spaces_matter=True)),
            "spaces around an answer do not matter in Moodle",
        ),
        (BankQuestion("", "q", Choice((_RIGHT, _WRONG)), points=Fraction(3)), "its points are not in the file"),
        (BankQuestion("", "q", Other("description"), explanation="e"), "its explanation is left out"),
        (BankQuestion("", "q", Choice((_RIGHT, _WRONG), is_true_false=True)), "its options are called True and False"),
        (
            BankQuestion("", "q", Choice((Answer("True", Fraction(1, 2)), _WRONG), is_true_false=True)),
            "it is written as a choice",
        ),
        (BankQuestion("", "q", Choice((_RIGHT, Answer("b", Fraction(1, 23))))), "the share 1/23 becomes 4.34783%"),
        (BankQuestion("", "q", Choice((Answer("a", Fraction(1, 2)), _WRONG))), "several options can be chosen"),
        (BankQuestion("", "q", ShortText((Answer(" a", Fraction(1)),))), _SPACES),
    ],
)
def test_what_is_lost_is_said(question: BankQuestion, said: str) -> None:
    data, losses = write_gift([replace(question, where="item 7")])
    assert read_gift(data + b"\nx {T}").questions[1:]
    assert [where for where, _ in losses] == ["item 7"] * len(losses)
    assert any(loss.startswith(said) for _, loss in losses)


@pytest.mark.parametrize(
    ("text", "body", "said"),
    [
        ("q", Other("cloze"), "GIFT does not have the type cloze"),
        (" ", Other("essay"), "it has no text"),
        ("q", Choice((_RIGHT,)), "fewer than two options"),
        ("q", Choice((_WRONG, _WRONG)), "no option is right"),
        ("q", Choice((_RIGHT, Answer(" ", Fraction(0)))), "an option is empty"),
        ("q", Choice((Answer("a", Fraction(2)), _WRONG)), "more than all points"),
        ("q", ShortText(()), "no accepted answer earns points"),
        ("q", ShortText((Answer("", Fraction(1)),)), "an accepted text is empty"),
        ("q", ShortText((Answer("a -> b", Fraction(1)), _RIGHT)), "several accepted texts if one has ->"),
        ("q", Ordering(("a", "b")), "GIFT does not have questions whose options are put in order"),
        ("q", Number(()), "no accepted answer earns points"),
        ("q", Number((AcceptedNumber(Decimal("-Infinity"), Decimal(1)),)), "no bound"),
        ("q", Match((("a", "b"),)), "fewer than two pairs"),
        ("q", Match((("a", "b"), ("c", ""))), "the right of a pair is empty"),
    ],
)
def test_what_gift_cannot_hold_is_left_out_and_named(text: str, body: Body, said: str) -> None:
    data, losses = write_gift([BankQuestion("item 7", text, body)])
    assert data == b""
    assert [where for where, _ in losses] == ["item 7"]
    assert losses[0][1].startswith("it is left out: ")
    assert said in losses[0][1]
