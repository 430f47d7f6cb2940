"""What Moodle's importer makes of Aiken, and what is said about the rest."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from cli.questions.aiken import is_aiken, read_aiken, write_aiken
from cli.questions.bank import Answer, BankError, BankQuestion, Body, Choice, Other, ShortText, Unreadable
from cli.questions.text_file import BLANKS
from hypothesis import given, settings
from hypothesis import strategies as st

_QUESTION = "q1\nA. a\nB. b\nANSWER: A\n"


def _options(*texts: str, right: int = 0) -> Choice:
    return Choice(tuple(Answer(text, Fraction(place == right)) for place, text in enumerate(texts)))


@pytest.mark.parametrize(
    ("text", "question", "body"),
    [
        ("q1\nA. a\nB. b\nANSWER: B", "q1", _options("a", "b", right=1)),
        ("q1\nA) a\nB) b\nANSWER:A", "q1", _options("a", "b")),
        (" q1 \n\n A.\ta b \n\n B. b\n\n ANSWER:  B \n", "q1", _options("a b", "b", right=1)),
        ("q1\nA. a. b\nB) B) c\nANSWER: A) ", "q1", _options("a. b", "B) c")),
        ("q1\nA. a\nB. <b> & *\nANSWER: B. <b> & *", "q1", _options("a", "<b> & *", right=1)),
        ("1. What?\nA. {=a ~b}\nB. 🙂\nANSWER: A", "1. What?", _options("{=a ~b}", "🙂")),
        ("a. lower\nA. a\nB. b\nANSWER: A", "a. lower", _options("a", "b")),
        ("Answer: why?\nA. a\nB. b\nANSWER: A", "Answer: why?", _options("a", "b")),
        ("A.B. is\nA. a\nB. b\nANSWER: A", "A.B. is", _options("a", "b")),
    ],
)
def test_questions_are_read(text: str, question: str, body: Body) -> None:
    bank = read_aiken(text.encode())
    assert (bank.unreadable, bank.notes) == ((), ())
    assert bank.questions == (BankQuestion("line 1", question, body),)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_files_of_every_system(line_end: str) -> None:
    data = (_QUESTION + "\n" + _QUESTION).replace("\n", line_end)
    assert is_aiken(data.encode())
    assert [question.where for question in read_aiken(data.encode("utf-8-sig")).questions] == ["line 1", "line 6"]
    assert len(read_aiken(data.encode("utf-16")).questions) == 2


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("q1\nA. a\nANSWER: A", 1, "two choices or more"),
        ("q1\na. a\nb. b\nANSWER: A", 1, "a choice begins with a capital letter"),
        ("q1\nA.a\nB.b\nANSWER: A", 1, "a choice begins with a capital letter"),
        ("q1\nA. a\nB. b\nANSWER: C", 1, "is not one of the letters A to B"),
        ("q1\nA. a\nB. b\nANSWER: a", 1, "is not one of the letters A to B"),
        ("q1\nA. a\nB. b\nANSWER:", 1, "no letter stands after ANSWER:"),
        ("q1\nA. a\nC. b\nANSWER: A", 1, 'have the letters "A, C" instead of A, B'),
        ("q1\nA. a\nB. b\nA. c\nANSWER: A", 1, "have the letters"),
        ("q1\n" + "A. a\n" * 40 + "ANSWER: A", 1, "have the letters"),
        ("A. a\nB. b\nANSWER: A", 1, "the choices stand without a question"),
        ("q1\nA. a\nB. b\nq2\nA. a\nB. b\nANSWER: A", 1, "an ANSWER: line must come before line 4"),
        ("Title\n\nq2\nA. a\nB. b\nANSWER: A", 1, "choices that begin with A. or A) must come before line 3"),
        (
            "q1\nA. a\nB. b\nAnswer: A\nq2\nA. a\nB. b\nANSWER: A",
            1,
            "line 4 must begin with ANSWER: in capital letters",
        ),
        (_QUESTION + "ANSWER: B", 5, "stands without a question"),
        (_QUESTION + "\nq2\nA. a\nB. b\n", 6, "the file ends before its ANSWER: line"),
    ],
)
def test_what_is_no_question_is_named(text: str, where: int, said: str) -> None:
    (unreadable,) = read_aiken(text.encode()).unreadable
    assert unreadable.where == f"line {where}"
    assert said in unreadable.reason


def test_the_questions_around_a_wrong_one_are_read() -> None:
    bank = read_aiken(f"{_QUESTION}\nq2\nA. a\nB. b\n\n{_QUESTION}".encode())
    assert [question.where for question in bank.questions] == ["line 1", "line 10"]
    reason = "an ANSWER: line must come before line 10, and a text must be on one line"
    assert bank.unreadable == (Unreadable("line 6", reason),)


@pytest.mark.parametrize(
    ("answer", "loss"),
    [
        ("A", None),
        ("A.", None),
        ("A. a", None),
        ("AB", 'only the first letter after ANSWER: counts: "AB" is read as A'),
        ("A, B", 'only the first letter after ANSWER: counts: "A, B" is read as A'),
    ],
)
def test_only_the_first_letter_counts(answer: str, loss: str | None) -> None:
    (question,) = read_aiken(f"q1\nA. a\nB. b\nANSWER: {answer}".encode()).questions
    assert question.losses == ((loss,) if loss else ())


def test_a_text_on_several_lines_is_kept_and_said() -> None:
    (question,) = read_aiken(b"q1\nmore\nA. a\nB. b\nANSWER: A").questions
    assert question.text == "q1\nmore"
    assert question.losses == ("its text is on several lines, which Moodle does not accept",)


def test_a_short_line_in_a_question_is_said_of_it() -> None:
    (question,) = read_aiken(b"Title\n\nq\nA. a\nB. b\nANSWER: A").questions
    assert question.losses == ('line 3 is left out, because it is a single character: "q"',)


def test_short_lines_are_skipped_and_noted() -> None:
    bank = read_aiken(f"-\n{_QUESTION}?\n".encode())
    assert len(bank.questions) == 1
    assert bank.notes == ('lines with a single character are left out: "-" (line 1), "?" (line 6)',)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\0", "not a text file"),
        (b"q {T}", "no line begins with ANSWER:"),
        (b"q\nA. a\nB. b\nAnswer: A", "no line begins with ANSWER:"),
        (b"\xff\xfe\xff", "save it as UTF-8"),
        (b"ANSWER: A\n" * 5001, "more than 5,000 questions"),
        (b"a" * (20 * 1024 * 1024 + 1), "larger than 20 MB"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused_with_the_reason(data: bytes, said: str) -> None:
    with pytest.raises(BankError, match=said):
        read_aiken(data)


@pytest.mark.parametrize("run", ["a", " ", "A. ", "A.", "\n", "\r", "ab\n", "A. x\n", "-\n", "ANSWER", "\t"])
def test_a_long_run_takes_no_longer_than_its_length(run: str) -> None:
    """With quadratic time, this would take very long."""
    data = f"q1{run * 100_000}\nA. {run * 100_000}\nB. b\nANSWER: A".encode()
    assert is_aiken(data)
    try:
        read_aiken(data)
    except BankError as error:
        assert "more than 5,000 questions" in str(error)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (_QUESTION, True),
        ("q\nA) a\nB) b\nANSWER: A", True),
        ("q {=a ~b}", False),
        ("q\nA. a\nB. b", False),
        ("<p>\nA. a\nANSWER: A", False),
        ("", False),
    ],
)
def test_aiken_is_recognized(text: str, expected: bool) -> None:
    assert is_aiken(text.encode()) is expected


_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\n\r"), min_size=2, max_size=20).filter(
    lambda text: text == text.strip(BLANKS) and len(text) > 1
)


@settings(max_examples=150, deadline=None)
@given(
    questions=st.lists(
        st.builds(
            lambda text, options, right: BankQuestion("", text, _options(*options, right=right % len(options))),
            _TEXTS,
            st.lists(_TEXTS | st.sampled_from(["A. a", "ANSWER: B", "x", "🙂", "{=a}"]), min_size=2, max_size=26),
            st.integers(0, 25),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_a_question_is_the_same_after_writing_and_reading(questions: list[BankQuestion]) -> None:
    data, losses = write_aiken(questions)
    if losses:
        assert {loss for _, loss in losses} == {"it is left out: its text begins like a choice or an answer"}
        return
    bank = read_aiken(data)
    assert (bank.unreadable, bank.notes) == ((), ())
    assert [replace(question, where="") for question in bank.questions] == questions


_RIGHT, _WRONG = Answer("a", Fraction(1)), Answer("b", Fraction(0))


@pytest.mark.parametrize(
    ("question", "losses"),
    [
        (BankQuestion("", "q1", Choice((_RIGHT, _WRONG))), []),
        (BankQuestion("", "q1\n", Choice((_RIGHT, _WRONG)), points=Fraction(1)), []),
        (BankQuestion("", "q1", Choice((_RIGHT, _WRONG)), name="n"), []),
        (BankQuestion("", "q1", Choice((_RIGHT, _WRONG)), points=Fraction(2)), ["its points are left out"]),
        (BankQuestion("", "q1", Choice((_RIGHT, _WRONG)), explanation="e"), ["its explanation is left out"]),
        (
            BankQuestion("", "q1", Choice((_RIGHT, Answer("b", Fraction(1, 2), "f")))),
            ["the feedback for its options is left out", "the shares of the points are left out"],
        ),
        (
            BankQuestion("", "q1", Choice((_RIGHT, _WRONG), is_true_false=True)),
            ["it is written as a choice, because Aiken does not have true/false questions"],
        ),
        (BankQuestion("", "q1\nq1\r\nq1", Choice((_RIGHT, _WRONG))), ["line breaks become spaces"]),
        (
            BankQuestion("", " q1", Choice((_RIGHT, _WRONG))),
            ["spaces at the beginning or at the end of a text are left out"],
        ),
    ],
)
def test_what_is_lost_is_said(question: BankQuestion, losses: list[str]) -> None:
    data, said = write_aiken([replace(question, where="item 7")])
    assert said == [("item 7", loss) for loss in losses]
    assert read_aiken(data).questions[0].text.startswith("q1")


@pytest.mark.parametrize(
    ("text", "body", "said"),
    [
        ("q1", Other("essay"), "only questions with one right option"),
        ("q1", ShortText((_RIGHT,)), "only questions with one right option"),
        ("q1", Choice((_RIGHT, _RIGHT)), "only questions with one right option"),
        ("q1", Choice((_RIGHT, _WRONG), several=True), "only questions with one right option"),
        ("q1", Choice((_RIGHT,)), "from 2 to 26 options"),
        ("q1", Choice((_RIGHT, *[_WRONG] * 26)), "from 2 to 26 options"),
        ("q1", Choice((_RIGHT, Answer("\n", Fraction(0)))), "an option is empty"),
        ("q", Choice((_RIGHT, _WRONG)), "shorter than two characters"),
        ("A. q", Choice((_RIGHT, _WRONG)), "begins like a choice or an answer"),
        ("ANSWER: q", Choice((_RIGHT, _WRONG)), "begins like a choice or an answer"),
    ],
)
def test_what_aiken_cannot_hold_is_left_out_and_named(text: str, body: Body, said: str) -> None:
    data, losses = write_aiken([BankQuestion("item 7", text, body)])
    assert data == b""
    assert len(losses) == 1
    assert losses[0][0] == "item 7"
    assert said in losses[0][1]
