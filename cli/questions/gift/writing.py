"""Writes questions in GIFT, so that Moodle shows the texts that the class has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction

from cli.questions.bank import (
    TRUE_FALSE,
    Answer,
    BankQuestion,
    Body,
    CannotBeWrittenError,
    Choice,
    Gaps,
    Match,
    Number,
    Ordering,
    Other,
    ShortText,
)
from cli.questions.formatted import is_formatted
from cli.questions.formatted.rich_text import RichText
from cli.questions.gift.text import escaped, format_of
from cli.questions.html import html_of, text_of
from cli.questions.text_file import BLANKS

from common.shared.shares import percent_of_share, share_of_percent

_LOOKS_LIKE_HTML = re.compile(r"[<&]")
_LOOKS_LIKE_WEIGHT = re.compile(r"%-?[0-9]+(?:\.[0-9]*)?%")
_LINE_END = re.compile(r"\r\n?")
_LONGEST_PLAIN_NUMBER = 30
_EXACT = Context(prec=1_000)


def write_gift(
    questions: Sequence[BankQuestion], _files: Mapping[str, bytes] | None = None
) -> tuple[bytes, list[tuple[str, str]]]:
    """A GIFT file, which has no images, and what it cannot hold: where, and what."""
    written = []
    losses: list[tuple[str, str]] = []
    for question in questions:
        writer = _Writer(question)
        try:
            written.append(writer.block())
        except CannotBeWrittenError as error:
            losses.append((question.where, f"it is left out: {error}"))
        else:
            losses += [(question.where, loss) for loss in writer.losses]
    return "\n".join(written).encode(), losses


class _Writer:
    """Writes one question. `losses`: what is lost of it."""

    def __init__(self, question: BankQuestion) -> None:
        self.losses: list[str] = []
        self._question = question
        self._format = _format_for(question)

    def block(self) -> str:
        """The question's lines."""
        question = self._question
        answers = self._answers()
        name = self._literal(question.name or "")
        name = f"::{escaped(name)}::" if name else ""
        text = self._question_text(is_first=not name)
        if question.points not in (None, 1):
            self._lose("its points are not in the file: it has one point in Moodle")
        if answers is None:
            if question.explanation:
                self._lose("its explanation is left out")
            return f"{name}{text}\n"
        explanation = self._shown(question.explanation or "")
        lines = [*answers, f"####{explanation}"] if explanation else answers
        return "\n\t".join([f"{name}{text} {{", *lines]) + "\n}\n" if lines else f"{name}{text} {{}}\n"

    def _question_text(self, *, is_first: bool) -> str:
        text = self._required(self._formatted(self._question.text), "it has no text")
        if self._format is None and (format_of(text) or (is_first and text.startswith("//"))):
            self._format = "plain"
        return f"[{self._format}]{escaped(text)}" if self._format else escaped(text)

    def _shown(self, text: str) -> str:
        """`text`, which Moodle shows in a format, escaped."""
        return self._tagged(self._formatted(text))

    def _formatted(self, text: str) -> str:
        """`text` in the question's format."""
        if isinstance(text, RichText):
            for name in text.images():
                self._lose(f"the image {name} is left out")
            return text.without_images().html(str) if self._format == "html" else self._literal(text)
        return html_of(_with_line_ends(text)) if self._format == "html" and text.strip(BLANKS) else self._literal(text)

    def _literal(self, text: str) -> str:
        """What GIFT keeps of a text without a format."""
        text = _with_line_ends(text)
        kept = text.strip(BLANKS)
        if text != kept:
            self._lose("spaces at the beginning or at the end of a text are left out")
        return kept

    def _required(self, text: str, problem: str) -> str:
        if not text:
            raise CannotBeWrittenError(problem)
        return text

    def _tagged(self, text: str) -> str:
        """`text` escaped, after its format if it would otherwise be taken for a format or a weight."""
        is_ambiguous = format_of(text) is not None or _LOOKS_LIKE_WEIGHT.match(text)
        return f"[{self._format or 'plain'}]{escaped(text)}" if is_ambiguous else escaped(text)

    def _feedback(self, feedback: str | None) -> str:
        shown = self._shown(feedback or "")
        return f"#{shown}" if shown else ""

    def _weight(self, share: Fraction) -> str:
        if abs(share) > 1:
            raise CannotBeWrittenError("an answer earns or costs more than all points")
        percent = percent_of_share(share)
        if share_of_percent(percent) != share:
            self._lose(f"the share {share} becomes {percent}%")
        return f"%{percent}%"

    def _lose(self, loss: str) -> None:
        if loss not in self.losses:
            self.losses.append(loss)

    def _answers(self) -> list[str] | None:
        """The lines between the braces, None if there are no braces."""
        match self._question.body:
            case Choice() as choice:
                return self._true_or_false(choice) or list(self._options(choice))
            case Number() as number:
                return ["#", *self._numbers(number)]
            case ShortText() as short_text:
                return self._accepted_texts(short_text)
            case Match() as pairs:
                return self._pairs(pairs)
            case Ordering():
                raise CannotBeWrittenError("GIFT does not have questions whose options are put in order")
            case Gaps():
                raise CannotBeWrittenError("GIFT does not have texts with gaps that have answers of their own")
            case Other(name="essay"):
                return []
            case Other(name="description"):
                return None
            case Other(name=name):
                raise CannotBeWrittenError(f"GIFT does not have the type {name}")

    def _true_or_false(self, choice: Choice) -> list[str] | None:
        """The answer to a question with the options true and false, None if it must be written as any other choice."""
        if not choice.is_true_false:
            return None
        if sorted(option.share for option in choice.options) != [0, 1] or choice.several:
            self._lose("it is written as a choice, because GIFT does not have weights for true and false")
            return None
        first, second = choice.options
        is_reversed = first.text.casefold() == "false"
        true, false = (second, first) if is_reversed else (first, second)
        if (true.text, false.text) != TRUE_FALSE:
            self._lose("its options are called True and False")
        right, wrong = (true, false) if true.share else (false, true)
        wrong_feedback, right_feedback = self._feedback(wrong.feedback), self._feedback(right.feedback)
        feedback = f"{wrong_feedback or '#'}{right_feedback}" if right_feedback else wrong_feedback
        return [f"{'T' if true.share else 'F'}{feedback}"]

    def _options(self, choice: Choice) -> Iterator[str]:
        if len(choice.options) < 2:
            raise CannotBeWrittenError("it has fewer than two options")
        shares = [option.share for option in choice.options]
        if max(shares) <= 0:
            raise CannotBeWrittenError("no option is right")
        if not choice.several and max(shares) < 1:
            self._lose("several options can be chosen, because none earns all points")
        for option in choice.options:
            text = self._required(self._shown(option.text), "an option is empty")
            if option.share == 1 and not choice.several:
                sign = "="
            else:
                sign = f"~{self._weight(option.share)}" if option.share else "~"
            yield f"{sign}{text}{self._feedback(option.feedback)}"

    def _numbers(self, number: Number) -> Iterator[str]:
        _check_shares(accepted.share for accepted in number.accepted)
        for accepted in number.accepted:
            low, high = _written(accepted.low), _written(accepted.high)
            weight = "" if accepted.share == 1 else self._weight(accepted.share)
            value = low if accepted.low == accepted.high else f"{low}..{high}"
            if accepted.value is not None:
                tolerance = _EXACT.subtract(accepted.high, accepted.value)
                value = f"{_written(accepted.value)}:{_written(tolerance)}"
            yield f"={weight}{value}{self._feedback(accepted.feedback)}"

    def _accepted_texts(self, short_text: ShortText) -> list[str]:
        accepted = short_text.accepted
        _check_shares(answer.share for answer in accepted)
        if short_text.case_matters:
            self._lose("capital and small letters are not told apart")
        if short_text.spaces_matter:
            self._lose("spaces around an answer do not matter in Moodle")
        is_taken_for_pairs = any("->" in self._text(answer) for answer in accepted)
        if not is_taken_for_pairs:
            return [
                f"={'' if answer.share == 1 else self._weight(answer.share)}{self._text(answer)}" for answer in accepted
            ]
        # With = and -> it would be a question of pairs.
        if len(accepted) > 1:
            raise CannotBeWrittenError("GIFT cannot hold several accepted texts if one has ->")
        return [f"{self._weight(accepted[0].share)}{self._text(accepted[0])}"]

    def _text(self, answer: Answer) -> str:
        text = self._required(self._literal(answer.text), "an accepted text is empty")
        return f"{self._tagged(text)}{self._feedback(answer.feedback)}"

    def _pairs(self, pairs: Match) -> list[str]:
        if not pairs.pairs or len(pairs.pairs) + len(pairs.others) < 2:
            raise CannotBeWrittenError("it has fewer than two pairs")
        lines = []
        for item, option in [*pairs.pairs, *(("", other) for other in pairs.others)]:
            left = self._shown(item)
            if "->" in left:
                raise CannotBeWrittenError("GIFT cannot hold -> on the left of a pair")
            right = self._required(self._literal(option), "the right of a pair is empty")
            lines.append(f"={left} -> {escaped(right)}")
        return lines


