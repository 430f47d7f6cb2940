"""Which attempts are read: the score is that of all of them, however many a student has stored."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from common.shared.deadlines import format_time, parse_time
from common.shared.documents import ScoringStudent, Submission
from common.shared.object_keys import answers_key
from plan_run.plan import plan
from score_batch.attempts import LONGEST_UPLOAD, attempts_that_decide
from score_batch.batch import score_batch
from score_batch.scoring import score
from support.documents import submission
from support.weekly_class import SUBJECT, TEST, make_students, make_test
from support.weekly_run import World

LIMIT = parse_time("2026-11-23T22:00:00Z")
LATE = {"untilHours": 24, "credit": 0.5}
SECOND = timedelta(seconds=1)
STUDENT: ScoringStudent = {
    "studentId": "s1",
    "name": "Student 1",
    "email": "s1@example.org",
    "onTimeUntil": format_time(LIMIT),
    "acceptedUntil": format_time(LIMIT + timedelta(hours=24)),
    "over": True,
}


def world_with(times: list[datetime], **rules: Any) -> World:
    """A class of one student, with an attempt at each of these times."""
    world = World()
    world.publish(SUBJECT, [make_test(**rules)], make_students(1))
    world.now = LIMIT + timedelta(hours=25)
    for number, at in enumerate(times, 1):
        world.submit(SUBJECT, TEST, "s1", {"1": "a"}, format_time(at), number)
    return world


def reads_of_answers(world: World) -> int:
    """Score the student. How many submissions were read?"""
    plan(world.bucket, world.settings, "r", format_time(world.now), {})
    before = world.calls.count
    assert score_batch(world.bucket, "r", 0)["failed"] == 0
    made = world.calls.made[before:]
    return sum(call.name == "s3:GetObject" and call.key.startswith("answers/") for call in made)


@pytest.mark.parametrize(
    ("late", "on_time", "afterwards", "most"),
    [(None, 12_000, 0, 1), (LATE, 12_000, 0, 1), (LATE, 12_000, 1, 2), (LATE, 12_000, 99, 100)],
)
def test_a_student_with_thousands_of_attempts_does_not_hold_up_a_batch(
    late: Any, on_time: int, afterwards: int, most: int
) -> None:
    times = [LIMIT - timedelta(hours=1)] * on_time + [LIMIT + timedelta(hours=1)] * afterwards
    assert reads_of_answers(world_with(times, attempts="last", late=late)) == most


def test_under_a_rule_changed_to_one_attempt_the_first_ones_are_read() -> None:
    times = [LIMIT - timedelta(hours=1)] * 2 + [LIMIT + timedelta(hours=1)] * 50
    assert reads_of_answers(world_with(times, attempts="1", late=LATE)) == 3
    assert reads_of_answers(world_with(times[2:], attempts="1", late=LATE)) == 1


def random_attempts(chance: random.Random) -> dict[int, Submission]:
    """Attempts as uploads at once can store them.

    The time in an attempt is that at which its upload began; its number is its place among the moments of storing,
    which are up to LONGEST_UPLOAD later.
    """
    spread = chance.choice([30, 200, 20_000])
    begun = [LIMIT + SECOND * chance.randint(-spread, spread) for _ in range(chance.randint(1, 12))]
    begun.sort(key=lambda at: at + LONGEST_UPLOAD * chance.random())
    numbers = sorted(chance.sample(range(1, 15), len(begun)))
    return {
        n: submission(
            SUBJECT, TEST, "s1", {"1": chance.choice("ab"), "2": chance.choice("ab")}, format_time(at), f"R-{n}"
        )
        for n, at in zip(numbers, begun, strict=True)
    }


@pytest.mark.parametrize("seed", range(20))
def test_the_score_is_that_of_all_attempts(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(100):
        test = make_test(attempts=chance.choice(["1", "last"]), late=chance.choice([None, LATE]))
        stored = random_attempts(chance)
        listed = [*stored, 99]  # one that is gone when it is read
        found = attempts_that_decide(test, LIMIT, listed, stored.get)
        same = [
            score(SUBJECT, test, test["questions"], test["key"], "v", STUDENT, attempts) for attempts in (stored, found)
        ]
        assert same[0] == same[1]


def test_a_broken_attempt_that_may_count_fails_the_row_and_an_older_one_does_not() -> None:
    world = world_with([LIMIT - timedelta(hours=1)] * 3, attempts="last")
    world.s3.objects[answers_key(SUBJECT, "s1", TEST, 2)] = b"{"
    assert reads_of_answers(world) == 1
    world.s3.objects[answers_key(SUBJECT, "s1", TEST, 3)] = b"{}"
    assert score_batch(world.bucket, "r", 0)["failed"] == 1
