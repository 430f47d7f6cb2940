"""GIFT, the text format of Moodle: https://docs.moodle.org/en/GIFT_format"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cli.questions.bank import Bank, BankError, BankQuestion, Body, Other, Unreadable
from cli.questions.bank_texts import BankTexts
from cli.questions.gift.answers import NotAQuestionError, body_of
from cli.questions.gift.text import Texts, hidden, shown
from cli.questions.text_file import BLANKS, Listing, decoded, numbered_lines, quoted, refuse_too_many

_COMMENT = "//"
_CATEGORY = "$CATEGORY:"
_FENCE = "```"
_NAME = "::"
_GENERAL_FEEDBACK = "####"
_LOOKED_AT = 200_000
_OTHER_FORMAT = re.compile(r"[ \t\r\n\ufeff]*(?:<\?xml|<!doctype|<quiz|<questestinterop|<html)", re.IGNORECASE)
_ANSWERS = re.compile(r"\{[ \t\r\n]*(?:\}|[=~#]|(?:TRUE|FALSE|T|F)[ \t\r\n]*[#}]|[^{}\"':,;]{1,200}\})")
_GIFT_LINE = re.compile(r"^[ \t]*(?:::|\$CATEGORY:)", re.MULTILINE)
_AIKEN_LINE = re.compile(r"^[ \t]*ANSWER:[ \t]*[A-Z]", re.MULTILINE)
_LEFT_OUT_BY_MOODLE = re.compile(r"// question: *[0-9]+ +name: *(.*)")
_MOST_LINES = 10_000  # of a question


def is_gift(data: bytes) -> bool:
    """Whether `data` looks like GIFT."""
    try:
        text = decoded(data)[:_LOOKED_AT]
    except BankError:
        return False
    if _OTHER_FORMAT.match(text):
        return False
    if _GIFT_LINE.search(text):
        return True
    return _ANSWERS.search(hidden(text)) is not None and not _AIKEN_LINE.search(text)


def read_gift(data: bytes, texts: BankTexts | None = None) -> Bank:
    """The questions of a GIFT file. `texts`: what their texts become."""
    text = decoded(data)
    if _OTHER_FORMAT.match(text):
        raise BankError("the file is not in GIFT: it is XML or HTML")
    if not _GIFT_LINE.search(text) and "{" not in text and "}" not in text:
        raise BankError("the file is not in GIFT: no question has its answers in { }")
    file = _File(texts)
    for lines in _blocks(text):
        file.take(lines)
    file.end()
    return Bank(tuple(file.questions), tuple(file.unreadable), tuple(file.notes()))


def _blocks(text: str) -> Iterator[list[tuple[int, str]]]:
    """The lines between empty lines."""
    block: list[tuple[int, str]] = []
    for number, line in numbered_lines(text):
        if line.strip(BLANKS):
            block.append((number, line))
            if len(block) > _MOST_LINES:
                raise BankError(f"an empty line must separate questions, and lines {block[0][0]} to {number} have none")
        elif block:
            yield block
            block = []
    if block:
        yield block


@dataclass(frozen=True)
class _Piece:
    """A question's lines with their numbers, and their `hidden` text."""

    lines: Sequence[tuple[int, str]]
    text: str

    @property
    def where(self) -> str:
        return f"line {self.lines[0][0]}"

    def line_at(self, place: int) -> int:
        """The number of the line in which the character at `place` is."""
        return self.lines[self.text.count("\n", 0, place)][0]


