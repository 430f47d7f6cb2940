"""Texts with gaps. Each gap becomes what a question of its kind becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.questions.authored.choices import choice, chosen
from cli.questions.authored.numbers import number, numeric
from cli.questions.authored.parts import Fields, NotAuthored, refuse_too_many
from cli.questions.authored.texts import short_text, typed
from cli.questions.bank import Choice, Gap, Gaps, Number


def filled(body: Gaps) -> Fields:
    """What is right in each gap. Raises NotAuthored."""
    refuse_too_many(len(body.gaps), "gap")
    gaps: dict[str, Any] = {}
    losses = ["its gaps all earn the same here"] if body.has_weights else []
    for place, gap in enumerate(body.gaps, 1):
        try:
            fields, lost = _fields(gap)
        except NotAuthored as error:
            raise NotAuthored(f"in gap {place}, {error}") from error
        gaps[str(place)] = fields
        losses += [f"in gap {place}, {loss}" for loss in lost]
    return Fields({"gaps": gaps}, losses)


def gapped(question: Mapping[str, Any]) -> Gaps:
    """The gaps of a test's question."""
    gaps = question["gaps"]
    return Gaps([_gap(gaps[name]) for name in sorted(gaps, key=int)])


def _fields(gap: Gap) -> Fields:
    match gap:
        case Choice():
            return chosen(gap)
        case Number():
            return numeric(gap)
        case _:
            return typed(gap)


def _gap(gap: Mapping[str, Any]) -> Gap:
    if "number" in gap:
        return number(gap)
    return short_text(gap) if "accept" in gap else choice(gap)
