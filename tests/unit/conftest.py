"""What tests of several rooms use."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from logging import StreamHandler
from threading import Lock

import pytest
from werkzeug.routing import Rule


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests have counted."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")


@pytest.fixture(scope="session", autouse=True)
def routes_compiled_by_one_thread_at_a_time() -> Iterator[None]:
    """moto compiles its routes at the first request. Threads of Python 3.11 that use `ast` at the same time count their
    recursion together, so one of them may fail (python/cpython#106905).
    """
    compile_route, lock = Rule.compile, Lock()

    def compile_alone(rule: Rule) -> None:
        with lock:
            compile_route(rule)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", compile_alone)
        yield


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
