"""What tests of several rooms use."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from logging import StreamHandler

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests have counted."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the functions log. Powertools' logger keeps the stream it was made with."""
    from common.telemetry import logger

    stream = StringIO()
    handler = logger.registered_handler
    assert isinstance(handler, StreamHandler)
    before = handler.setStream(stream)
    yield stream
    handler.setStream(before)
