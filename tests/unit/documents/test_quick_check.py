"""The quick check accepts nothing that jsonschema refuses, and everything that a class usually has."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.documents.quick_check import quick_check
from ansible_collections.training.test_time.plugins.module_utils.documents.schema_check import validator

from support.class_files import question, student

TEST = {
    "title": "T",
    "session_date": "2026-11-17",
    "closes": "2026-11-25 23:00",
    "shuffle": True,
    "attempts": 1,
    "grace_minutes": 10,
    "late": {"until_hours": 24, "credit": 0.8},
    "partial_credit": "off",
    "unsubmitted_drafts": "ignore",
    "extensions": {"s001": "2026-11-25 23:00"},
    "questions": [
        question(answer=["a", "b"], points=2.5, explanation="Because."),
        question(answer="a", correction={"reason": "Ambiguous", "also_accept": ["b"]}),
        question(correction={"reason": "Wrong", "drop": True}),
    ],
}
STUDENTS = {"students": [student(1), student(2, extra_hours=1.5, subjects=["os", "net"])]}
DOCUMENTS = {"test": TEST, "students": STUDENTS}
# Each differs from a right value in one way that a schema could mean.
ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 1.0, 24.0, 10**6, 0.5, float("nan"), float("inf")),
    *("", " ", "a", "b\n", "x" * 10_001, "none", "last", "1", "s001\n", "2026-11-25 23:00\n"),
    *(chr(code) for code in (*range(0x20), 0x85, 0xA0, 0x2028, 0xFEFF)),
    *([], ["a"], ["a", "a"], [1, 1.0], [{}], ["a"] * 30, {}, {"a": "x"}, {"a": "x", "b": "y"}, {"a": 1, "B": 2}),
]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container in a value with each of its keys or positions."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]


def changed(document: Any, chance: random.Random) -> Any:
    """The document with one to three changes."""
    document = copy.deepcopy(document)
    for _ in range(chance.randint(1, 3)):
        container, key = chance.choice(places(document) or [([0], 0)])
        if chance.random() < 0.2:
            del container[key]
        elif isinstance(container, dict) and chance.random() < 0.2:
            container[chance.choice(["odd", "drop", "points", "A"])] = copy.deepcopy(chance.choice(ODD))
        else:
            container[key] = copy.deepcopy(chance.choice(ODD))
    return document


@pytest.mark.parametrize("name", DOCUMENTS)
def test_right_document_needs_no_second_look(name: str) -> None:
    assert quick_check(validator(name).schema)(DOCUMENTS[name])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_accepted_jsonschema_accepts_too(name: str) -> None:
    chance, schema = random.Random(8), validator(name)
    accepts = quick_check(schema.schema)
    accepted = 0
    for _ in range(1_500):
        document = changed(DOCUMENTS[name], chance)
        if accepts(document):
            accepted += 1
            assert schema.is_valid(document), document
    assert accepted > 100
