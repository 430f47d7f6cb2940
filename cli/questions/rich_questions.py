"""Questions of a test with `format: markdown`, for banks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from cli.questions.bank import (
    Answer,
    BankQuestion,
    Body,
    Choice,
    Gap,
    Gaps,
    Match,
    Number,
    Ordering,
    ShortText,
)
from cli.questions.formatted.rich_text import RichText, rich_text


def formatted(question: BankQuestion, *, math: bool) -> BankQuestion:
    """A question of a test with `format: markdown`. Its feedback is plain text, as for students."""

    def shown(text: str) -> str:
        return rich_text(text, math=math)

    def said(text: str | None) -> str | None:
        return None if text is None else str(shown(text))

    body = _body(question.body, shown, said)
    explanation = None if question.explanation is None else shown(question.explanation)
    return replace(question, text=shown(question.text), body=body, explanation=explanation)


def _body(body: Body, shown: Callable[[str], str], said: Callable[[str | None], str | None]) -> Body:
    match body:
        case Match(pairs, others):
            return Match([(shown(item), shown(option)) for item, option in pairs], [shown(other) for other in others])
        case Ordering(texts):
            return Ordering([shown(text) for text in texts])
        case Gaps(gaps):
            return replace(body, gaps=[_gap(gap, shown, said) for gap in gaps])
        case Choice() | Number() | ShortText():
            return _gap(body, shown, said)
    return body


def _gap(gap: Gap, shown: Callable[[str], str], said: Callable[[str | None], str | None]) -> Gap:
    match gap:
        case Choice(options):
            return replace(gap, options=[Answer(shown(each.text), each.share, said(each.feedback)) for each in options])
        case Number(numbers):
            return Number([replace(each, feedback=said(each.feedback)) for each in numbers])
        case _:
            return replace(gap, accepted=[replace(each, feedback=said(each.feedback)) for each in gap.accepted])


def images_of(question: BankQuestion) -> set[str]:
    """The names of the files of the images that a question shows."""
    return {name for text in _texts(question) if isinstance(text, RichText) for name in text.images()}


def _texts(question: BankQuestion) -> Iterator[str | None]:
    yield from (question.text, question.explanation)
    match question.body:
        case Choice(options):
            yield from (option.text for option in options)
        case Match(pairs, others):
            yield from (text for pair in pairs for text in pair)
            yield from others
        case Ordering(texts):
            yield from texts
        case Gaps(gaps):
            yield from (option.text for gap in gaps if isinstance(gap, Choice) for option in gap.options)
