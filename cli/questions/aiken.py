"""Aiken, a text format for questions with one right option: https://docs.moodle.org/en/Aiken_format"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from string import ascii_uppercase

from cli.questions.bank import Answer, Bank, BankError, BankQuestion, Choice, Unreadable
from cli.questions.bank_texts import BankTexts
from cli.questions.formatted import is_formatted
from cli.questions.formatted.rich_text import RichText
from cli.questions.text_file import BLANKS, LISTED, Listing, decoded, numbered_lines, quoted, refuse_too_many

_CHOICE = re.compile(r"([A-Z])[).][ \t]+(.*)", re.DOTALL)
_ANSWER = "ANSWER:"
_MISSPELT_ANSWER = re.compile(r"answers? ?:", re.IGNORECASE)
_ANSWER_LINE = re.compile(r"^[ \t]*ANSWER:", re.MULTILINE)
_CHOICE_LINE = re.compile(r"^[ \t]*A[).][ \t]", re.MULTILINE)
_LINE_ENDS = re.compile(r"[\r\n]+")
_SHORTEST_LINE = 2
_MOST_LINES = 1_000  # of a question's text


def is_aiken(data: bytes) -> bool:
    """Whether `data` looks like Aiken."""
    try:
        text = decoded(data).replace("\r", "\n")
    except BankError:
        return False
    return not text.lstrip().startswith("<") and bool(_ANSWER_LINE.search(text) and _CHOICE_LINE.search(text))


def read_aiken(data: bytes, _texts: BankTexts | None = None) -> Bank:
    """The questions of an Aiken file, which has no formatting."""
    text = decoded(data)
    if not _ANSWER_LINE.search(text.replace("\r", "\n")):
        raise BankError("the file is not in Aiken: no line begins with ANSWER:")
    file = _File()
    for number, line in numbered_lines(text):
        file.take(number, line.strip(BLANKS))
    file.end("the file ends before its ANSWER: line")
    return Bank(tuple(file.questions), tuple(file.unreadable), tuple(file.notes()))


@dataclass
class _Started:
    """The lines of a question so far."""

    number: int
    text: list[str]
    letters: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    follows_empty_line: bool = False


@dataclass
class _File:
    """What was read of a file so far."""

    questions: list[BankQuestion] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    _started: _Started | None = None
    _skipped: Listing = field(default_factory=Listing)

    def take(self, number: int, line: str) -> None:
        """Take a line without the spaces around it."""
        if not line:
            if self._started is not None:
                self._started.follows_empty_line = True
        elif len(line) < _SHORTEST_LINE:
            self._skip(number, line)
        elif match := _CHOICE.fullmatch(line):
            self._take_choice(number, match[1], match[2])
        elif line.startswith(_ANSWER):
            self._take_answer(number, line[len(_ANSWER) :].strip(BLANKS))
        elif _MISSPELT_ANSWER.match(line) and self._started is not None and self._started.options:
            self.end(f"line {number} must begin with ANSWER: in capital letters")
        else:
            self._take_text(number, line)

    def end(self, reason: str) -> None:
        """Report the question that is started, for `reason`."""
        if self._started is not None:
            self._report(self._started.number, reason)
        self._started = None

    def notes(self) -> list[str]:
        """What is neither a question nor unreadable."""
        return [f"lines with a single character are left out: {self._skipped}"] if self._skipped.count else []

    def _skip(self, number: int, line: str) -> None:
        """Leave out a line with a single character, as Moodle does."""
        if self._started is not None:
            losses = self._started.losses
            if len(losses) > LISTED:
                losses[-1] = "more lines with a single character are left out"
                return
            losses.append(f"line {number} is left out, because it is a single character: {quoted(line)}")
            return
        self._skipped.add(f"{quoted(line)} (line {number})")

    def _take_text(self, number: int, line: str) -> None:
        started = self._started
        if started is None:
            self._started = _Started(number, [line])
        elif not started.options and not started.follows_empty_line and len(started.text) < _MOST_LINES:
            started.text.append(line)
        else:
            missing = "an ANSWER: line" if started.options else "choices that begin with A. or A)"
            self.end(f"{missing} must come before line {number}, and a text must be on one line")
            self._started = _Started(number, [line])

    def _take_choice(self, number: int, letter: str, option: str) -> None:
        if self._started is None:
            self._started = _Started(number, [])
        if len(self._started.options) <= len(ascii_uppercase):
            self._started.letters.append(letter)
            self._started.options.append(option)

    def _take_answer(self, number: int, answer: str) -> None:
        started, self._started = self._started, None
        if started is None:
            self._report(number, "an ANSWER: line stands without a question")
            return
        if problem := _problem(started, answer):
            self._report(started.number, problem)
            return
        right = ascii_uppercase.index(answer[0])
        losses = started.losses
        rest = answer[1:].strip(").:" + BLANKS)
        if rest and rest != started.options[right]:
            losses.append(f"only the first letter after ANSWER: counts: {quoted(answer)} is read as {answer[0]}")
        if len(started.text) > 1:
            losses.append("its text is on several lines, which Moodle does not accept")
        options = tuple(Answer(option, Fraction(place == right)) for place, option in enumerate(started.options))
        where = f"line {started.number}"
        self.questions.append(BankQuestion(where, "\n".join(started.text), Choice(options), losses=tuple(losses)))
        refuse_too_many(len(self.questions) + len(self.unreadable))

    def _report(self, number: int, reason: str) -> None:
        self.unreadable.append(Unreadable(f"line {number}", reason))
        refuse_too_many(len(self.questions) + len(self.unreadable))


def _problem(started: _Started, answer: str) -> str | None:
    if not started.text:
        return "the choices stand without a question"
    if len(started.options) < 2:
        return "it needs two choices or more: a choice begins with a capital letter, a point or ), and a space"
    letters = ascii_uppercase[: len(started.options)]
    if "".join(started.letters) != letters:
        return f"its choices have the letters {quoted(', '.join(started.letters))} instead of A, B and so on"
    if not answer:
        return "no letter stands after ANSWER:"
    if answer[0] not in letters:
        return f"ANSWER: {quoted(answer)} is not one of the letters {letters[0]} to {letters[-1]}"
    return None


def write_aiken(
    questions: Sequence[BankQuestion], _files: Mapping[str, bytes] | None = None
) -> tuple[bytes, list[tuple[str, str]]]:
    """An Aiken file, and what it cannot hold: where, and what."""
    written = []
    losses: list[tuple[str, str]] = []
    for question in questions:
        if problem := _obstacle(question):
            losses.append((question.where, f"it is left out: {problem}"))
            continue
        assert isinstance(question.body, Choice)  # noqa: S101 - the obstacles say so
        options = question.body.options
        right = [option.share for option in options].index(Fraction(1))
        lines = [
            _line(question.text),
            *(f"{letter}. {_line(option.text)}" for letter, option in zip(ascii_uppercase, options, strict=False)),
            f"ANSWER: {ascii_uppercase[right]}",
        ]
        written.append("\n".join(lines) + "\n")
        losses += [(question.where, loss) for loss in _losses(question, question.body)]
    return "\n".join(written).encode(), losses


def _line(text: str) -> str:
    return " ".join(line.strip(BLANKS) for line in _LINE_ENDS.split(text) if line.strip(BLANKS))


def _obstacle(question: BankQuestion) -> str | None:
    """Why Aiken cannot hold `question`, if it cannot."""
    body = question.body
    if (
        not isinstance(body, Choice)
        or body.several
        or [option.share for option in body.options].count(Fraction(1)) != 1
    ):
        return "Aiken holds only questions with one right option"
    if not 2 <= len(body.options) <= len(ascii_uppercase):
        return f"Aiken holds from 2 to {len(ascii_uppercase)} options"
    if not all(_line(option.text) for option in body.options):
        return "an option is empty"
    text = _line(question.text)
    if len(text) < _SHORTEST_LINE:
        return "its text is shorter than two characters"
    if _CHOICE.fullmatch(text) or text.startswith(_ANSWER):
        return "its text begins like a choice or an answer"
    return None


def _losses(question: BankQuestion, body: Choice) -> list[str]:
    texts = [question.text, *(option.text for option in body.options)]
    found = [
        (any(isinstance(text, RichText) and is_formatted(text.nodes) for text in texts), "its formatting is left out"),
        (question.points not in (None, 1), "its points are left out"),
        (question.explanation, "its explanation is left out"),
        (any(option.feedback for option in body.options), "the feedback for its options is left out"),
        (any(option.share not in (0, 1) for option in body.options), "the shares of the points are left out"),
        (body.is_true_false, "it is written as a choice, because Aiken does not have true/false questions"),
        (any("\n" in text.strip() or "\r" in text.strip() for text in texts), "line breaks become spaces"),
        (
            any(text.rstrip("\r\n") != text.strip(BLANKS) for text in texts),
            "spaces at the beginning or at the end of a text are left out",
        ),
    ]
    return [loss for is_lost, loss in found if is_lost]
