"""Finds tests in a subject's index. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from common.shared.documents import Index, IndexEntry


def published_tests(index: Index | None) -> list[IndexEntry]:
    """The tests of a subject. `index`: None if none of them is published."""
    return index["tests"] if index else []


def published_test(index: Index | None, test_id: str) -> IndexEntry | None:
    """A test's entry in its subject's index; None if the test is not published."""
    return next((entry for entry in published_tests(index) if entry["testId"] == test_id), None)
