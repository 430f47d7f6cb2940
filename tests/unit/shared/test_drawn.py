"""Which questions are drawn for a student: as many as the pool says, always the same, and nobody can work them out."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.drawn import drawn, own_test_of
from common.own_order import in_own_order
from support.documents import question, questions
from support.pooled import SALT, numbers_of, pooled_questions

STUDENTS = [f"s{number:04}" for number in range(3000)]


def pool_of(size: int, pick: int, **changes: Any) -> Any:
    """A test with one pool."""
    asked = [question(number, pool="p") for number in range(1, size + 1)]
    return {**questions("os", "test01", asked), "pools": {"p": pick}, "salt": SALT, **changes}


@st.composite
def drawing_tests(draw: st.DrawFn) -> Any:
    """Questions of pools and others, mixed, in any order."""
    sizes = draw(st.lists(st.integers(2, 6), min_size=1, max_size=4))
    places = draw(st.permutations([f"p{pool}" for pool, size in enumerate(sizes) for _ in range(size)] + [None] * 3))
    asked = [question(number, **({"pool": pool} if pool else {})) for number, pool in enumerate(places, 1)]
    pools = {f"p{pool}": draw(st.integers(1, size - 1)) for pool, size in enumerate(sizes)}
    salt = draw(st.text("0123456789abcdef", min_size=32, max_size=32))
    return {**questions("os", "test01", asked, shuffle=draw(st.booleans())), "pools": pools, "salt": salt}


@settings(deadline=None)
@given(test=drawing_tests(), student=st.text("abc012._-", min_size=1, max_size=9))
def test_each_student_gets_exactly_what_each_pool_says_and_all_other_questions(test: Any, student: str) -> None:
    found = drawn(student, test)
    counts = Counter(each.get("pool") for each in found)
    assert counts.pop(None) == 3
    assert counts == test["pools"]
    assert [each["number"] for each in found] == sorted(each["number"] for each in found)
    assert drawn(student, test) == found
    assert Counter(each["number"] for each in in_own_order(student, test)) == Counter(each["number"] for each in found)


@settings(deadline=None)
@given(test=drawing_tests(), student=st.text("abc012._-", min_size=1, max_size=9))
def test_what_is_drawn_does_not_depend_on_texts_on_other_pools_or_on_the_order_of_the_file(
    test: Any, student: str
) -> None:
    pool = next(iter(test["pools"]))
    found = [each["number"] for each in drawn(student, test) if each.get("pool") == pool]
    alone = [{**each, "text": "Corrected"} for each in reversed(test["questions"]) if each.get("pool") == pool]
    changed: Any = {**test, "questions": alone, "pools": {pool: test["pools"][pool]}, "title": "Another title"}
    assert sorted(each["number"] for each in drawn(student, changed)) == found


@pytest.mark.parametrize(("size", "pick"), [(2, 1), (4, 2), (5, 1), (6, 5)])
def test_every_choice_is_drawn_about_as_often_as_any_other(size: int, pick: int) -> None:
    test = pool_of(size, pick)
    counts = Counter(tuple(each["number"] for each in drawn(student, test)) for student in STUDENTS)
    choices = list(combinations(range(1, size + 1), pick))
    expected = len(STUDENTS) / len(choices)
    # Pearson's chi-squared has as many degrees of freedom; ten times their number is out of reach of chance.
    assert sum((counts[choice] - expected) ** 2 / expected for choice in choices) < 10 * (len(choices) - 1)


@pytest.mark.parametrize(
    "changes",
    [{"salt": "b" * 32}, {"testId": "test02"}, {"subjectName": "networks"}],
    ids=lambda changes: next(iter(changes)),
)
def test_another_salt_test_or_subject_draws_anew(changes: dict[str, str]) -> None:
    """Whoever has seen what one of them draws knows nothing of the other."""
    one, other = pool_of(2, 1), pool_of(2, 1, **changes)
    same = sum(drawn(student, one) == drawn(student, other) for student in STUDENTS)
    assert abs(same - len(STUDENTS) / 2) < 150


def test_two_pools_draw_independently() -> None:
    asked = [question(number, pool="pq"[number > 2]) for number in range(1, 5)]
    test: Any = {**questions("os", "test01", asked), "pools": {"p": 1, "q": 1}, "salt": SALT}
    counts = Counter(tuple(each["number"] for each in drawn(student, test)) for student in STUDENTS)
    assert min(counts[first, second] for first in (1, 2) for second in (3, 4)) > len(STUDENTS) / 4 - 150


def test_a_test_without_pools_is_whole() -> None:
    test = questions("os", "test01")
    assert drawn("s001", test) == test["questions"]
    assert own_test_of("s001", test) == test


def test_a_students_test_has_no_salt_and_is_not_drawn_from_again() -> None:
    own = own_test_of("s001", pooled_questions())
    assert "salt" not in own
    assert "pools" not in own
    assert own_test_of("s001", own) == own
    assert in_own_order("s001", own) == in_own_order("s001", pooled_questions())


def test_what_is_drawn_stays_the_same_in_every_version() -> None:
    """Whatever changes here takes questions away from students who have answered them."""
    assert {student: numbers_of(student) for student in ("s001", "s002", "s003")} == {
        "s001": ["1", "3", "5", "6"],
        "s002": ["1", "4", "5", "7"],
        "s003": ["1", "2", "3", "6"],
    }
