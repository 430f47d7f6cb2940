"""The end of a student's time on the page: said before, and then nothing invites to upload."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from support.browser_student import NO_WORKER, SUBJECT, TEST, Student
from support.local_api import LocalApi, sample_questions

MINUTES = 9


def saved_without_a_date(route: Route) -> None:
    """Saves a draft without the server, whose time in each reply would turn the page's clock back."""
    route.fulfill(json={"version": "1"})


@pytest.fixture
def near_the_end(open_browser: Callable[..., Student], api: LocalApi) -> Callable[..., Student]:
    """A student who has begun a test that closes in nine minutes. The browser's clock goes only when it is told to."""

    def begin(**policies: Any) -> Student:
        closes = api.now + timedelta(minutes=MINUTES)
        api.publish_test(SUBJECT, TEST, sample_questions(), closes, title="Kernels", **policies)
        ada = open_browser(permissions=["clipboard-read", "clipboard-write"])
        ada.context.add_init_script(NO_WORKER)
        ada.page.route("**/v1/draft", saved_without_a_date)
        ada.page.clock.install()
        ada.sign_in()
        ada.start_test()
        ada.choose(1, "a")
        ada.choose(3, "a", "b")
        return ada

    return begin


def said(page: Page) -> list[str]:
    """What a screen reader has said since `listen`."""
    return page.evaluate("window.said")  # type: ignore[no-any-return]


def listen(page: Page) -> None:
    page.evaluate(
        """() => {
             window.said = [];
             const spoken = document.getElementById("spoken");
             new MutationObserver(() => window.said.push(spoken.textContent)).observe(spoken, { childList: true });
           }"""
    )


def go_on(page: Page, seconds: int) -> None:
    for _ in range(seconds):
        page.clock.run_for(1000)


def test_two_minutes_and_thirty_seconds_before_the_deadline_it_is_said_once(
    near_the_end: Callable[..., Student],
) -> None:
    page = near_the_end().page
    listen(page)
    go_on(page, (MINUTES - 2) * 60 - 30)
    assert said(page) == []
    go_on(page, 60)
    assert said(page) == ["2 minutes left until the deadline."]
    go_on(page, 75)
    assert said(page)[1:] == ["30 seconds left until the deadline."]
    expect(page.get_by_role("link", name="Review and upload")).to_be_visible()
    go_on(page, 30)
    assert said(page)[2:] == ["The deadline has passed. This test no longer accepts answers."]


def test_after_the_deadline_the_answers_can_be_copied_and_not_uploaded(near_the_end: Callable[..., Student]) -> None:
    ada = near_the_end()
    page = ada.page
    page.clock.fast_forward((MINUTES * 60 + 5) * 1000)
    expect(page.get_by_role("link", name="Review and upload")).to_have_count(0)
    expect(page.get_by_role("heading", name="The deadline has passed")).to_be_visible()
    page.get_by_role("button", name="Copy your answers").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(
        "1. What is kernel?\na: the core component of an operating system\n\n2. Which command lists"
    )
    assert "\nNo answer\n" in copied
    assert "a: bash\nb: zsh\n" in copied
    assert ada.chosen() == {"1": ["a"], "3": ["a", "b"]}


@pytest.mark.parametrize(
    ("policies", "longer"), [({"graceMinutes": 10}, 10), ({"late": {"untilHours": 1, "credit": 0.8}}, 60)]
)
def test_what_is_still_taken_can_still_be_uploaded(
    near_the_end: Callable[..., Student], policies: dict[str, object], longer: int
) -> None:
    page = near_the_end(**policies).page
    page.clock.fast_forward((MINUTES + longer - 1) * 60_000)
    expect(page.locator(".bar .chip")).to_contain_text("The deadline has passed")
    expect(page.get_by_role("link", name="Review and upload")).to_be_visible()
    page.clock.fast_forward(65_000)
    expect(page.get_by_role("link", name="Review and upload")).to_have_count(0)
    expect(page.get_by_role("button", name="Copy your answers")).to_be_visible()


def test_the_review_and_the_list_do_not_invite_either(near_the_end: Callable[..., Student]) -> None:
    page = near_the_end().page
    page.get_by_role("link", name="Review and upload").click()
    expect(page.get_by_role("button", name="Upload my answers")).to_be_visible()
    page.clock.fast_forward((MINUTES * 60 + 5) * 1000)
    expect(page.get_by_role("button", name="Upload my answers")).to_have_count(0)
    expect(page.get_by_role("button", name="Copy your answers")).to_be_visible()


def test_the_list_on_screen_stops_inviting(near_the_end: Callable[..., Student]) -> None:
    page = near_the_end().page
    page.get_by_role("link", name="Tests").click()
    expect(page.get_by_role("link", name="Continue Kernels")).to_be_visible()
    page.clock.fast_forward((MINUTES * 60 + 5) * 1000)
    expect(page.get_by_role("link", name="Continue Kernels")).to_have_count(0)
    expect(page.get_by_role("button", name="Copy your answers")).to_be_visible()


def test_the_end_covers_no_more_than_a_third_of_a_phone(near_the_end: Callable[..., Student]) -> None:
    page = near_the_end().page
    page.set_viewport_size({"width": 375, "height": 740})
    page.clock.fast_forward((MINUTES * 60 + 5) * 1000)
    expect(page.get_by_role("button", name="Copy your answers")).to_be_visible()
    assert page.locator(".bar").bounding_box()["height"] < 740 / 3  # type: ignore[index]


def test_a_deadline_that_has_passed_is_not_said_to_come(open_browser: Callable[..., Student], api: LocalApi) -> None:
    late = {"untilHours": 24, "credit": 0.5}
    for name, hours in ("Late", -1), ("Short", 1), ("Next", 2):
        closes = api.now + timedelta(hours=hours)
        api.publish_test(SUBJECT, name, sample_questions()[:1], closes, title=name, late=late)
    ada = open_browser()
    ada.sign_in()
    expect(ada.page.get_by_role("listitem").filter(has_text="Late")).to_contain_text("Closed Mon 23 Nov 2026, 11:0")
    ada.page.get_by_role("link", name="Start Late").click()
    expect(ada.page.locator("main > .quiet").first).to_contain_text("closed Mon 23 Nov 2026, 11:0")
    ada.open()
    ada.page.get_by_role("link", name="Start Short").click()
    ada.choose(1, "a")
    ada.upload()
    ada.sees("Your answers are uploaded")
    expect(ada.page.locator("main")).to_contain_text("Next: Next, Operating systems, closes Mon")


@pytest.mark.faults
def test_a_device_whose_clock_is_wrong_goes_by_the_servers(open_browser: Callable[..., Student], api: LocalApi) -> None:
    api.publish_test(SUBJECT, TEST, sample_questions(), api.now + timedelta(minutes=MINUTES), title="Kernels")
    ada = open_browser()
    ada.page.clock.install(time=api.now + timedelta(days=400))
    ada.sign_in()
    ada.start_test()
    expect(ada.page.get_by_role("link", name="Review and upload")).to_be_visible()
    ada.choose(1, "a")
    api.now += timedelta(hours=1)
    ada.upload()
    ada.sees("The test is closed")
    expect(ada.page.get_by_role("button", name=re.compile("Upload|Try again"))).to_have_count(0)
