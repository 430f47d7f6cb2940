"""What a student sees of a test, and in which order: its questions, and the options and items of each."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from common.drawn import drawn
from common.shared.canonical_json import canonical_json

if TYPE_CHECKING:
    from common.shared.documents import Gap, Option, Question, Questions

# The order of their options would give something away, or all of it, if it were the same for everybody.
_NEVER_IN_ONE_ORDER = ("order", "match")


def in_own_order(student: str, test: Questions) -> list[Question]:
    """The questions of a published test that this student gets, in their order; so are each one's options and items.

    Questions, items, and most options have an order of the student's own only with `shuffle`; the options of an `order`
    or a `match` always do. The order depends on the student and the test: it is the same on every device and
    every day. Numbers and IDs stay with their questions, options and items, so scoring does not need to know the order.
    """
    seed = [student, test["subjectName"], test["testId"]]
    shown = [_own(question, [*seed, question["number"]], test["shuffle"]) for question in drawn(student, test)]
    return sorted(shown, key=lambda question: _place(*seed, question["number"])) if test["shuffle"] else shown


def _own(question: Question, seed: Sequence[object], shuffle: bool) -> Question:
    shown = question
    if shuffle or question["type"] in _NEVER_IN_ONE_ORDER:
        shown = {**shown, "options": _sorted(question["options"], seed)}
    if shuffle and "items" in question:
        shown = {**shown, "items": _sorted(question["items"], seed)}
    if shuffle and "gaps" in question:
        shown = {**shown, "gaps": [_own_gap(gap, [*seed, gap["id"]]) for gap in question["gaps"]]}
    return shown


def _own_gap(gap: Gap, seed: Sequence[object]) -> Gap:
    return {**gap, "options": _sorted(gap["options"], seed)} if "options" in gap else gap


def _sorted(entries: Sequence[Option], seed: Sequence[object]) -> list[Option]:
    return sorted(entries, key=lambda entry: _place(*seed, entry["id"]))


def shown_option(option: Option) -> Option:
    """An option, or an item, without anything that is not for students."""
    shown: Option = {"id": option["id"], "text": option["text"]}
    if "nodes" in option:
        shown["nodes"] = option["nodes"]
    return shown


def shown_gap(gap: Gap) -> Gap:
    """A gap without anything that is not for students."""
    shown: Gap = {"id": gap["id"], "type": gap["type"]}
    if "options" in gap:
        shown["options"] = [shown_option(option) for option in gap["options"]]
    return shown


def _place(*item: object) -> str:
    """An item's place in a student's order. Not from a random generator: its sequence may differ in a later Python."""
    return sha256(canonical_json(item)).hexdigest()
