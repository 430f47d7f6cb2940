"""A class of five with one test of three questions, due on Monday 23 November 2026, 23:00 in Warsaw."""

from __future__ import annotations

from typing import Any, cast

from common.shared.documents import RosterEntry
from support.documents import WholeTest, answer_key, index_entry, question, right, roster_entry
from support.weekly_run import World

SUBJECT, TEST = "operating-systems", "test01"


def make_test(test_id: str = TEST, **changes: Any) -> WholeTest:
    """An index entry with questions and key; `changes` replace fields."""
    whole = {
        **index_entry(test_id, title="Kernels"),
        "questions": [question(1), question(2), question(3, "multiple")],
        "key": answer_key(SUBJECT, test_id, right("a", explanation="Because of a."), right("b"), right("bc", points=2)),
        **changes,
    }
    return cast(WholeTest, whole)


def make_students(count: int = 5, **deadlines: str) -> list[RosterEntry]:
    """`s1`, `s2`, ...; `s2="2026-..."` gives that student a deadline of their own."""
    own = {student: {f"{SUBJECT}/{TEST}": deadline} for student, deadline in deadlines.items()}
    return [roster_entry(n, [SUBJECT], own.get(f"s{n}")) for n in range(1, count + 1)]


def make_world(**changes: Any) -> World:
    """Published and submitted: s1 all right (4 points), s2 (3), s3 (1), s4 none right (0); s5 nothing.

    `changes` replace fields of the test.
    """
    world = World()
    world.publish(SUBJECT, [make_test(**changes)], make_students())
    submit_all(world)
    return world


def submit_all(world: World) -> None:
    for student, answers in {
        "s1": {"1": "a", "2": "b", "3": ["b", "c"]},
        "s2": {"1": "b", "2": "b", "3": ["b", "c"]},
        "s3": {"1": "a", "3": ["b"]},
        "s4": {"1": "d", "2": "d", "3": ["a", "d"]},
    }.items():
        world.submit(SUBJECT, TEST, student, answers)
