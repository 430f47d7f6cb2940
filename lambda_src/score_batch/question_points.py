"""What an answer to one question is worth. Pure functions; formulas and sources: docs/scoring.md.

All shares are exact fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

from common.run.accepted_answers import counted_answer, share_of
from common.shared.gaps import gap_entry, gap_question
from common.shared.shares import share_of_percent

if TYPE_CHECKING:
    from common.shared.documents import Answer, AnswerKeyEntry, AnswerParts, Points, Question

_HUNDREDTHS = 100
_NOTHING, _ALL = Fraction(0), Fraction(1)


def exact(number: float) -> Fraction:
    """A number from JSON as the decimal that was written: 0.1 is one tenth, not the nearest double."""
    return Fraction(str(number))


def rounded(value: Fraction) -> Points:
    """Half up to two decimals; whole numbers as `int`, so that JSON shows `5` and not `5.0`."""
    hundredths = (value * _HUNDREDTHS + Fraction(1, 2)).__floor__()
    return hundredths // _HUNDREDTHS if hundredths % _HUNDREDTHS == 0 else hundredths / _HUNDREDTHS


def answer_parts(question: Question, answer: Answer | None) -> AnswerParts:
    """A stored answer as scores have it; empty if there is none, or if it is one to a question of another kind.

    Options that were chosen are in order, each once. Options that were put in order stay in it.
    """
    if question["type"] in ("match", "gaps"):
        return dict(sorted(answer.items())) if isinstance(answer, dict) else {}
    if answer is None or isinstance(answer, dict):
        return []
    if question["type"] in ("number", "text"):
        return [answer] if isinstance(answer, str) else []
    chosen = [answer] if isinstance(answer, str) else answer
    return list(chosen) if question["type"] == "order" else sorted(set(chosen))


def question_score(
    question: Question, entry: AnswerKeyEntry, answer: AnswerParts, partial_credit: str
) -> tuple[Fraction, Fraction]:
    """The points and the most points of one question.

    A question without an answer earns nothing under every rule; a dropped question counts 0 of 0.
    """
    most = exact(entry["points"])
    correction = entry.get("correction", {})
    if correction.get("drop"):
        return _NOTHING, _NOTHING
    if correction.get("allCredit"):
        return most, most
    return (most * _share(question, entry, answer, partial_credit) if answer else _NOTHING), most


def _share(question: Question, entry: AnswerKeyEntry, answer: AnswerParts, rule: str) -> Fraction:
    """The share of the points, from 0 to 1, that an answer earns."""
    if isinstance(answer, dict):
        is_match = question["type"] == "match"
        return (
            _share_of_pairs(entry["pairs"], answer, rule) if is_match else _share_of_gaps(question, entry, answer, rule)
        )
    if question["type"] in ("number", "text"):
        counted = counted_answer(entry, answer[0])
        return share_of(counted) if counted else _NOTHING
    if question["type"] == "order":
        return _share_of_order(entry["correct"], answer, rule)
    right, chosen = frozenset(entry["correct"]), frozenset(answer)
    if question["type"] == "single":
        accepted = right | frozenset(entry.get("correction", {}).get("alsoAccept", ()))
        return Fraction(int(len(chosen) == 1 and chosen <= accepted))
    if "shares" in entry:
        shares = entry["shares"]
        earned = sum((share_of_percent(str(shares.get(option, 0))) for option in chosen), _NOTHING)
        return min(_ALL, max(_NOTHING, earned))
    return _share_of_several(right, frozenset(o["id"] for o in question["options"]), chosen, rule)


def _share_of_several(right: frozenset[str], options: frozenset[str], chosen: frozenset[str], rule: str) -> Fraction:
    """Of the options chosen, at least one, in a `multiple` question without shares."""
    if rule == "net-correct":
        return max(_NOTHING, Fraction(len(chosen & right) - len(chosen - right), len(right)))
    if rule == "each-answer":
        return 1 - Fraction(len((chosen ^ right) & options), len(options)) if chosen <= options else _NOTHING
    return Fraction(int(chosen == right))


def _share_of_order(right: Sequence[str], given: Sequence[str], rule: str) -> Fraction:
    """By the pairs of options that are in the right order, C, and in the wrong one, D.

    `net-correct` is Kendall's tau, (C - D) / (C + D), never below 0; `each-answer` is C / (C + D).
    """
    if rule == "off":
        return Fraction(int(list(given) == list(right)))
    if sorted(given) != sorted(right):
        return _NOTHING
    place = {option: number for number, option in enumerate(right)}
    in_order = [place[first] < place[second] for first, second in combinations(given, 2)]
    concordant, discordant = in_order.count(True), in_order.count(False)
    least = concordant - discordant if rule == "net-correct" else concordant
    return max(_NOTHING, Fraction(least, concordant + discordant))


def _share_of_pairs(right: dict[str, str], given: dict[str, str], rule: str) -> Fraction:
    found = sum(given.get(item) == option for item, option in right.items())
    return Fraction(int(given == right)) if rule == "off" else Fraction(found, len(right))


def _share_of_gaps(question: Question, entry: AnswerKeyEntry, given: dict[str, str], rule: str) -> Fraction:
    """The mean of the gaps' shares; under `off`, nothing unless every gap earns its full share."""
    shares = [
        _share(gap_question(question, gap), gap_entry(entry, gap), [given[gap["id"]]], rule)
        if gap["id"] in given
        else _NOTHING
        for gap in question["gaps"]
    ]
    mean = sum(shares, _NOTHING) / len(shares)
    return Fraction(int(mean == 1)) if rule == "off" else mean
