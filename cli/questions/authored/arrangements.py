"""Questions in which options are matched with items, or put in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.questions.authored.parts import Fields, NotAuthored, counted, refuse_too_many
from cli.questions.bank import Match, Ordering


def matched(body: Match) -> Fields:
    """The pairs and the further options. Raises NotAuthored."""
    if len(body.pairs) < 2:
        raise NotAuthored(f"it has {counted(len(body.pairs), 'pair')}, and a test's question needs two or more")
    refuse_too_many(len(body.pairs), "pair")
    options = dict.fromkeys(_on_one_line(option) for _, option in body.pairs)
    others = {shown: other for other in body.others if (shown := _on_one_line(other)) not in options}
    refuse_too_many(len(options) + len(others), "option")
    fields: dict[str, Any] = {"match": [{"item": item, "option": option} for item, option in body.pairs]}
    if others:
        fields["other_options"] = list(others.values())
    is_lost = len(others) < len(body.others)
    return Fields(fields, ["a further option is left out, because it is there twice"] if is_lost else [])


def matching(question: Mapping[str, Any]) -> Match:
    """The pairs and the further options of a test's question."""
    pairs = [(_read(pair["item"]), _read(pair["option"])) for pair in question["match"]]
    return Match(pairs, [_read(other) for other in question.get("other_options", ())])


def ordered(body: Ordering) -> Fields:
    """The texts in the right order. Raises NotAuthored."""
    if len(body.texts) < 2:
        raise NotAuthored(f"it has {counted(len(body.texts), 'text')} to put in order, and a test needs two or more")
    refuse_too_many(len(body.texts), "option")
    return Fields({"order": list(body.texts)}, ["partial_credit of the test says what a partly right order earns"])


def ordering(question: Mapping[str, Any]) -> Ordering:
    """The texts of a test's question in the right order."""
    return Ordering([_read(text) for text in question["order"]])


def _read(text: str) -> str:
    """A text of a test's file, where a block ends with a line end."""
    return text.rstrip("\n")


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
