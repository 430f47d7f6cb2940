"""Runs several calls of S3 or SES at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")

MAX_PARALLEL = 16
# Created once, like the S3 connections that its threads use, and kept between invocations.
_pool = ThreadPoolExecutor(MAX_PARALLEL)


def in_parallel(calls: Sequence[Callable[[], T]]) -> list[T]:
    """The calls' results, in order.

    If a call fails, those that have not begun are cancelled. Its exception is raised when those that have begun are
    over: a function that has returned is frozen, and what is left of it would go on in a later invocation with what was
    true before.
    """
    futures = [_pool.submit(call) for call in calls]
    wait(futures, return_when=FIRST_EXCEPTION)
    for future in futures:
        future.cancel()
    wait(futures)
    return [future.result() for future in futures]
