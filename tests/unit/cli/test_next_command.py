"""The commands that messages name reach the deployment that the message is about."""

from __future__ import annotations

import pytest
from cli.next_command import next_command


@pytest.mark.parametrize(
    ("options", "command"),
    [
        ("", "./bin/students.sh invite"),
        ("--local --stage evening", "./bin/students.sh invite --local --stage evening"),
    ],
)
def test_a_next_command_has_the_options_of_this_one(
    monkeypatch: pytest.MonkeyPatch, options: str, command: str
) -> None:
    monkeypatch.setenv("TEST_TIME_OPTIONS", options)
    assert next_command("./bin/students.sh invite") == command
    monkeypatch.delenv("TEST_TIME_OPTIONS")
    assert next_command("./bin/students.sh invite") == "./bin/students.sh invite"
