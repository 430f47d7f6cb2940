"""Several reads of S3 in the time of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

MAX_PARALLEL = 16
# Made once: threads outlive a call, as the S3 connections they use do.
_pool = ThreadPoolExecutor(MAX_PARALLEL)


def in_parallel(calls: Sequence[Callable[[], T]]) -> list[T]:
    """The calls' results, in order. The first call that fails has its exception raised here."""
    return list(_pool.map(lambda call: call(), calls))