@dataclass
class _File:
    """What was read of a file so far."""

    texts: BankTexts | None
    questions: list[BankQuestion] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    _open: list[_Piece] = field(default_factory=list)  # begins with a piece whose { is not closed
    _categories: Listing = field(default_factory=Listing)
    _comments: Listing = field(default_factory=Listing)
    _tagged: Listing = field(default_factory=Listing)
    _not_exported: Listing = field(default_factory=Listing)

    def take(self, lines: Sequence[tuple[int, str]]) -> None:
        """Take the lines of a block apart."""
        has_question = not all(line.strip(BLANKS).startswith(_COMMENT) for _, line in lines)
        rest: list[tuple[int, str]] = []
        for number, line, in_code in _with_fences(lines):
            stripped = line.strip(BLANKS)
            if in_code:
                rest.append((number, line.rstrip(BLANKS)))
            elif stripped.startswith(_COMMENT):
                self._take_comment(number, stripped, has_question=has_question)
            elif stripped.startswith(_CATEGORY):
                self._take_piece(rest)
                rest = []
                self._categories.add(f"{quoted(shown(hidden(stripped[len(_CATEGORY) :])))} (line {number})")
            else:
                rest.append((number, stripped))
        self._take_piece(rest)

    def end(self) -> None:
        """Take what has waited for the end of its answers."""
        waiting, self._open = self._open, []
        for piece in waiting:
            self._read(piece)

    def notes(self) -> list[str]:
        """What is neither a question nor unreadable."""
        notes = [
            ("categories are left out", self._categories),
            ("IDs and tags in comments are left out", self._tagged),
            ("comments are left out", self._comments),
            ("Moodle has not exported these questions, because GIFT cannot hold their type", self._not_exported),
        ]
        return [f"{sentence}: {listing}" for sentence, listing in notes if listing.count]

    def _take_comment(self, number: int, comment: str, *, has_question: bool) -> None:
        exported = _LEFT_OUT_BY_MOODLE.fullmatch(comment)
        if exported and not has_question:
            self._not_exported.add(f"{quoted(exported[1])} (line {number})")
        elif "[id:" in comment or "[tag:" in comment:
            self._tagged.add(f"line {number}")
        elif not exported and comment.strip("/ \t"):
            self._comments.add(f"line {number}")

    def _take_piece(self, lines: Sequence[tuple[int, str]]) -> None:
        """Read the question in `lines`, or wait for the } that belongs to its {, to report both as one question."""
        if not lines:
            return
        piece = _Piece(lines, hidden("\n".join(line for _, line in lines)))
        if "{" in piece.text:
            self.end()
            if "}" in piece.text:
                self._read(piece)
            else:
                self._open = [piece]
        elif self._open and "}" in piece.text:
            first, self._open = self._open[0], []
            last = piece.lines[-1][0]
            reason = (
                f"an empty line divides it: remove the empty lines between line {first.lines[0][0]} and line {last}"
            )
            self._report(Unreadable(first.where, reason))
        elif self._open:
            self._open.append(piece)
            refuse_too_many(len(self._open))
        else:
            self._read(piece)

    def _read(self, piece: _Piece) -> None:
        try:
            question = _question(piece, Texts(self.texts))
        except NotAQuestionError as error:
            self._report(Unreadable(piece.where, str(error)))
        else:
            self.questions.append(question)
            refuse_too_many(len(self.questions) + len(self.unreadable))

    def _report(self, unreadable: Unreadable) -> None:
        self.unreadable.append(unreadable)
        refuse_too_many(len(self.questions) + len(self.unreadable))


def _with_fences(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str, bool]]:
    """Each line with its number, and whether it is in a block of code, where spaces at the beginning have a meaning."""
    remaining = sum(_has_fence(line) for _, line in lines)
    in_code = False
    for number, line in lines:
        if _has_fence(line):
            remaining -= 1
            in_code = not in_code and remaining > 0
            yield number, line.strip(BLANKS), False
        else:
            yield number, line, in_code


def _has_fence(line: str) -> bool:
    """Whether a block of code begins or ends in `line`, which may also have a name, a format or the answers' brace."""
    return line.count(_FENCE) % 2 == 1


def _question(piece: _Piece, texts: Texts) -> BankQuestion:
    _check_braces(piece)
    name, rest = _named(piece.text)
    raw_text, answers = _sections(rest)
    text = texts.question(raw_text)
    body: Body = Other("description")
    explanation = None
    if answers is not None:
        answers, explanation = _without_general_feedback(answers, texts)
        body = body_of(answers, texts)
    if not text:
        if not name:
            raise NotAQuestionError("no text stands before its answers")
        text = name
        texts.lose("it has no text, so its name is taken instead")
    return BankQuestion(piece.where, text, body, name, explanation=explanation, losses=tuple(texts.losses))


def _check_braces(piece: _Piece) -> None:
    start, end = piece.text.find("{"), piece.text.find("}")
    if start < 0 and end < 0:
        return
    advice = r"write \{ and \} for braces that belong to a text"
    if start < 0 or end < 0:
        there, absent = ("{", "}") if end < 0 else ("}", "{")
        raise NotAQuestionError(f"it has a {there} without a {absent}: {advice}, and no empty line inside a question")
    if end < start:
        raise NotAQuestionError(f"a }} stands before the {{: {advice}")
    second = piece.text.find("{", start + 1)
    if second < 0:
        second = piece.text.find("}", end + 1)
    if second >= 0:
        raise NotAQuestionError(
            f"there are more braces in line {piece.line_at(second)}: "
            f"put an empty line between two questions, and {advice}"
        )


def _named(text: str) -> tuple[str | None, str]:
    """The name at the beginning of a question, if there is one, and the rest."""
    if not text.startswith(_NAME):
        return None, text
    name, end, rest = text[len(_NAME) :].partition(_NAME)
    return (shown(name) or None, rest.strip(BLANKS)) if end else (None, name)


def _sections(text: str) -> tuple[str, str | None]:
    """The question's text, with a blank if it continues after the answers, and the answers, None without braces."""
    before, brace, rest = text.partition("{")
    if not brace:
        return text, None
    answers, _, after = rest.partition("}")
    return (f"{before}_____{after}" if after else before), answers.strip(BLANKS)


def _without_general_feedback(answers: str, texts: Texts) -> tuple[str, str | None]:
    place = answers.rfind(_GENERAL_FEEDBACK)
    if place < 0:
        return answers, None
    return answers[:place].strip(BLANKS), texts.read(answers[place + len(_GENERAL_FEEDBACK) :]) or None
