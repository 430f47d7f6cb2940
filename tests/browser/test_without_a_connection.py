"""The browser keeps the page for a reload without a connection, and nothing of a student with it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

import web_page.handler as served
from support.browser_student import SUBJECT, TEST, Student
from web_page.page import load_worker

KEPT = """async () => {
  const names = await caches.keys();
  const entries = async (name) => (await (await caches.open(name)).keys()).map((each) => each.url);
  return { names, urls: (await Promise.all(names.map(entries))).flat() };
}"""
pytestmark = pytest.mark.faults


def kept(student: Student) -> Any:
    """The names of the caches and the addresses in them, once there are some."""
    student.page.wait_for_function(f"async () => (await ({KEPT})()).urls.length === 1")
    return student.page.evaluate(KEPT)


def test_a_reload_without_a_connection_goes_on_where_it_was(ada: Student) -> None:
    ada.sign_in(remember=True)
    ada.open(f"#/test/{SUBJECT}/{TEST}")
    ada.choose(1, "b")
    kept(ada)
    ada.context.set_offline(True)
    ada.page.reload()
    expect(ada.page.get_by_role("heading", level=1)).to_be_visible()
    assert "Test class" in ada.page.title()
    ada.context.set_offline(False)
    ada.page.reload()
    expect(ada.page.locator("input[name=question-1][value=b]")).to_be_checked()


def test_only_the_page_is_kept(ada: Student) -> None:
    ada.sign_in()
    ada.open("#/scores")
    assert kept(ada)["urls"] == [f"{ada.endpoint}/"]


def test_a_new_version_replaces_the_kept_one(ada: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    ada.sign_in(remember=True)
    [old] = kept(ada)["names"]
    newer = type(served._STUDENTS)(
        served._STUDENTS.html.replace(">Test class<", ">Newer<"),
        served._STUDENTS.style,
        served._STUDENTS.script,
    )
    monkeypatch.setattr(served, "_STUDENTS", newer)
    monkeypatch.setattr(served, "_WORKER", load_worker(newer))
    ada.open()
    ada.page.wait_for_function(f"async () => !(await caches.keys()).includes({old!r})")
    ada.context.set_offline(True)
    ada.page.reload()
    expect(ada.page.locator("#class-name")).to_have_text("Newer")
