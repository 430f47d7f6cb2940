"""A question with gaps, one of each type, with what is right in them."""

from __future__ import annotations

from typing import Any

from common.shared.documents import AnswerKeyEntry, Question
from support.documents import question, right

TEXT = "The kernel {{1}} processes. A page has {{2}} bytes, and `{{3}}` shows it."


def gap_question(number: int = 1, **changes: Any) -> Question:
    """The question."""
    options = [{"id": "a", "text": "schedules"}, {"id": "b", "text": "prints"}, {"id": "c", "text": "draws"}]
    gaps = [
        {"id": "1", "type": "single", "options": options},
        {"id": "2", "type": "number"},
        {"id": "3", "type": "text"},
    ]
    return question(number, "gaps", "", **{"text": TEXT, "gaps": gaps, **changes})


def gap_key(**changes: Any) -> AnswerKeyEntry:
    """What is right in it, of three points."""
    number = {"low": "4096", "high": "4096", "value": "4096"}
    gaps = {
        "1": {"correct": ["a"], "feedback": {"b": "A printer does."}},
        "2": {"numbers": [number, {"low": "4", "high": "4", "value": "4", "share": 50, "feedback": "In bytes."}]},
        "3": {"texts": [{"text": "getconf*"}, {"text": "arch", "share": 25}], "caseMatters": True},
    }
    return right("", **{"points": 3, "gaps": gaps, **changes})
