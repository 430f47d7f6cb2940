"""A run's request: the fields that plan_run accepts are those of the type."""

from __future__ import annotations

from typing import get_type_hints

from common.shared.documents import RunRequest
from plan_run.run_input import REQUEST_FIELDS


def test_plan_run_accepts_the_fields_of_the_type_and_no_other() -> None:
    assert get_type_hints(RunRequest).keys() == REQUEST_FIELDS
