"""Writing Moodle XML."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from fractions import Fraction
from urllib.parse import quote
from xml.etree.ElementTree import Element

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
from cli.questions.html import html_of
from cli.questions.moodle_xml.cloze import has_gaps
from cli.questions.moodle_xml.cloze_writing import gap_in_moodle
from cli.questions.xml_file import (
    Losses,
    add,
    add_each,
    allowed,
    fraction_in,
    middle_and_tolerance,
    name_from,
    refuse_without_text_or_type,
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


def write_moodle_xml(
    questions: Sequence[BankQuestion], files: Mapping[str, bytes] | None = None
) -> tuple[bytes, list[tuple[str, str]]]:
    """The file, and what it cannot hold: each with the question's `where` and a sentence without a full stop."""
    root = Element("quiz")
    lost = add_each(questions, files or {}, lambda _, question, losses: _add_question(root, question, losses))
    return written(root), lost


def _add_question(root: Element, question: BankQuestion, losses: Losses) -> None:
    refuse_without_text_or_type(question, _UNSCORED)
    if isinstance(question.body, Gaps) and has_gaps(html_of(question.text)):
        raise CannotBeWrittenError("Moodle would take a part of its text for a gap")
    element = add(root, "question")
    name = trimmed(question.name or "", "the name", losses) or name_from(question.text)
    add(add(element, "name"), "text", name)
    _add_html(element, "questiontext", question.text, losses)
    _add_html(element, "generalfeedback", question.explanation or "", losses)
    points_of_gaps = _fill_gaps(element, question, losses) if isinstance(question.body, Gaps) else None
    wanted = question.points if points_of_gaps is None else points_of_gaps
    if wanted is not None:
        points = shown_fraction(wanted)
        add(element, "defaultgrade", points)
        if fraction_in(points) != wanted:
            losses.lose(f"the points are rounded to {points}")
    element.set("type", _add_body(element, question.body, losses))


def _fill_gaps(element: Element, question: BankQuestion, losses: Losses) -> Fraction:
    """Write the gaps into the text, and return the points of all together: each has a whole number of them."""
    gaps = question.body.gaps if isinstance(question.body, Gaps) else ()
    each = (question.points or Fraction(len(gaps))) / len(gaps)
    weight = int(each) if each.denominator == 1 else 1
    points = Fraction(weight * len(gaps))
    if question.points not in (None, points):
        losses.lose(f"its points are {points} in Moodle, where each gap has a whole number of points")
    text = element.find("questiontext/text")
    if text is not None:
        for place, gap in enumerate(gaps, 1):
            shown = gap_in_moodle(gap, weight, lambda share: _percent(share, losses, offered=False), losses)
            text.text = (text.text or "").replace(f"{{{{{place}}}}}", shown)
    return points


def _add_body(element: Element, body: Body, losses: Losses) -> str:
    """Add what the type needs and return the type's name."""
    match body:
        case Choice():
            return _add_choice(element, body, losses)
        case Number():
            return _add_numbers(element, body, losses)
        case ShortText():
            add(element, "usecase", str(int(body.case_matters)))
            if body.spaces_matter:
                losses.lose("spaces around an answer do not matter in Moodle")
            for answer in body.accepted:
                _add_answer(element, trimmed(answer.text, "an accepted text", losses), answer, losses)
            return "shortanswer"
        case Match():
            return _add_pairs(element, body, losses)
        case Ordering():
            return _add_ordering(element, body, losses)
        case Gaps() | Other():
            return body.name if isinstance(body, Other) else "multianswer"


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
        _add_answer(element, option.text, option, losses, is_html=True)
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
        if isinstance(right, RichText) and is_formatted(right.nodes):
            losses.lose("the formatting of the right sides of pairs is left out")
        add(add(pair, "answer"), "text", trimmed(right, "a right side", losses))
    return "matching"


def _add_ordering(element: Element, ordering: Ordering, losses: Losses) -> str:
    """Of Moodle's ways of grading, this one is `each-answer`: the share of the pairs that are in the right order."""
    for setting, value in [
        ("layouttype", "VERTICAL"),
        ("selecttype", "ALL"),
        ("selectcount", str(len(ordering.texts))),
        ("gradingtype", "RELATIVE_ALL_PREVIOUS_AND_NEXT"),
        ("showgrading", "HIDE"),
        ("numberingstyle", "abc"),
    ]:
        add(element, setting, value)
    for place, text in enumerate(ordering.texts, 1):
        answer = add(element, "answer", fraction=f"{place}.0000000", format="html")
        _fill_html(answer, text, losses)
    return "ordering"


def _add_answer(element: Element, text: str, answer: Answer, losses: Losses, *, is_html: bool = False) -> Element:
    added = add(element, "answer", fraction=_percent(answer.share, losses))
    if is_html:
        added.set("format", "html")
        _fill_html(added, text, losses)
    else:
        add(added, "text", text)
    _add_html(added, "feedback", answer.feedback or "", losses)
    return added


def _add_html(parent: Element, tag: str, text: str, losses: Losses) -> Element:
    element = add(parent, tag, format="html")
    _fill_html(element, text, losses)
    return element


def _fill_html(element: Element, text: str, losses: Losses) -> None:
    """Add a text, and the files of its images."""
    add(element, "text", html_of(allowed(text, losses), lambda name: f"@@PLUGINFILE@@/{quote(name)}"))
    for name in text.images() if isinstance(text, RichText) else ():
        content = b64encode(losses.files[name]).decode()
        add(element, "file", content, name=name, path="/", encoding="base64")


def _percent(share: Fraction, losses: Losses, *, offered: bool = True) -> str:
    """`offered`: whether it must be one of those that Moodle's forms offer."""
    percent = percent_of_share(share)
    if share_of_percent(percent) != share:
        losses.lose(f"a share is rounded to {percent} %")
    if offered and percent.removeprefix("-") not in _MOODLE_PERCENTS:
        losses.lose(f"Moodle may refuse the question, because it does not offer {percent} % for an answer")
    return percent
