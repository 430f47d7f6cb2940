"""Turns a test's questions, which have no problems, into what is published of them. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from ..shared.documents import (
    AlsoAccepted,
    AnswerKeyEntry,
    Correction,
    Gap,
    GapKey,
    GapType,
    Option,
    Points,
    Question,
    Questions,
    QuestionType,
)
from . import written
from .accepted import forms, percent_share, published_number, published_text
from .option_ids import item_ids, option_ids, same_text
from .pools import asked

# The schema's default.
POINTS = 1


class Published(NamedTuple):
    """A question, and what is right in it."""

    question: Question
    answer: AnswerKeyEntry


def published_questions(test: written.Test, before: Questions | None) -> list[Published]:
    """The questions of a test. `before`: those that are published, whose options and items keep their IDs."""
    old = {question["number"]: question for question in before["questions"]} if before else {}
    found = []
    for each in asked(test):
        published = _published(each.number, each.question, old.get(each.number))
        if each.pool is not None:
            published.question["pool"] = each.pool
        found.append(published)
    return found


def has_given_ids(test: written.Test) -> bool:
    """Whether options or items of a test get their IDs when it is published."""
    return any("order" in each.question or "match" in each.question for each in asked(test))


def _published(number: int, question: written.Question, before: Question | None) -> Published:
    if "options" in question:
        published = _choice(number, question)
    elif "number" in question or "accept" in question:
        published = _typed(number, question)
    elif "gaps" in question:
        published = _gaps(number, question)
    elif "order" in question:
        published = _order(number, question, before)
    else:
        published = _match(number, question, before)
    if "explanation" in question:
        published.answer["explanation"] = _text(question["explanation"])
    if "correction" in question:
        published.answer["correction"] = _correction(question["correction"], published.question)
    return published


def _choice(number: int, question: written.Question) -> Published:
    given = question["answer"]
    published = _question(number, question, "single" if isinstance(given, str) else "multiple", _options(question))
    if isinstance(given, dict):
        published.answer["correct"] = [id for id in question["options"] if percent_share(given.get(id, 0)) > 0]
        published.answer["shares"] = given
    else:
        published.answer["correct"] = [given] if isinstance(given, str) else given
    if "feedback" in question:
        published.answer["feedback"] = _feedback(question)
    return published


def _options(asked: written.Asked) -> list[Option]:
    return [{"id": option, "text": _text(text)} for option, text in asked["options"].items()]


def _feedback(asked: written.Asked) -> dict[str, str]:
    return {option: _text(text) for option, text in asked["feedback"].items()}


def _typed(number: int, question: written.Question) -> Published:
    published = _question(number, question, "number" if "number" in question else "text", [])
    _add_accepted(published.answer, question)
    return published


def _add_accepted(right: AnswerKeyEntry | GapKey, asked: written.Asked) -> None:
    if "number" in asked:
        right["numbers"] = [published_number(form) for form in forms(asked["number"])]
        return
    right["texts"] = [published_text(form) for form in forms(asked["accept"])]
    if asked.get("case_matters"):
        right["caseMatters"] = True
    if asked.get("spaces_matter"):
        right["spacesMatter"] = True


def _gaps(number: int, question: written.Question) -> Published:
    gaps = [(id, question["gaps"][id]) for id in sorted(question["gaps"], key=int)]
    published = _question(number, question, "gaps", [])
    published.question["gaps"] = [_gap(id, gap) for id, gap in gaps]
    published.answer["gaps"] = {id: _gap_key(gap) for id, gap in gaps}
    return published


def _gap(id: str, gap: written.Gap) -> Gap:
    if "options" in gap:
        return {"id": id, "type": "single", "options": _options(gap)}
    return {"id": id, "type": "number" if "number" in gap else "text"}


def _gap_key(gap: written.Gap) -> GapKey:
    right: GapKey = {}
    if "options" not in gap:
        _add_accepted(right, gap)
        return right
    right["correct"] = [gap["answer"]]
    if "feedback" in gap:
        right["feedback"] = _feedback(gap)
    return right


def _order(number: int, question: written.Question, before: Question | None) -> Published:
    texts = [_text(text) for text in question["order"]]
    kept = _kept(before, "order")
    options = option_ids(texts, kept["options"] if kept else ())
    published = _question(number, question, "order", options)
    published.answer["correct"] = [_id_of(options, text) for text in texts]
    return published


def _match(number: int, question: written.Question, before: Question | None) -> Published:
    items = [_text(pair["item"]) for pair in question["match"]]
    options = _match_options(question)
    kept = _kept(before, "match")
    published_options = option_ids(options.values(), kept["options"] if kept else ())
    published_items = item_ids(items, kept["items"] if kept else ())
    published = _question(number, question, "match", published_options)
    published.question["items"] = published_items
    published.answer["pairs"] = {
        item["id"]: _id_of(published_options, options[same_text(pair["option"])])
        for item, pair in zip(published_items, question["match"], strict=True)
    }
    return published


def _match_options(question: written.Question) -> dict[str, str]:
    """The different options of a matching question, in the form in which they are compared: items may share one."""
    texts = [*(pair["option"] for pair in question["match"]), *question.get("other_options", [])]
    options: dict[str, str] = {}
    for text in texts:
        options.setdefault(same_text(text), _text(text))
    return options


def _kept(before: Question | None, type: QuestionType) -> Question | None:
    """The published question whose options and items keep their IDs; None if it has another type."""
    return before if before is not None and before["type"] == type else None


def _question(number: int, question: written.Question, type: QuestionType, options: list[Option]) -> Published:
    points: Points = question.get("points", POINTS)
    return Published(
        {"number": number, "text": _text(question["text"]), "type": type, "points": points, "options": options},
        {"correct": [], "points": points},
    )


def _id_of(options: Sequence[Option], text: str) -> str:
    return next(option["id"] for option in options if option["text"] == text)


def _text(text: str) -> str:
    return text.rstrip("\n")


def _correction(correction: written.Correction, question: Question) -> Correction:
    published: Correction = {"reason": correction["reason"]}
    if "drop" in correction:
        published["drop"] = correction["drop"]
    if "all_credit" in correction:
        published["allCredit"] = correction["all_credit"]
    accepted = correction.get("also_accept", [])
    if isinstance(accepted, dict):
        types = {gap["id"]: gap["type"] for gap in question["gaps"]}
        published["gaps"] = {id: _also_accepted(of_gap, types[id]) for id, of_gap in accepted.items()}
    elif accepted:
        published = cast("Correction", {**published, **_also_accepted(accepted, question["type"])})
    return published


def _also_accepted(accepted: Sequence[written.AcceptedForm], type: QuestionType | GapType) -> AlsoAccepted:
    if type == "number":
        return {"numbers": [published_number(cast("written.NumberForm | str", form)) for form in accepted]}
    if type == "text":
        return {"texts": [published_text(cast("written.TextForm | str", form)) for form in accepted]}
    return {"alsoAccept": [option for option in accepted if isinstance(option, str)]}
