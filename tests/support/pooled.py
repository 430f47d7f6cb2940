"""A test with pools: question 1 for everybody, two of the questions 2 to 5, and one of 6 and 7, worth two points."""

from __future__ import annotations

from typing import Any

from common.drawn import drawn
from common.shared.documents import Question, Questions
from support.documents import PUBLISHED, WholeTest, answer_key, question, questions, right
from support.weekly_class import SUBJECT, TEST, make_test

SALT = "5a17" * 8
POOLS = {"processes-pool": 2, "sums-pool": 1}
# How many questions a student gets, and the points of all of them.
COUNT, MOST = 4, 5

QUESTIONS: list[Question] = [
    question(1),
    *(question(number, pool="processes-pool") for number in range(2, 6)),
    *(question(number, pool="sums-pool", points=2) for number in (6, 7)),
]
ENTRIES = [*(right("a") for _ in range(5)), *(right("a", points=2) for _ in range(2))]


def pooled_questions(test: str = TEST, **changes: Any) -> Questions:
    """The published questions; `changes` replace fields."""
    whole: Any = {**questions(SUBJECT, test, QUESTIONS), "pools": POOLS, "salt": SALT, **changes}
    asked: Questions = whole
    return asked


def pooled_test(**changes: Any) -> WholeTest:
    """All that is published of the test. Option a is right in each question."""
    key = answer_key(SUBJECT, TEST, *ENTRIES)
    whole = {"questions": QUESTIONS, "questionCount": COUNT, "key": key, "pools": POOLS, "salt": SALT}
    return make_test(**{**whole, "drawsSince": PUBLISHED, **changes})


def numbers_of(student: str, test: Questions | None = None) -> list[str]:
    """The numbers of the questions that a student gets."""
    return [str(each["number"]) for each in drawn(student, test or pooled_questions())]


def not_drawn_for(student: str) -> list[str]:
    """The numbers of the other questions."""
    return [str(each["number"]) for each in QUESTIONS if str(each["number"]) not in numbers_of(student)]
