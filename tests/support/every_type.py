"""A test with a question of every type, and answers to it."""

from __future__ import annotations

from typing import Any

from common.shared.documents import Option, Question
from support.documents import WholeTest, answer_key, question, right
from support.weekly_class import SUBJECT, TEST, make_test

ITEMS: list[Option] = [{"id": "1", "text": "Poland"}, {"id": "2", "text": "Italy"}]
CAPITALS: list[Option] = [{"id": "a", "text": "Rome"}, {"id": "b", "text": "Warsaw"}, {"id": "c", "text": "Berlin"}]
CALLS: list[Option] = [{"id": "a", "text": "wait"}, {"id": "b", "text": "fork"}, {"id": "c", "text": "exec"}]

QUESTIONS: list[Question] = [
    question(1),
    question(2, "multiple"),
    question(3, "number", ""),
    question(4, "text", ""),
    {**question(5, "order"), "options": CALLS},
    {**question(6, "match"), "options": CAPITALS, "items": ITEMS},
]

ENTRIES = [
    right("a", feedback={"b": "Not b.", "a": "Well done."}),
    right("ab", points=2, shares={"a": 50, "b": 50, "c": -50}, feedback={"c": "No processes.", "a": "Yes, a."}),
    right(
        "",
        numbers=[
            {"low": "9.76", "high": "9.86", "value": "9.81"},
            {"low": "9.7", "high": "9.9", "share": 50, "feedback": "Give two decimals."},
        ],
    ),
    right("", texts=[{"text": "ls*"}, {"text": "dir", "share": 50, "feedback": "Only on Windows."}]),
    right("bca", points=3),
    right("", points=2, pairs={"1": "b", "2": "a"}),
]

# By student: all right, half right, all wrong; the fourth answers a part of each.
ANSWERS: dict[str, dict[str, Any]] = {
    "s1": {"1": "a", "2": ["a", "b"], "3": "9,81", "4": "LS -l", "5": ["b", "c", "a"], "6": {"1": "b", "2": "a"}},
    "s2": {"1": "b", "2": ["a", "c"], "3": "9.9", "4": "dir", "5": ["b", "a", "c"], "6": {"1": "b"}},
    "s3": {"1": "c", "2": ["d"], "3": "64", "4": "<b>`rm`</b>", "5": ["a", "c", "b"], "6": {"1": "a", "2": "b"}},
    "s4": {"2": ["c"], "6": {"2": "c"}},
}


def every_type(**changes: Any) -> WholeTest:
    """The test; `changes` replace fields. Its rule for partial credit is `net-correct`."""
    key = answer_key(SUBJECT, TEST, *ENTRIES, partial_credit="net-correct")
    return make_test(**{"questions": QUESTIONS, "questionCount": len(QUESTIONS), "key": key, **changes})
