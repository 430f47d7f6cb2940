"""The page that a student's invitation leads to: one button, and then the key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from common.shared.deadlines import format_time
from common.shared.invitation import LIFE, REPEATED_FOR, xor
from common.shared.object_keys import invitation_key
from support.browser_student import Student
from support.local_api import LocalApi

ID, IN_LINK, KEY = "1f" * 32, "0fedcba987654321" * 4, "09abcdef01234567" * 4
LINK = f"#pick-up={ID}.{IN_LINK}"


@pytest.fixture
def invited(ada: Student, api: LocalApi) -> Student:
    """A student with a link, in a browser that knows nothing of them."""
    api.add_student("s001", "Ada Example", ["operating-systems"], key=KEY)
    invitation = {"share": xor(KEY, IN_LINK), "studentId": "s001", "expiresAt": format_time(api.now + LIFE)}
    api.bucket.put_json(invitation_key(ID), invitation)
    ada.open(LINK)
    return ada


def get_key(student: Student) -> None:
    student.page.get_by_role("button", name="Get my key").click()


def has_key(student: Student) -> None:
    """The key is where it is typed otherwise."""
    student.sees("Sign in")
    expect(student.page.get_by_label("Your key")).to_have_value(KEY)


def test_nothing_is_asked_before_the_button_and_the_key_is_there_after_it(invited: Student, api: LocalApi) -> None:
    invited.sees("Your key")
    assert [request for request in api.requests if "/v1/" in request] == []
    get_key(invited)
    has_key(invited)
    assert invited.page.url == f"{invited.endpoint}/#/"
    invited.page.get_by_role("button", name="Sign in").click()
    invited.sees("Your tests")


def test_there_is_one_button_and_the_share_stays_in_the_browser(invited: Student) -> None:
    sent: list[str] = []
    invited.page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    expect(invited.page.get_by_role("main").get_by_role("button")).to_have_count(1)
    get_key(invited)
    has_key(invited)
    assert any(ID in request for request in sent)
    assert not any(IN_LINK in request for request in sent)


@pytest.mark.parametrize("remembered", [False, True])
def test_the_key_is_kept_as_when_signing_in(invited: Student, remembered: bool) -> None:
    get_key(invited)
    has_key(invited)
    invited.page.get_by_label("Remember on this device").set_checked(remembered)
    invited.page.get_by_role("button", name="Sign in").click()
    invited.sees("Your tests")
    other = invited.context.new_page()
    invited.open(page=other)
    invited.sees("Your tests" if remembered else "Sign in", page=other)
    invited.page.go_back()
    assert IN_LINK not in invited.page.url


def test_a_link_works_in_a_browser_that_somebody_has_signed_in_with(ada: Student, invited: Student) -> None:
    ada.sign_in()
    ada.open(LINK)
    get_key(ada)
    has_key(ada)


@pytest.mark.faults
def test_an_old_link_says_what_to_do_and_goes_from_the_address(invited: Student, api: LocalApi) -> None:
    get_key(invited)
    has_key(invited)
    api.now += REPEATED_FOR + timedelta(seconds=1)
    invited.open(LINK)
    get_key(invited)
    expect(invited.page.get_by_role("alert")).to_contain_text("ask your trainer for another link")
    assert invited.page.url == f"{invited.endpoint}/#/"


@pytest.mark.faults
def test_a_lost_reply_does_not_cost_the_key(invited: Student) -> None:
    invited.context.set_offline(True)
    get_key(invited)
    expect(invited.page.get_by_role("alert")).to_contain_text("No connection")
    invited.context.set_offline(False)
    get_key(invited)
    has_key(invited)


@pytest.mark.faults
def test_half_a_link_is_not_sent(invited: Student) -> None:
    sent: list[str] = []
    invited.page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    invited.open(LINK[:-1])
    get_key(invited)
    expect(invited.page.get_by_role("alert")).to_contain_text("is not complete")
    assert not any(ID in request or IN_LINK[:-1] in request for request in sent)


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_view_breaks_no_rule_of_wcag(
    open_browser: Callable[..., Student], invited: Student, color_scheme: str
) -> None:
    other = open_browser(color_scheme=color_scheme, reduced_motion="reduce", viewport={"width": 360, "height": 640})
    other.open(LINK)
    other.sees("Your key")
    assert Axe().run(other.page).violations_count == 0
    get_key(other)
    has_key(other)
    assert Axe().run(other.page).violations_count == 0
    assert other.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
