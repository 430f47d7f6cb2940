"""The computer that the tests of the trainer's scripts share."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.trainer_machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)