def _format_for(question: BankQuestion) -> str | None:
    """The format in which Moodle shows the texts as they are. Without a format, it takes < and & for HTML."""
    texts = [_with_line_ends(text) for text in _formatted_texts(question)]
    if any(isinstance(text, RichText) and is_formatted(text.nodes) for text in _formatted_texts(question)):
        return "html"
    if any(_needs_html(text, question.body) for text in texts) and all(map(_is_kept_by_html, texts)):
        return "html"
    return "plain" if any(_LOOKS_LIKE_HTML.search(text) for text in texts) else None


def _needs_html(text: str, body: Body) -> bool:
    """Whether `text` has code, spaces at its ends or, where this would make pairs, an arrow."""
    has_arrow = "->" in text and isinstance(body, Match | ShortText)
    return "`" in text or has_arrow or text != text.strip(BLANKS)


def _is_kept_by_html(text: str) -> bool:
    html = html_of(text)
    return html == html.strip(BLANKS) and text_of(html)[0] == text


def _with_line_ends(text: str) -> str:
    return _LINE_END.sub("\n", text).rstrip("\n")


def _formatted_texts(question: BankQuestion) -> Iterator[str]:
    """The texts that Moodle shows as HTML unless they have a format."""
    yield question.text
    yield question.explanation or ""
    match question.body:
        case Choice(options=answers):
            yield from (answer.text for answer in answers)
            yield from (answer.feedback or "" for answer in answers)
        case ShortText(accepted=answers):
            yield from (answer.feedback or "" for answer in answers)
        case Number(accepted=numbers):
            yield from (number.feedback or "" for number in numbers)
        case Match(pairs=pairs):
            yield from (item for item, _ in pairs)


def _check_shares(shares: Iterable[Fraction]) -> None:
    if max(shares, default=Fraction(0)) <= 0:
        raise CannotBeWrittenError("no accepted answer earns points")


def _written(number: Decimal) -> str:
    if not number.is_finite():
        raise CannotBeWrittenError("an accepted number has no bound")
    written = f"{number:f}"
    return written if len(written) <= _LONGEST_PLAIN_NUMBER else str(number)
