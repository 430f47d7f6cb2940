"""QTI 1.2, as Canvas and others export it: an XML file, or a zip with several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from xml.etree.ElementTree import Element

from cli.questions.bank import (
    Bank,
    BankQuestion,
    Body,
    Unreadable,
)
from cli.questions.bank_images import FileIn
from cli.questions.bank_texts import BankTexts
from cli.questions.qti12.bodies import body_of, kind_of
from cli.questions.qti12.gaps import gaps_of, has_named_gaps
from cli.questions.qti12.item import FOR_ALL_ANSWERS, Item
from cli.questions.qti12.package import has_qti12, opened
from cli.questions.qti12.scoring import UnknownScoring
from cli.questions.qti12.texts import RESPONSES, prompt, text_of
from cli.questions.text_file import quoted, refuse_too_many
from cli.questions.xml_file import Losses, fraction_in, name_from, text_in

_DEFAULT_TITLES = ("", "Question")
_LONGEST_SHOWN_IDENT = 30


def is_qti12(data: bytes) -> bool:
    return has_qti12(data)


def read_qti12(data: bytes, texts: BankTexts | None = None) -> Bank:
    """The questions. `texts`: what their texts become. Raises BankError."""
    package = opened(data)
    questions: list[BankQuestion] = []
    unreadable: list[Unreadable] = []
    notes: list[str] = []
    number = 0
    for document in package.documents:
        quiz = document.root.find("assessment")
        title = quiz.get("title", "") if quiz is not None and len(package.documents) > 1 else ""
        notes += _notes(document.root)
        points_of = _points_of_groups(document.root)
        for element in document.root.iter("item"):
            number += 1
            refuse_too_many(number)
            name = " ".join((element.get("title") or "").split())
            shown = name if name not in _DEFAULT_TITLES else _chosen_by_a_person(element.get("ident", ""))
            where = f"question {number}" + f" of {quoted(title)}" * bool(title) + f" ({quoted(shown)})" * bool(shown)
            try:
                question = _question(element, where, name, Losses(texts), document.file_in)
                questions.append(replace(question, points=points_of.get(element, question.points)))
            except UnknownScoring as error:
                unreadable.append(Unreadable(where, str(error)))
    return Bank(tuple(questions), tuple(unreadable), (*notes, *package.notes()))


def _chosen_by_a_person(ident: str) -> str:
    """An identifier, unless it is as long as those that Canvas and text2qti make."""
    return ident if len(ident) <= _LONGEST_SHOWN_IDENT else ""


def _notes(document: Element) -> Iterator[str]:
    for section in document.iter("section"):
        picked = text_in(section.find("selection_ordering/selection/selection_number"))
        name = quoted(section.get("title", "") or section.get("ident", ""))
        if picked:
            count = len(section.findall("item"))
            yield f"the group {name} draws {picked} of its {count} questions: the drawing is left out"
        if section.find("selection_ordering/selection/sourcebank_ref") is not None:
            yield f"the group {name} draws questions from a bank that is in another file"
    for quiz in document.iter("assessment"):
        if quiz.find("presentation_material") is not None or quiz.find("rubric") is not None:
            yield f"the introduction of the quiz {quoted(quiz.get('title', ''))} is left out"


def _points_of_groups(document: Element) -> dict[Element, Fraction]:
    """The points of questions in groups that have the same for all of their questions."""
    found: dict[Element, Fraction] = {}
    for section in document.iter("section"):
        points = fraction_in(text_in(section.find("selection_ordering/selection/selection_extension/points_per_item")))
        if points is not None:
            found |= dict.fromkeys(section.findall("item"), points)
    return found


def _question(element: Element, where: str, title: str, losses: Losses, file_in: FileIn) -> BankQuestion:
    fields = _metadata(element)
    presentation = element.find("presentation")
    responses = [] if presentation is None else [child for child in presentation.iter() if child.tag in RESPONSES]
    text = "" if presentation is None else prompt(presentation, responses, losses, file_in)
    if not text:
        raise UnknownScoring("it has no text")
    item = Item(element, responses, losses, file_in)
    kind = kind_of(fields, item)
    body: Body
    if has_named_gaps(kind, item):
        text, body = gaps_of(kind, text, item)
    else:
        body = body_of(kind, item)
    explanation = text_of(_feedback_named(element, "general_fb"), losses, file_in) or None
    _lose_feedback(item)
    for tag in ("rubric", "objectives", "itemcontrol", "itemrubric"):
        if element.find(tag) is not None:
            losses.lose(f"<{tag}> is left out")
    written = next(
        (fields[name] for name in ("points_possible", "cc_weighting", "qmd_weighting") if fields.get(name)), ""
    )
    points = fraction_in(written)
    if written and points is None:
        raise UnknownScoring(f"its points {quoted(written)} are not a number")
    name = title if title not in (*_DEFAULT_TITLES, name_from(text)) else None
    return BankQuestion(where, text, body, name, points, explanation, losses.all())


def _metadata(element: Element) -> dict[str, str]:
    found = {}
    for entry in element.iterfind("itemmetadata//*"):
        if entry.tag in ("qtimetadatafield", "qti_metadatafield"):
            found[text_in(entry.find("fieldlabel"))] = text_in(entry.find("fieldentry"))
    return found


def _feedback_named(element: Element, ident: str) -> Element | None:
    return next((found for found in element.iterfind("itemfeedback") if found.get("ident") == ident), None)


def _lose_feedback(item: Item) -> None:
    for found in item.element.iterfind("itemfeedback"):
        ident = found.get("ident", "")
        said = text_of(found, item.losses, None)
        if said and ident != "general_fb" and ident not in item.used:
            what = FOR_ALL_ANSWERS.get(ident, f"the feedback {quoted(ident)}")
            item.losses.lose(f"{what} is left out: {quoted(said)}")
