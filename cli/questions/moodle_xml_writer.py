"""Writing Moodle XML."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from xml.etree.ElementTree import Element

from cli.questions.bank import TRUE_FALSE, Answer, BankQuestion, Choice, Match, Number, Other, ShortText
from cli.questions.html_text import html_of
from cli.questions.xml_file import (
    Losses,
    add,
    allowed,
    fraction_in,
    middle_and_tolerance,
    name_from,
    shown_fraction,
    trimmed,
    written,
)

from common.shared.shares import percent_of_share, share_of_percent

# What Moodle's forms offer, in percent. With its default settings, it refuses other shares.
_MOODLE_PERCENTS = {
    *(
        "100",
        "90",
        "83.33333",
        "80",
        "75",
        "70",
        "66.66667",
        "60",
        "50",
        "40",
        "33.33333",
        "30",
        "25",
        "20",
        "16.66667",
    ),
    *("14.28571", "12.5", "11.11111", "10", "5", "0"),
}
_UNSCORED = ("essay", "description")


def write_moodle_xml(questions: Sequence[BankQuestion]) -> tuple[bytes, list[tuple[str, str]]]:
    """The file, and what it cannot hold: each with the question's `where` and a sentence without a full stop."""
    root = Element("quiz")
    lost = []
    for question in questions:
        losses = Losses()
        reason = _why_not(question)
        if reason:
            losses.lose(reason)
        else:
            _add_question(root, question, losses)
        lost += [(question.where, sentence) for sentence in losses.all()]
    return written(root), lost


def _why_not(question: BankQuestion) -> str:
    if isinstance(question.body, Other) and question.body.name not in _UNSCORED:
        return f"the question is left out, because it is of the type {question.body.name}"
    return "" if question.text else "the question is left out, because it has no text"


def _add_question(root: Element, question: BankQuestion, losses: Losses) -> None:
    element = add(root, "question")
    name = trimmed(question.name or "", "the name", losses) or name_from(question.text)
    add(add(element, "name"), "text", name)
    _add_html(element, "questiontext", question.text, losses)
    _add_html(element, "generalfeedback", question.explanation or "", losses)
    if question.points is not None:
        points = shown_fraction(question.points)
        add(element, "defaultgrade", points)
        if fraction_in(points) != question.points:
            losses.lose(f"the points are rounded to {points}")
    element.set("type", _add_body(element, question.body, losses))


def _add_body(element: Element, body: Choice | Number | ShortText | Match | Other, losses: Losses) -> str:
    """Add what the type needs and return the type's name."""
    match body:
        case Choice():
            return _add_choice(element, body, losses)
        case Number():
            return _add_numbers(element, body, losses)
        case ShortText():
            add(element, "usecase", str(int(body.case_matters)))
            for answer in body.accepted:
                _add_answer(element, trimmed(answer.text, "an accepted text", losses), answer, losses)
            return "shortanswer"
        case Match():
            return _add_pairs(element, body, losses)
        case Other():
            return body.name


def _add_choice(element: Element, choice: Choice, losses: Losses) -> str:
    texts = [option.text for option in choice.options]
    if choice.is_true_false and not choice.several:
        if sorted(text.strip().lower() for text in texts) == ["false", "true"]:
            if tuple(texts) != TRUE_FALSE:
                losses.lose("the options become True and False, in this order")
            for option in choice.options:
                _add_answer(element, option.text.strip().lower(), option, losses)
            return "truefalse"
        losses.lose("the question becomes multiple choice, because its options are not True and False")
    add(element, "single", str(not choice.several).lower())
    for option in choice.options:
        added = _add_answer(element, html_of(allowed(option.text, losses)), option, losses)
        added.set("format", "html")
    return "multichoice"


def _add_numbers(element: Element, number: Number, losses: Losses) -> str:
    for accepted in number.accepted:
        middle, tolerance = middle_and_tolerance(accepted)
        added = _add_answer(element, str(middle), Answer("", accepted.share, accepted.feedback), losses)
        add(added, "tolerance", str(tolerance))
    return "numerical"


def _add_pairs(element: Element, match: Match, losses: Losses) -> str:
    for left, right in [*match.pairs, *(("", other) for other in match.others)]:
        pair = _add_html(element, "subquestion", left, losses)
        add(add(pair, "answer"), "text", trimmed(right, "a right side", losses))
    return "matching"


def _add_answer(element: Element, text: str, answer: Answer, losses: Losses) -> Element:
    added = add(element, "answer", fraction=_percent(answer.share, losses))
    add(added, "text", text)
    _add_html(added, "feedback", answer.feedback or "", losses)
    return added


def _add_html(parent: Element, tag: str, text: str, losses: Losses) -> Element:
    element = add(parent, tag, format="html")
    add(element, "text", html_of(allowed(text, losses)))
    return element


def _percent(share: Fraction, losses: Losses) -> str:
    percent = percent_of_share(share)
    if share_of_percent(percent) != share:
        losses.lose(f"a share is rounded to {percent} %")
    if percent.removeprefix("-") not in _MOODLE_PERCENTS:
        losses.lose(f"Moodle may refuse the question, because it does not offer {percent} % for an answer")
    return percent
