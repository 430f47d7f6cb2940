"""Questions of a bank as a test's file has them, and back, with what is lost in each direction. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple, cast

from ansible_collections.training.test_time.plugins.module_utils.class_content import written
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import Points
from cli.questions.authored.arrangements import matched, matching, ordered, ordering
from cli.questions.authored.choices import choice, chosen
from cli.questions.authored.gaps import filled, gapped
from cli.questions.authored.numbers import number, numeric
from cli.questions.authored.parts import Fields, NotAuthored
from cli.questions.authored.texts import short_text, typed
from cli.questions.bank import BankQuestion, Body, Choice, Gaps, Match, Number, Ordering, ShortText

__all__ = ["PARTIAL_CREDIT_OF_BANKS", "Authored", "NotAuthored", "authored", "banked", "has_partial_credit"]

# What banks give for partly right answers, as a test's file calls it.
PARTIAL_CREDIT_OF_BANKS = "net-correct"
# As many decimals as points have in a test's file.
_MOST_DECIMALS = 4


class Authored(NamedTuple):
    """A question of a test's file, and what of the bank's question it does not have."""

    question: written.Question
    losses: list[str]


def authored(question: BankQuestion) -> Authored:
    """The question as a test's file has it. Raises NotAuthored."""
    fields, lost = _fields(question.body)
    result: dict[str, Any] = {"text": question.text, **fields}
    losses = [*question.losses, *lost]
    if question.points is not None and question.points != 1:
        result["points"] = _points(question.points)
        if Fraction(str(result["points"])) != question.points:
            losses.append(f"its points are rounded to {result['points']}")
    if question.explanation is not None:
        result["explanation"] = question.explanation
    return Authored(cast(written.Question, result), losses)


def _fields(body: Body) -> Fields:
    match body:
        case Choice():
            return chosen(body)
        case Number():
            return numeric(body)
        case ShortText():
            return typed(body)
        case Match():
            return matched(body)
        case Ordering():
            return ordered(body)
        case Gaps():
            return filled(body)
        case _:
            raise NotAuthored(f"it is of the kind '{body.name}', which a test cannot have")


def banked(place: int, question: written.Question) -> BankQuestion:
    """A question of a test's file as banks have it. `place`: its number in the file."""
    return BankQuestion(
        where=f"question {place}",
        text=question["text"].rstrip("\n"),
        body=_body(question),
        points=Fraction(str(question.get("points", 1))),
        explanation=question["explanation"].rstrip("\n") if "explanation" in question else None,
        losses=["its correction is left out"] if "correction" in question else [],
    )


def has_partial_credit(question: written.Question) -> bool:
    """Whether `partial_credit` says what a partly right answer earns."""
    return any(kind in question for kind in ("match", "order", "gaps")) or isinstance(question.get("answer"), list)


def _body(question: Mapping[str, Any]) -> Body:
    if "number" in question:
        return number(question)
    if "accept" in question:
        return short_text(question)
    if "match" in question:
        return matching(question)
    if "gaps" in question:
        return gapped(question)
    return ordering(question) if "order" in question else choice(question)


def _points(points: Fraction) -> Points:
    return int(points) if points.denominator == 1 else round(float(points), _MOST_DECIMALS)
