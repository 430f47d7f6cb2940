"""The class of support/weekly_class.py, ready to be scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from support.weekly_class import make_world
from support.weekly_run import World


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def sequential(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls in the order in which they are written down, so that a seed or a number names one course of events."""

    def one_after_the_other(calls: Sequence[Callable[[], Any]]) -> list[Any]:
        return [call() for call in calls]

    for module in (
        "plan_run.plan",
        "score_batch.batch",
        "score_batch.reviews",
        "mail_batch.delivery",
        "report_run.results",
    ):
        monkeypatch.setattr(f"{module}.in_parallel", one_after_the_other)
