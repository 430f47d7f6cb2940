"""Finds tests in a subject's index, and says how old it may be. Pure functions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from common.shared.documents import Index, IndexEntry

# How long the API's functions may keep a subject's index, and a test's questions, in memory.
LONGEST_KEPT = timedelta(seconds=30)


def published_tests(index: Index | None) -> list[IndexEntry]:
    """The tests of a subject. `index`: None if none of them is published."""
    return index["tests"] if index else []


def published_test(index: Index | None, test_id: str) -> IndexEntry | None:
    """A test's entry in its subject's index; None if the test is not published."""
    return next((entry for entry in published_tests(index) if entry["testId"] == test_id), None)
