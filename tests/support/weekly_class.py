"""A class of five with one test of three questions, due on Monday 23 November 2026, 23:00 in Warsaw."""

from __future__ import annotations

from typing import Any

from support.weekly_run import World

SUBJECT, TEST = "operating-systems", "test01"
CLOSES = "2026-11-23T22:00:00Z"


def make_question(number: int, kind: str = "single", options: str = "abcd") -> dict[str, Any]:
    return {
        "number": number,
        "text": f"Question {number}?",
        "type": kind,
        "points": 1,
        "options": [{"id": o, "text": f"option {o}"} for o in options],
    }


def make_test(test_id: str = TEST, **changes: Any) -> dict[str, Any]:
    """An index entry with questions and key; `changes` replace fields."""
    return {
        "testId": test_id,
        "title": "Kernels",
        "questionCount": 3,
        "closesAt": CLOSES,
        "graceMinutes": 0,
        "attempts": "1",
        "late": None,
        "lastDeadline": CLOSES,
        "questions": [make_question(1), make_question(2), make_question(3, "multiple")],
        "key": {
            "partialCredit": "off",
            "questions": {
                "1": {"correct": ["a"], "points": 1, "explanation": "Because of a."},
                "2": {"correct": ["b"], "points": 1},
                "3": {"correct": ["b", "c"], "points": 2},
            },
        },
        **changes,
    }


def make_students(count: int = 5, **deadlines: str) -> list[dict[str, Any]]:
    """`s1`, `s2`, ...; `s2="2026-..."` gives that student a deadline of their own."""
    return [
        {
            "studentId": f"s{n}",
            "name": f"Student {n}",
            "email": f"s{n}@example.org",
            "subjects": [SUBJECT],
            "deadlines": {f"{SUBJECT}/{TEST}": deadlines[f"s{n}"]} if f"s{n}" in deadlines else {},
        }
        for n in range(1, count + 1)
    ]


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
