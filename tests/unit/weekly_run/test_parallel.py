"""Calls that run at the same time: nothing of them is left when their caller continues."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from common.parallel import MAX_PARALLEL, in_parallel


def test_results_come_in_the_order_of_the_calls() -> None:
    first_may_end = threading.Event()

    def first() -> int:
        assert first_may_end.wait(10)
        return 1

    def second() -> int:
        first_may_end.set()
        return 2

    assert in_parallel([first, second]) == [1, 2]


def test_a_failure_is_raised_when_no_call_is_at_work_and_the_others_do_not_begin() -> None:
    others_began = threading.Barrier(MAX_PARALLEL)
    ended: list[int] = []

    def failing() -> None:
        others_began.wait(10)
        raise ValueError("the first")

    def other(number: int) -> Callable[[], None]:
        def call() -> None:
            if number < MAX_PARALLEL:
                others_began.wait(10)
            threading.Event().wait(0.05)
            ended.append(number)

        return call

    with pytest.raises(ValueError, match="the first"):
        in_parallel([failing, *(other(number) for number in range(1, 200))])
    told = len(ended)
    assert MAX_PARALLEL - 1 <= told < 199
    threading.Event().wait(0.2)
    assert len(ended) == told
