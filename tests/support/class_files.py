"""Builders of a small class's files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.class_content.closing_times import WeeklyDeadline

WriteClass = Callable[..., Path]
WEEKLY = WeeklyDeadline("monday", "23:00", "Europe/Warsaw")


def question(**changes: Any) -> dict[str, Any]:
    """A right question; `None` takes a field away."""
    whole = {"text": "One?", "options": {"a": "first", "b": "second", "c": "third"}, "answer": "a"} | changes
    return {name: value for name, value in whole.items() if value is not None}


def of_kind(**fields: Any) -> dict[str, Any]:
    """A question without options, and with these fields: `number`, `accept`, `order` or `match`."""
    return {"text": "One?"} | fields


def student(number: int, **changes: Any) -> dict[str, Any]:
    """A right student: s001, s002, ..."""
    return {
        "id": f"s{number:03}",
        "name": f"Student {number}",
        "email": f"s{number:03}@example.org",
        "subjects": ["os"],
    } | changes
