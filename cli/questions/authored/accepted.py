"""Accepted answers that are typed: which of them a test's file can have, and with which share of the points."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Generic, TypeVar

from cli.questions.authored.parts import NotAuthored
from cli.questions.bank import AcceptedNumber, Answer
from cli.questions.text_file import quoted

from common.shared.shares import percent_of_share, share_of_percent

_A = TypeVar("_A", AcceptedNumber, Answer)
_MOST_COMPARED = 100


@dataclass(frozen=True)
class Reading(Generic[_A]):
    """How answers of a kind are read. `key`: the same if they accept the same. `overlap`: whether both accept one."""

    in_words: Callable[[_A], str]
    key: Callable[[_A], Hashable]
    overlap: Callable[[_A, _A], bool]


def earning(accepted: Sequence[_A], reading: Reading[_A]) -> tuple[list[_A], list[str]]:
    """The answers that earn points, the best one all of them, and what is lost. Raises NotAuthored.

    Banks take the first answer that fits, a test takes the best one.
    """
    best = max((answer.share for answer in accepted), default=Fraction(0))
    if best <= 0:
        raise NotAuthored("none of its accepted answers earns points")
    losses = [loss for answer in accepted if answer.share <= 0 for loss in _losses_of_wrong(answer, reading)]
    if best != 1:
        losses.append(f"its shares are scaled, because the best answer earns {percent_of_share(best)} % of the points")
    if _depends_on_order(accepted, reading):
        losses.append("if several of its accepted answers fit, the best one counts here, not the first one")
    kept: dict[Hashable, _A] = {}
    for answer in accepted:
        key = reading.key(answer)
        if answer.share > (kept[key].share if key in kept else 0):
            kept[key] = answer
    result = [replace(answer, share=answer.share / best) for answer in kept.values()]
    if any(share_of_percent(percent_of_share(answer.share)) != answer.share for answer in result):
        losses.append("its shares are rounded")
    return result, losses


def _losses_of_wrong(answer: _A, reading: Reading[_A]) -> list[str]:
    shown = quoted(reading.in_words(answer))
    losses = []
    if answer.share < 0:
        losses.append(f"the points that are taken away for the wrong answer {shown} are left out")
    if answer.feedback:
        losses.append(f"the feedback for the wrong answer {shown} is left out: {quoted(answer.feedback)}")
    return losses


def _depends_on_order(accepted: Sequence[_A], reading: Reading[_A]) -> bool:
    compared = accepted[:_MOST_COMPARED]
    return any(
        first.share < second.share and reading.overlap(first, second)
        for place, second in enumerate(compared)
        for first in compared[:place]
    )
