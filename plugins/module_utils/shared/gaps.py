"""The gaps of a question's text: where they are, and each as a question of its own, whose rules it then has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from .documents import AnswerKeyEntry, Correction, Gap, Node, Question

MOST_GAPS = 26
_MARK = re.compile(r"\{\{([0-9]+)\}\}")


def gap_marks(text: str) -> list[str]:
    """The names of the gaps in a text, in its order: `["1", "2"]` for `The {{1}} of {{2}}`."""
    return _MARK.findall(text)


def with_gaps_named(text: str) -> str:
    """A text as people are shown it: `[gap 1]` for `{{1}}`."""
    return _MARK.sub(r"[gap \1]", text)


def nodes_with_gaps_named(nodes: Sequence[Node]) -> list[Node]:
    """The same for the nodes of a text."""
    shown = []
    for node in nodes:
        named: Node = {**node}
        if "text" in node:
            named["text"] = with_gaps_named(node["text"])
        if "children" in node:
            named["children"] = nodes_with_gaps_named(node["children"])
        shown.append(named)
    return shown


def gap_question(question: Question, gap: Gap) -> Question:
    """A gap as a question of its own."""
    return {
        "number": question["number"],
        "text": f"Gap {gap['id']}",
        "type": gap["type"],
        "points": question["points"],
        "options": gap.get("options", []),
    }


def gap_entry(entry: AnswerKeyEntry, gap: Gap) -> AnswerKeyEntry:
    """What is right in a gap, as in a question of its own. Raises KeyError if the answer key does not have the gap."""
    own = cast("AnswerKeyEntry", {"correct": [], "points": entry["points"], **entry["gaps"][gap["id"]]})
    correction = entry.get("correction")
    if correction and gap["id"] in correction.get("gaps", {}):
        own["correction"] = cast("Correction", {"reason": correction["reason"], **correction["gaps"][gap["id"]]})
    return own
