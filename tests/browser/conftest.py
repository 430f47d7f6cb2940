"""The students' page in a real Chromium, over the real handlers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from support.browser_student import SUBJECT, TEST, Student
from support.chromium import running_chromium
from support.local_api import LocalApi, sample_questions
from support.page_sources import serve_source

# What Chromium reports of each request that fails, and of the service worker if that was the request.
FAILED_REQUEST = ("Failed to load resource", "An unknown error occurred when fetching the script.")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "faults: the test makes requests fail, which Chromium reports on the console")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def api() -> Iterator[LocalApi]:
    """A class with one open test of six questions, its clock where no test of it closes meanwhile."""
    with LocalApi() as api:
        api.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
        api.publish_test(SUBJECT, TEST, sample_questions(), api.now + timedelta(hours=10), title="Kernels")
        yield api


@pytest.fixture
def open_browser(chromium: Browser, api: LocalApi, request: pytest.FixtureRequest) -> Iterator[Callable[..., Student]]:
    """Browsers of students. Every test ends by asking what they complained about and whom they called.

    Chromium itself reports each failed request; only a test marked `faults` causes any.
    """
    students: list[Student] = []

    def open_one(student: str = "s001", name: str = "Ada Example", **options: Any) -> Student:
        key = api.add_student(student, name, [SUBJECT])
        students.append(Student(chromium.new_context(**options), api, key))
        return students[-1]

    yield open_one
    expected = request.node.get_closest_marker("faults") is not None
    for student in students:
        student.context.close()
        assert student.foreign_requests == []
        assert [text for text in student.complaints if not (expected and text.startswith(FAILED_REQUEST))] == []


@pytest.fixture
def ada(open_browser: Callable[..., Student]) -> Student:
    """A student at the sign-in."""
    return open_browser()


# What the modules look for when they are imported.
FRAME = '<p id="class-name"></p><main id="main"></main><p id="spoken"></p>'


@pytest.fixture(scope="module")
def sources(chromium: Browser) -> Iterator[Page]:
    """A page of the sources' origin, which can import each of them."""
    page = chromium.new_page()
    page.route("http://page.test/*", serve_source)
    page.route("http://page.test/empty", lambda route: route.fulfill(body=FRAME, content_type="text/html"))
    page.goto("http://page.test/empty")
    yield page
    page.close()
