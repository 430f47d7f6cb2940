"""What takes long shows that it is still running."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from cli import elapsed, validate

ROOT = Path(__file__).parents[3]


def test_long_check_shows_its_seconds_and_a_short_one_shows_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["validate", "--root", str(ROOT)])
    assert validate.main() == 0
    assert capsys.readouterr().err == ""

    def slow(*_: object) -> list[object]:
        time.sleep(0.5)
        return []

    monkeypatch.setattr(elapsed, "SHOW_EVERY_SECONDS", 0.2)
    monkeypatch.setattr(validate, "_class_problems", slow)
    assert validate.main() == 0
    assert capsys.readouterr().err.startswith("    0 s\n")
