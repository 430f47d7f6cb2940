"""Turns a test's questions, which have no problems, into what is published of them. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from ..shared.documents import AnswerKeyEntry, Correction, Option, Points, Question, Questions, QuestionType
from . import written
from .accepted import forms, percent_share, published_number, published_text
from .option_ids import item_ids, option_ids, same_text

# The schema's default.
POINTS = 1


class Published(NamedTuple):
    """A question, and what is right in it."""

    question: Question
    answer: AnswerKeyEntry


def published_questions(test: written.Test, before: Questions | None) -> list[Published]:
    """The questions of a test. `before`: those that are published, whose options and items keep their IDs."""
    old = {question["number"]: question for question in before["questions"]} if before else {}
    return [_published(number, question, old.get(number)) for number, question in enumerate(test["questions"], 1)]


def has_given_ids(test: written.Test) -> bool:
    """Whether options or items of a test get their IDs when it is published."""
    return any("order" in question or "match" in question for question in test["questions"])


def _published(number: int, question: written.Question, before: Question | None) -> Published:
    if "options" in question:
        published = _choice(number, question)
    elif "number" in question or "accept" in question:
        published = _typed(number, question)
    elif "order" in question:
        published = _order(number, question, before)
    else:
        published = _match(number, question, before)
    if "explanation" in question:
        published.answer["explanation"] = _text(question["explanation"])
    if "correction" in question:
        published.answer["correction"] = _correction(question["correction"], published.question["type"])
    return published


def _choice(number: int, question: written.Question) -> Published:
    given = question["answer"]
    options: list[Option] = [{"id": option, "text": _text(text)} for option, text in question["options"].items()]
    published = _question(number, question, "single" if isinstance(given, str) else "multiple", options)
    if isinstance(given, dict):
        published.answer["correct"] = [id for id in question["options"] if percent_share(given.get(id, 0)) > 0]
        published.answer["shares"] = given
    else:
        published.answer["correct"] = [given] if isinstance(given, str) else given
    if "feedback" in question:
        published.answer["feedback"] = {option: _text(text) for option, text in question["feedback"].items()}
    return published


def _typed(number: int, question: written.Question) -> Published:
    published = _question(number, question, "number" if "number" in question else "text", [])
    if "number" in question:
        published.answer["numbers"] = [published_number(form) for form in forms(question["number"])]
        return published
    published.answer["texts"] = [published_text(form) for form in forms(question["accept"])]
    if question.get("case_matters"):
        published.answer["caseMatters"] = True
    if question.get("spaces_matter"):
        published.answer["spacesMatter"] = True
    return published


def _order(number: int, question: written.Question, before: Question | None) -> Published:
    texts = [_text(text) for text in question["order"]]
    options = option_ids(texts, _kept(before, "order", texts, ()).options)
    published = _question(number, question, "order", options)
    published.answer["correct"] = [_id_of(options, text) for text in texts]
    return published


def _match(number: int, question: written.Question, before: Question | None) -> Published:
    items = [_text(pair["item"]) for pair in question["match"]]
    options = _match_options(question)
    kept = _kept(before, "match", list(options.values()), items)
    published_options, published_items = option_ids(options.values(), kept.options), item_ids(items, kept.items)
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


class _Kept(NamedTuple):
    options: Sequence[Option]
    items: Sequence[Option]


def _kept(before: Question | None, type: QuestionType, options: Sequence[str], items: Sequence[str]) -> _Kept:
    """What keeps its IDs: nothing if the question has another type, or another number of options or items."""
    if before is None or before["type"] != type:
        return _Kept((), ())
    old = _Kept(before["options"], before.get("items", ()))
    return old if (len(old.options), len(old.items)) == (len(options), len(items)) else _Kept((), ())


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


def _correction(correction: written.Correction, type: QuestionType) -> Correction:
    published: Correction = {"reason": correction["reason"]}
    if "drop" in correction:
        published["drop"] = correction["drop"]
    if "all_credit" in correction:
        published["allCredit"] = correction["all_credit"]
    accepted = correction.get("also_accept", [])
    if accepted and type == "number":
        published["numbers"] = [published_number(cast("written.NumberForm | str", form)) for form in accepted]
    elif accepted and type == "text":
        published["texts"] = [published_text(cast("written.TextForm | str", form)) for form in accepted]
    elif accepted:
        published["alsoAccept"] = [option for option in accepted if isinstance(option, str)]
    return published
