"""Extensions whose publication is cut off after each write: the next run sends no right answers early."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from common.shared.deadlines import format_time
from support.random_life import FIRST_DEADLINE, SUBJECT, Life
from support.weekly_run import Killed


def small_class() -> Life:
    """A class of three, published on the morning before its one test closes. One has submitted."""
    life = Life(0)
    life.refuses = False
    life.world.settings = replace(life.world.settings, reminder_hours=0)
    life.students = {name: student(name) for name in ("s1", "s2", "s3")}
    life.tests = {"test0": {**life.tests.popitem()[1], "closes": format_time(FIRST_DEADLINE)}}
    life.publish()
    life.world.now = FIRST_DEADLINE - timedelta(hours=12)
    life.world.submit(SUBJECT, "test0", "s1", {"1": "a"}, format_time(life.world.now))
    return life


def student(name: str) -> dict[str, Any]:
    return {"id": name, "name": name, "email": f"{name}@example.org", "subjects": [SUBJECT]}


def extend(life: Life, *students: str) -> None:
    """These students have two more days, and no others."""
    life.tests["test0"]["extensions"] = dict.fromkeys(students, format_time(FIRST_DEADLINE + timedelta(days=2)))


def publish_up_to(life: Life, writes: int) -> None:
    """Publish, and be cut off after so many writes."""
    made = 0

    def fault(_number: int, name: str, _parameters: Any, real: Any) -> Any:
        nonlocal made
        if name in {"s3:PutObject", "s3:DeleteObject"}:
            if made == writes:
                raise Killed
            made += 1
        return real()

    life.world.calls.fault = fault
    with suppress(Killed):
        life.publish()
    life.world.calls.fault = None


@pytest.mark.parametrize(
    ("first", "second"),
    [(("s2",), ()), (("s2",), ("s3",)), (("s2", "s3"), ("s3",)), ((), ("s2",))],
    ids=["withdrawn", "given to another", "withdrawn from one", "given"],
)
def test_wherever_publishing_extensions_is_cut_off_no_run_sends_right_answers_early(
    first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    for cuts in itertools.product(range(6), repeat=2):
        life = small_class()
        for students, writes in zip((first, second), cuts, strict=True):
            extend(life, *students)
            publish_up_to(life, writes)
        life.world.now = FIRST_DEADLINE
        life.world.run({})
        assert life.wrong == [], f"cut off after {cuts} writes"
        assert ("test0", "s1") in life.told
