"""Runs several calls of S3 or SES at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

MAX_PARALLEL = 16
# Created once, like the S3 connections that its threads use, and kept between invocations.
_pool = ThreadPoolExecutor(MAX_PARALLEL)


def in_parallel(calls: Sequence[Callable[[], T]]) -> list[T]:
    """The calls' results, in order. Raises the exception of the first call that fails."""
    return list(_pool.map(lambda call: call(), calls))
