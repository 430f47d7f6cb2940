"""Which of a test's questions a student gets: of each pool, those that are drawn for them; and all others."""

from __future__ import annotations

from collections import defaultdict
from hashlib import sha256
from typing import TYPE_CHECKING

from common.shared.canonical_json import canonical_json

if TYPE_CHECKING:
    from common.shared.documents import Question, Questions


def drawn(student: str, test: Questions) -> list[Question]:
    """The questions that this student gets, in the order of the test.

    Of each pool, these are the questions with the smallest hashes. A hash is of a secret salt, too, so nobody can work
    out what is drawn, and of the names of the student, the test and the pool: what is drawn is the same on every device
    and every day, and says nothing about other students, tests and pools.
    """
    if "pools" not in test:
        return test["questions"]
    members: defaultdict[str, list[int]] = defaultdict(list)
    for question in test["questions"]:
        if "pool" in question:
            members[question["pool"]].append(question["number"])
    left: set[int] = set()
    for pool, numbers in members.items():
        seed = [test["salt"], student, test["subjectName"], test["testId"], pool]
        left.update(sorted(numbers, key=lambda number: _lot([*seed, number]))[test["pools"][pool] :])
    return [question for question in test["questions"] if question["number"] not in left]


def own_test_of(student: str, test: Questions) -> Questions:
    """The test as this student gets it: only with the questions that are drawn for them, and without the salt."""
    own: Questions = {**test, "questions": drawn(student, test)}
    own.pop("pools", None)
    own.pop("salt", None)
    return own


def _lot(item: list[str | int]) -> bytes:
    return sha256(canonical_json(item)).digest()
