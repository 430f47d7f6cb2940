"""A student's terminal and the API it talks to, for the tests of bin/test-time.sh."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.local_api import LocalApi, sample_questions
from support.terminal_client import TerminalClient


@pytest.fixture
def api() -> Iterator[LocalApi]:
    """The API with one open test of six questions; the third takes several answers."""
    with LocalApi() as api:
        api.publish_test("operating-systems", "test01", sample_questions())
        yield api


@pytest.fixture
def client(api: LocalApi, tmp_path: Path) -> TerminalClient:
    """The terminal of student s001."""
    key = api.add_student("s001", "Ada Example", ["operating-systems"])
    return TerminalClient(tmp_path, api.endpoint, key)
