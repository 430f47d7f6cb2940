"""The address of the calendar: found in both clients, and good for a calendar app."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from pathlib import Path

import icalendar
from playwright.sync_api import expect

from support.browser_student import Student
from support.local_api import LocalApi
from support.terminal_client import TerminalClient


def summaries(address: str) -> list[str]:
    with urllib.request.urlopen(address, timeout=10) as reply:  # an address on loopback
        assert reply.headers["Content-Type"] == "text/calendar; charset=utf-8"
        calendar = icalendar.Calendar.from_ical(reply.read())
    return [str(event["summary"]) for event in calendar.walk("VEVENT")]


def test_the_page_and_the_terminal_show_the_same_address_and_it_is_the_calendars(
    open_browser: Callable[..., Student], api: LocalApi, tmp_path: Path
) -> None:
    ada = open_browser(permissions=["clipboard-read", "clipboard-write"])
    ada.sign_in()
    expect(ada.page.get_by_role("button", name="Copy the address")).to_be_hidden()
    ada.page.get_by_text("Add to your calendar").click()
    ada.page.get_by_role("button", name="Copy the address").click()
    expect(ada.page.get_by_role("button", name="Copied")).to_be_visible()
    address = ada.page.evaluate("navigator.clipboard.readText()")
    assert address.startswith(f"{api.endpoint}/calendar/")
    assert summaries(address) == ["Closes: Kernels (Operating systems)"]
    requests = len(api.requests)
    listed = TerminalClient(tmp_path, api.endpoint, ada.key).run("--list")
    assert address in listed.stdout.split()
    assert api.requests[requests:] == ["GET /v1/student"]
