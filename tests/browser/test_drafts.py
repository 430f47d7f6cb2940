"""What a student has begun follows them from browser to browser: saved, filled in, and chosen between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from common.shared.deadlines import format_time
from common.shared.object_keys import answers_key, draft_key
from support.browser_student import HIDE, NO_WORKER, SUBJECT, TEST, Student
from support.local_api import LocalApi, sample_questions

LOOK = "GET /v1/draft"
COUNTS_SAVES = """const send = window.fetch;
window.saves = 0;
window.fetch = (url, options) => {
  window.saves += options.method === "PUT";
  return send(url, options);
}"""
# A page's requests end with it, except those marked `keepalive`. From loopback, Chromium would be too fast to end them.
ENDS_WITH_THE_PAGE = """const send = window.fetch;
window.fetch = (url, options) => {
  const ends = options.method === "PUT" && !options.keepalive;
  return ends ? Promise.reject(new TypeError()) : send(url, options);
}"""


@pytest.fixture
def taking(open_browser: Callable[..., Student]) -> Callable[..., Student]:
    """Browsers of one student, each with the test open, and with clocks that the test can move."""
    keys: list[str] = []

    def begin() -> Student:
        ada = open_browser()
        ada.key = (keys or [ada.key])[0]
        keys.append(ada.key)
        ada.context.add_init_script(NO_WORKER)
        ada.context.add_init_script(COUNTS_SAVES)
        ada.page.clock.install()
        ada.sign_in()
        ada.open(f"#/test/{SUBJECT}/{TEST}")
        ada.sees("Kernels")
        return ada

    return begin


def wait(student: Student, seconds: int) -> None:
    student.page.clock.fast_forward(seconds * 1000)


def saves(student: Student) -> int:
    """How often the page has tried to save since it was loaded."""
    tried: int = student.page.evaluate("window.saves")
    return tried


def until(student: Student, condition: str) -> None:
    """`wait_for_function` without its eval, which the page's policy refuses."""
    for _ in range(200):
        if student.page.evaluate(condition):
            return
        student.page.wait_for_timeout(50)
    raise AssertionError(condition)


def save(student: Student, api: LocalApi) -> None:
    """Let the minute pass after which what was changed is saved."""
    with student.page.expect_response(lambda reply: reply.request.method == "PUT"):
        wait(student, 61)


def semaphore_of_saves(api: LocalApi) -> threading.Semaphore:
    """It is released after each save, whether or not a page is left that sees the reply."""
    done = threading.Semaphore(0)
    answer = api.answer

    def answer_and_count(
        method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        reply = answer(method, target, headers, body)
        if method == "PUT":
            done.release()
        return reply

    api.answer = answer_and_count  # type: ignore[method-assign]
    return done


def reopen(student: Student) -> None:
    student.open(f"#/test/{SUBJECT}/{TEST}")
    student.sees("Kernels")


def store(api: LocalApi, answers: dict[str, Any], minutes_ago: int = 0) -> None:
    """What another device has saved on the server."""
    draft = {"answers": answers, "savedAt": format_time(api.now - timedelta(minutes=minutes_ago))}
    api.bucket.put_json(draft_key(SUBJECT, "s001", TEST), draft)


def submit(api: LocalApi, attempt: int, minutes_ago: int = 0) -> None:
    """What another device has uploaded."""
    time = format_time(api.now - timedelta(minutes=minutes_ago))
    api.bucket.create_json(answers_key(SUBJECT, "s001", TEST, attempt), {}, f"R-{attempt} {time} x")


def publish(api: LocalApi, **policies: Any) -> None:
    api.publish_test(SUBJECT, TEST, sample_questions(), api.now + timedelta(hours=9), title="Kernels", **policies)


def saved(student: Student) -> Locator:
    return student.page.locator(".saved")


def choice(student: Student) -> Locator:
    return student.page.get_by_role("region", name="Which answers do you want to keep?")


def filled_in(student: Student) -> Locator:
    return student.page.get_by_text("Your answers from another device (saved")


@pytest.mark.faults
def test_a_test_is_begun_in_one_browser_and_continued_in_another(taking: Callable[..., Student], api: LocalApi) -> None:
    phone = taking()
    phone.choose(1, "a")
    phone.choose(3, "a", "b")
    save(phone, api)
    laptop = taking()
    expect(filled_in(laptop)).to_be_visible()
    assert laptop.chosen() == {"1": ["a"], "3": ["a", "b"]}
    laptop.choose(2, "c")
    save(laptop, api)
    assert phone.saved() == {"1": "a", "2": "c", "3": ["a", "b"]}
    # The phone has not seen what the laptop saved, and has changed another answer.
    phone.choose(1, "d")
    save(phone, api)
    expect(choice(phone)).to_contain_text("Question 1 of 6, 1 point What is kernel?This device: dServer: a")
    expect(choice(phone)).to_contain_text("This device: not answeredServer: c")
    assert phone.saved() == {"1": "a", "2": "c", "3": ["a", "b"]}
    choice(phone).get_by_role("button", name="Keep the answers on this device").click()
    save(phone, api)
    assert phone.saved() == {"1": "d", "3": ["a", "b"]}
    # Now the laptop does not know of it.
    laptop.choose(2, "a")
    save(laptop, api)
    choice(laptop).get_by_role("button", name="Keep the answers on the server").click()
    assert laptop.chosen() == {"1": ["d"], "3": ["a", "b"]}
    expect(choice(laptop)).to_have_count(0)
    expect(saved(laptop)).to_have_text("Saved on this device and on the server")


@pytest.mark.faults
def test_a_stale_browser_does_not_replace_a_newer_upload_without_asking(
    taking: Callable[..., Student], api: LocalApi
) -> None:
    publish(api, attempts="last")
    stale = taking()
    stale.choose(1, "b")
    other = taking()
    other.choose(1, "a")
    other.upload()
    other.sees("Your answers are uploaded")
    # Shown again, the stale browser reads the list with the new receipt. That the student has seen it does not follow.
    with stale.page.expect_response(lambda reply: reply.url.endswith("/v1/student")):
        stale.page.evaluate(HIDE, "visible")
    stale.upload()
    stale.sees("Uploaded again elsewhere")
    assert [each["answers"] for each in stale.stored().values()] == [{"1": "a"}]
    expect(stale.page.locator(".receipt-id")).to_have_text(api.receipt_of(SUBJECT, TEST, "s001"))
    expect(stale.page.get_by_text("The answers on this device were not uploaded. They are kept here.")).to_be_visible()
    # A third upload while the student reads this: asked again.
    submit(api, 2)
    stale.page.get_by_role("button", name="Upload these answers instead").click()
    expect(stale.page.locator(".receipt-id")).to_have_text("R-2")
    stale.page.get_by_role("button", name="Upload these answers instead").click()
    stale.sees("Your answers are uploaded")
    assert list(stale.stored().values())[-1]["answers"] == {"1": "b"}
    # The next upload replaces that one without asking.
    stale.page.get_by_role("link", name="Back to my tests").click()
    stale.page.get_by_role("link", name="Change answers Kernels").click()
    stale.choose(1, "c")
    stale.upload()
    stale.sees("Your answers are uploaded")
    assert list(stale.stored().values())[-1]["answers"] == {"1": "c"}


@pytest.mark.faults
def test_a_newer_upload_can_be_left_and_the_answers_stay(taking: Callable[..., Student], api: LocalApi) -> None:
    publish(api, attempts="last")
    ada = taking()
    ada.choose(1, "b")
    submit(api, 1)
    ada.upload()
    ada.sees("Uploaded again elsewhere")
    ada.page.get_by_role("link", name="Keep the newer upload").click()
    ada.sees("Your answers are uploaded")
    expect(ada.page.locator(".receipt-id")).to_have_text("R-1")
    reopen(ada)
    assert ada.chosen() == {"1": ["b"]}
    assert len(ada.stored()) == 1


def test_what_is_changed_before_the_reply_to_an_upload_is_not_taken_as_uploaded(
    taking: Callable[..., Student], api: LocalApi
) -> None:
    publish(api, attempts="last")
    ada = taking()
    ada.choose(1, "a")
    held = Held(api, "POST /v1/test")
    ada.upload()
    assert held.ready.wait(30)
    ada.page.get_by_role("button", name="Back to the questions").click()
    ada.sees("Kernels")
    ada.choose(1, "b")
    with ada.page.expect_event("requestfinished", lambda request: request.method == "POST"):
        held.let_go.set()
    ada.page.get_by_role("button", name="Sign out").click()
    dialog = ada.page.get_by_role("dialog")
    expect(dialog).to_contain_text("You have answers to one test that have not been uploaded.")
    dialog.get_by_role("button", name="Stay signed in").click()
    save(ada, api)
    assert ada.saved() == {"1": "b"}
    # The upload that they follow was made here.
    ada.upload()
    ada.sees("Your answers are uploaded")
    assert [each["answers"] for each in ada.stored().values()] == [{"1": "a"}, {"1": "b"}]


def test_changes_are_saved_at_most_once_a_minute(taking: Callable[..., Student], api: LocalApi) -> None:
    ada = taking()
    ada.choose(1, "a")
    expect(saved(ada)).to_have_text("Saved on this device")
    wait(ada, 30)
    ada.choose(2, "a")
    wait(ada, 25)
    assert saves(ada) == 0
    save(ada, api)
    expect(saved(ada)).to_have_text("Saved on this device and on the server")
    assert ada.saved() == {"1": "a", "2": "a"}
    wait(ada, 600)
    assert saves(ada) == 1
    ada.choose(1, "b")
    expect(saved(ada)).to_have_text("Saved on this device")
    wait(ada, 55)
    ada.choose(2, "b")
    save(ada, api)
    assert ada.saved() == {"1": "b", "2": "b"}
    assert saves(ada) == 2


@pytest.mark.faults
def test_what_changed_is_saved_after_the_view_was_left(taking: Callable[..., Student], api: LocalApi) -> None:
    ada = taking()
    ada.choose(1, "a")
    ada.page.get_by_role("link", name="Tests").click()
    ada.sees("Your tests")
    failing(ada, 500)
    save(ada, api)
    ada.page.unroute_all(behavior="ignoreErrors")
    save(ada, api)
    assert ada.saved() == {"1": "a"}


@pytest.mark.parametrize(("event", "state"), [(HIDE, "hidden"), ("dispatchEvent(new Event('pagehide'))", None)])
def test_what_changed_is_saved_when_the_page_is_hidden(
    taking: Callable[..., Student], api: LocalApi, event: str, state: str | None
) -> None:
    ada = taking()
    ada.choose(1, "a")
    with ada.page.expect_response(lambda reply: reply.request.method == "PUT"):
        ada.page.evaluate(event, state)
    assert ada.saved() == {"1": "a"}
    ada.page.evaluate(HIDE, "hidden")
    wait(ada, 120)
    assert saves(ada) == 1


@pytest.mark.parametrize("has_worker", [True, False])
def test_what_changed_is_saved_when_the_page_is_left(
    open_browser: Callable[..., Student], api: LocalApi, has_worker: bool
) -> None:
    arrived = semaphore_of_saves(api)
    ada = open_browser()
    if not has_worker:
        ada.context.add_init_script(NO_WORKER)
        ada.context.add_init_script(ENDS_WITH_THE_PAGE)
    ada.sign_in()
    for question in range(1, 6):
        reopen(ada)
        if has_worker:
            # If the worker did not send it itself, the browser would drop about every second of these saves.
            ada.page.evaluate("navigator.serviceWorker.ready")
        ada.choose(question, "a")
        ada.page.goto("about:blank")
        assert arrived.acquire(timeout=10)
        assert len(ada.saved()) == question


def test_signing_out_saves_and_leaves_nothing_on_the_device(taking: Callable[..., Student], api: LocalApi) -> None:
    ada = taking()
    ada.choose(1, "a")
    ada.page.get_by_role("button", name="Sign out").click()
    ada.page.get_by_label("Delete them").check()
    with ada.page.expect_response(lambda reply: reply.request.method == "PUT"):
        ada.page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    ada.sees("Sign in")
    assert ada.saved() == {"1": "a"}
    assert ada.page.evaluate("localStorage.length") == 0
    wait(ada, 120)
    assert saves(ada) == 1
    ada.sign_in()
    reopen(ada)
    assert ada.chosen() == {"1": ["a"]}


def test_answers_that_were_cleared_are_saved_as_cleared(taking: Callable[..., Student], api: LocalApi) -> None:
    ada = taking()
    ada.choose(1, "a")
    ada.page.locator("#question-1").get_by_role("button", name="Clear answer").click()
    wait(ada, 120)
    assert saves(ada) == 0
    ada.choose(1, "a")
    save(ada, api)
    ada.page.locator("#question-1").get_by_role("button", name="Clear answer").click()
    save(ada, api)
    assert ada.saved() == {}


def test_nothing_is_saved_after_the_upload(taking: Callable[..., Student], api: LocalApi) -> None:
    ada = taking()
    ada.choose(1, "a")
    ada.upload()
    ada.sees("Your answers are uploaded")
    wait(ada, 120)
    ada.page.evaluate(HIDE, "hidden")
    assert saves(ada) == 0


def test_nothing_is_saved_after_the_last_deadline(taking: Callable[..., Student], api: LocalApi) -> None:
    ada = taking()
    ada.choose(1, "a")
    wait(ada, 11 * 3600)
    ada.page.evaluate(HIDE, "hidden")
    assert saves(ada) == 0


def failing(student: Student, status: int) -> list[str]:
    """The saves that are answered with this status, 0: not at all; until `unroute_all`."""
    seen: list[str] = []

    def fail(route: Route) -> None:
        if route.request.method != "PUT":
            route.continue_()
            return
        seen.append(route.request.post_data or "")
        if status:
            route.fulfill(status=status, body='{"code":"","message":""}', content_type="application/json")
        else:
            route.abort()

    student.page.route("**/v1/draft*", fail)
    return seen


@pytest.mark.faults
@pytest.mark.parametrize("status", [0, 429, 500])
def test_a_failed_save_is_silent_and_tried_again_a_minute_later(
    taking: Callable[..., Student], api: LocalApi, status: int
) -> None:
    ada = taking()
    seen = failing(ada, status)
    ada.choose(1, "a")
    with ada.page.expect_request(lambda request: request.method == "PUT"):
        wait(ada, 60)
    expect(saved(ada)).to_have_text("Saved on this device")
    expect(ada.page.locator("#notice p")).to_have_count(0)
    wait(ada, 55)
    assert len(seen) == 1
    ada.page.unroute_all(behavior="ignoreErrors")
    save(ada, api)
    expect(saved(ada)).to_have_text("Saved on this device and on the server")


@pytest.mark.faults
@pytest.mark.parametrize("status", [400, 401, 403, 410])
def test_what_will_be_refused_again_is_not_saved_again(taking: Callable[..., Student], status: int) -> None:
    ada = taking()
    seen = failing(ada, status)
    ada.choose(1, "a")
    save(ada, ada.api)
    ada.choose(2, "a")
    wait(ada, 300)
    ada.page.evaluate(HIDE, "hidden")
    assert len(seen) == 1
    assert ada.chosen() == {"1": ["a"], "2": ["a"]}


@pytest.mark.faults
def test_a_save_whose_reply_was_lost_is_no_conflict(taking: Callable[..., Student], api: LocalApi) -> None:
    ada = taking()

    def store_and_cut(route: Route) -> None:
        route.fetch()
        route.abort()

    ada.page.route("**/v1/draft", store_and_cut, times=1)
    ada.choose(1, "a")
    with ada.page.expect_request(lambda request: request.method == "PUT"):
        wait(ada, 60)
    expect(saved(ada)).to_have_text("Saved on this device")
    ada.choose(1, "b")
    save(ada, api)
    until(ada, "Object.keys(localStorage).some((name) => name.endsWith('|server'))")
    save(ada, api)
    assert ada.saved() == {"1": "b"}
    expect(choice(ada)).to_have_count(0)


@pytest.mark.faults
def test_answers_whose_reply_was_lost_are_known_after_many_attempts_with_others(
    taking: Callable[..., Student], api: LocalApi
) -> None:
    ada = taking()
    ada.page.route("**/v1/draft", lambda route: (route.fetch(), route.abort()), times=1)
    ada.choose(1, "a")
    with ada.page.expect_event("requestfailed", lambda request: request.method == "PUT"):
        wait(ada, 60)
    seen = failing(ada, 0)
    ada.choose(1, "b")
    for _ in range(25):
        with ada.page.expect_event("requestfailed", lambda request: request.method == "PUT"):
            wait(ada, 60)
    assert len(seen) == 25
    ada.page.unroute_all(behavior="ignoreErrors")
    save(ada, api)
    until(ada, "Object.keys(localStorage).some((name) => name.endsWith('|server'))")
    save(ada, api)
    assert ada.saved() == {"1": "b"}
    expect(choice(ada)).to_have_count(0)


# What a browser with answers 1: a, saved, and then `changed`, shows once the server's draft is `stored`: the answers,
# None for a choice; and whether they were filled in.
ONLY_1 = {"1": ["a"]}
BOTH = {"1": ["a"], "2": ["a"]}
ALL = {"1": ["a"], "2": ["a"], "4": ["c"]}
RULES = [
    pytest.param({}, {"1": "a"}, ONLY_1, False, id="the same"),
    pytest.param({2: "a"}, {"1": "a", "2": "a"}, BOTH, False, id="both have changed the same"),
    pytest.param({}, {"1": "b"}, {"1": ["b"]}, True, id="only the other device has changed something"),
    pytest.param({}, {}, {}, True, id="only the other device has changed something: cleared"),
    pytest.param({1: "b"}, {"1": "a"}, {"1": ["b"]}, False, id="only this device has changed something"),
    pytest.param({2: "a"}, {"1": "a", "2": "a", "4": "c"}, ALL, True, id="the other has more"),
    pytest.param({2: "a", 4: "c"}, {"1": "a", "4": "c"}, ALL, False, id="this has more"),
    pytest.param({2: "a"}, {"1": "a", "2": "b"}, None, False, id="another answer"),
    pytest.param({2: "a"}, {"1": "a", "4": "c"}, None, False, id="each has an answer that the other has not"),
    pytest.param({2: "a"}, {"1": "a", "2": "a", "9": "z", "4": "z"}, BOTH, False, id="what does not fit any more"),
]


# What is unchanged is not saved.
FOUND = [
    pytest.param(*rule.values, found_by, id=f"{rule.id}, by a {found_by}")
    for rule in RULES
    for found_by in (["look", "save"] if rule.values[0] else ["look"])
]


@pytest.mark.faults
@pytest.mark.parametrize(("changed", "stored", "shown", "is_filled_in", "found_by"), FOUND)
def test_which_draft_stands(
    taking: Callable[..., Student],
    api: LocalApi,
    changed: dict[int, str],
    stored: dict[str, Any],
    shown: dict[str, list[str]] | None,
    is_filled_in: bool,
    found_by: str,
) -> None:
    ada = taking()
    ada.choose(1, "a")
    save(ada, api)
    for question, option in changed.items():
        ada.choose(question, option)
    api.now += timedelta(minutes=3)
    store(api, stored)
    if found_by == "look":
        # No connection at first, so that leaving the page saves nothing.
        failing(ada, 0)
        ada.page.goto("about:blank")
        ada.page.unroute_all(behavior="ignoreErrors")
        reopen(ada)
    else:
        save(ada, api)
    expect(choice(ada)).to_have_count(int(shown is None))
    expect(filled_in(ada)).to_have_count(int(is_filled_in))
    if shown is not None:
        assert ada.chosen() == shown


@pytest.mark.faults
def test_a_page_that_is_shown_again_looks_again(taking: Callable[..., Student], api: LocalApi) -> None:
    ada = taking()
    store(api, {"1": "c"})
    ada.page.evaluate(HIDE, "visible")
    assert api.requests.count(LOOK) == 1
    wait(ada, 61)
    ada.page.evaluate(HIDE, "visible")
    expect(filled_in(ada)).to_be_visible()
    assert ada.chosen() == {"1": ["c"]}
    assert api.requests.count(LOOK) == 2


@pytest.mark.faults
def test_a_look_that_fails_is_silent(open_browser: Callable[..., Student], api: LocalApi) -> None:
    store(api, {"1": "c"})
    ada = open_browser()
    ada.page.route("**/v1/draft?*", lambda route: route.fulfill(status=500, body=""))
    ada.sign_in()
    ada.start_test()
    assert ada.chosen() == {}
    expect(ada.page.locator("#notice p")).to_have_count(0)


def test_a_draft_from_before_the_last_upload_is_not_filled_in(taking: Callable[..., Student], api: LocalApi) -> None:
    publish(api, attempts="last")
    store(api, {"1": "c"}, minutes_ago=5)
    submit(api, 1, minutes_ago=5)
    ada = taking()
    assert ada.chosen() == {}
    expect(filled_in(ada)).to_have_count(0)
    # Only its version is taken over, so that the next save does not conflict.
    ada.choose(2, "a")
    save(ada, api)
    assert ada.saved() == {"2": "a"}


def test_a_draft_from_after_the_last_upload_is_filled_in(taking: Callable[..., Student], api: LocalApi) -> None:
    publish(api, attempts="last")
    ada = taking()
    ada.choose(1, "a")
    ada.upload()
    ada.sees("Your answers are uploaded")
    api.now += timedelta(minutes=5)
    store(api, {"1": "c"})
    reopen(ada)
    expect(filled_in(ada)).to_be_visible()
    assert ada.chosen() == {"1": ["c"]}
    # It was begun after the upload, so it replaces it without asking.
    ada.upload()
    ada.sees("Your answers are uploaded")
    assert [each["answers"] for each in ada.stored().values()] == [{"1": "a"}, {"1": "c"}]


@pytest.fixture
def undecided(taking: Callable[..., Student], api: LocalApi) -> Iterator[Student]:
    """A student with the focus on an answer, when saving finds other answers on the server."""
    ada = taking()
    ada.choose(1, "a")
    ada.page.locator("input[name=question-1][value=a]").focus()
    store(api, {"1": "b", "2": "c"})
    save(ada, api)
    yield ada


@pytest.mark.faults
def test_a_choice_is_said_takes_no_focus_and_comes_before_the_upload(undecided: Student) -> None:
    page = undecided.page
    expect(page.locator("#spoken")).to_have_text(
        "The server has other answers to this test than this device. Choose which ones to keep."
    )
    expect(page.locator("input[name=question-1][value=a]")).to_be_focused()
    expect(page.get_by_role("link", name="Review and upload")).to_be_hidden()
    page.get_by_role("button", name="Choose which answers to keep").click()
    expect(choice(undecided)).to_be_focused()
    expect(choice(undecided)).to_be_in_viewport()
    undecided.page.evaluate(f"location.hash = '#/review/{SUBJECT}/{TEST}'")
    undecided.sees("Upload your answers?")
    expect(page.get_by_role("button", name="Upload my answers")).to_be_hidden()
    choice(undecided).get_by_role("button", name="Keep the answers on this device").click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.get_by_role("button", name="Upload my answers")).to_be_visible()


@pytest.mark.faults
def test_nothing_is_saved_until_the_student_has_chosen(undecided: Student, api: LocalApi) -> None:
    tried = saves(undecided)
    undecided.choose(4, "d")
    expect(choice(undecided)).to_contain_text("This device: dServer: not answered")
    wait(undecided, 300)
    undecided.page.evaluate(HIDE, "hidden")
    assert saves(undecided) == tried
    reopen(undecided)
    expect(choice(undecided)).to_be_visible()
    assert undecided.chosen() == {"1": ["a"], "4": ["d"]}
    assert undecided.saved() == {"1": "b", "2": "c"}


@pytest.mark.faults
@pytest.mark.parametrize(("kept", "answers"), [("this device", {"1": ["a"]}), ("the server", {"1": ["b"], "2": ["c"]})])
def test_a_choice_made_in_one_tab_is_made_in_the_other(
    undecided: Student, kept: str, answers: dict[str, list[str]]
) -> None:
    other = undecided.context.new_page()
    other.goto(f"{undecided.endpoint}/")
    session = undecided.page.evaluate("JSON.stringify(sessionStorage)")
    other.evaluate("items => Object.assign(sessionStorage, JSON.parse(items))", session)
    undecided.open(f"#/test/{SUBJECT}/{TEST}", other)
    undecided.sees("Kernels", other)
    other.get_by_role("button", name=f"Keep the answers on {kept}").click()
    expect(choice(undecided)).to_have_count(0)
    assert undecided.chosen() == undecided.chosen(other) == answers


def second_tab(student: Student) -> Page:
    """Another tab of the same browser, which begins to open the test."""
    other = student.context.new_page()
    other.goto(f"{student.endpoint}/")
    session = student.page.evaluate("JSON.stringify(sessionStorage)")
    other.evaluate("items => Object.assign(sessionStorage, JSON.parse(items))", session)
    return student.open(f"#/test/{SUBJECT}/{TEST}", other)


class Held:
    """Replies of one kind, which the server has ready and sends once they are let go."""

    def __init__(self, api: LocalApi, request: str) -> None:
        self.ready, self.let_go = threading.Event(), threading.Event()
        answer, wanted = api.answer, request

        def hold(
            method: str, target: str, headers: Mapping[str, str], body: bytes
        ) -> tuple[int, dict[str, str], bytes]:
            reply = answer(method, target, headers, body)
            if f"{method} {target.partition('?')[0].removeprefix('/api')}" == wanted:
                self.ready.set()
                assert self.let_go.wait(60)
            return reply

        api.answer = hold  # type: ignore[method-assign]


@pytest.mark.faults
def test_a_look_that_another_tab_overtook_fills_in_nothing(taking: Callable[..., Student], api: LocalApi) -> None:
    ada = taking()
    ada.choose(1, "a")
    save(ada, api)
    ada.choose(1, "b")
    look = Held(api, LOOK)
    other = second_tab(ada)
    assert look.ready.wait(30)
    api.now += timedelta(minutes=1)
    ada.page.evaluate(HIDE, "hidden")
    expect(saved(ada)).to_have_text("Saved on this device and on the server")
    look.let_go.set()
    ada.sees("Kernels", other)
    assert ada.chosen() == ada.chosen(other) == {"1": ["b"]}
    assert ada.saved() == {"1": "b"}
    expect(other.get_by_text("Your answers from another device (saved")).to_have_count(0)


def test_two_tabs_save_no_more_often_than_one(taking: Callable[..., Student], api: LocalApi) -> None:
    ada = taking()
    other = second_tab(ada)
    ada.sees("Kernels", other)
    saves: list[str] = []
    ada.context.on("request", lambda request: saves.append(request.method) if request.method == "PUT" else None)
    held = Held(api, "PUT /v1/draft")
    ada.choose(1, "a")
    expect(other.locator("input[name=question-1][value=a]")).to_be_checked()
    wait(ada, 60)
    assert held.ready.wait(30)
    wait(ada, 10)
    held.let_go.set()
    for page in (ada.page, other):
        expect(page.locator(".saved")).to_have_text("Saved on this device and on the server")
    assert len(saves) == 1
    # What the other tab changes is saved, a minute after that.
    ada.choose(2, "a", page=other)
    with ada.context.expect_event("requestfinished", lambda request: request.method == "PUT"):
        wait(ada, 61)
    assert ada.saved() == {"1": "a", "2": "a"}


def test_a_reply_after_signing_out_in_another_tab_leaves_nothing_on_the_device(
    open_browser: Callable[..., Student], api: LocalApi
) -> None:
    ada = open_browser()
    ada.context.add_init_script(NO_WORKER)
    ada.sign_in(remember=True)
    reopen(ada)
    ada.choose(1, "a")
    held = Held(api, "PUT /v1/draft")
    ada.page.evaluate(HIDE, "hidden")
    assert held.ready.wait(30)
    other = ada.open("", ada.context.new_page())
    other.get_by_role("button", name="Sign out").click()
    other.get_by_label("Delete them").check()
    other.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    ada.sees("Sign in", other)
    ada.sees("Sign in")
    with ada.page.expect_event("requestfinished", lambda request: request.method == "PUT"):
        held.let_go.set()
    assert ada.page.evaluate("localStorage.length") == 0
    # Saving works again for whoever signs in next.
    ada.sign_in(remember=True)
    reopen(ada)
    ada.choose(2, "a")
    with ada.page.expect_response(lambda reply: reply.request.method == "PUT"):
        ada.page.evaluate(HIDE, "hidden")
    assert ada.saved() == {"1": "a", "2": "a"}


@pytest.mark.faults
def test_an_answer_that_does_not_fit_any_more_does_not_keep_anybody_from_uploading(
    taking: Callable[..., Student], api: LocalApi
) -> None:
    ada = taking()
    ada.choose(1, "a")
    ada.choose(2, "d")
    questions = sample_questions()
    questions[1]["options"].pop()
    api.publish_test(SUBJECT, TEST, questions, api.now + timedelta(hours=9), title="Kernels")
    ada.upload()
    ada.sees("The server rejected the request")
    ada.page.get_by_role("link", name="Back to the questions").click()
    ada.sees("Kernels")
    assert ada.chosen() == {"1": ["a"]}
    expect(ada.page.locator("#question-2")).to_contain_text("Your trainer changed this question after you answered it.")
    ada.upload()
    ada.sees("Your answers are uploaded")
    assert [each["answers"] for each in ada.stored().values()] == [{"1": "a"}]


@pytest.mark.faults
def test_a_draft_that_does_not_fit_any_more_is_saved_once_the_test_is_opened_again(
    taking: Callable[..., Student], api: LocalApi
) -> None:
    ada = taking()
    questions = sample_questions()
    questions[1]["options"].pop()
    api.publish_test(SUBJECT, TEST, questions, api.now + timedelta(hours=9), title="Kernels")
    ada.choose(2, "d")
    save(ada, api)
    assert ada.saved() is None
    ada.page.get_by_role("link", name="Tests").click()
    ada.sees("Your tests")
    ada.page.evaluate(f"location.hash = '#/test/{SUBJECT}/{TEST}'")
    ada.sees("Kernels")
    ada.choose(1, "a")
    save(ada, api)
    assert ada.saved() == {"1": "a"}


@pytest.mark.faults
def test_a_draft_that_the_server_has_lost_is_saved_again(taking: Callable[..., Student], api: LocalApi) -> None:
    ada = taking()
    ada.choose(1, "a")
    save(ada, api)
    api.bucket.delete_versions([draft_key(SUBJECT, "s001", TEST)])
    reopen(ada)
    expect(saved(ada)).to_have_text("Saved on this device")
    save(ada, api)
    assert ada.saved() == {"1": "a"}


@pytest.mark.faults
def test_leaving_before_the_test_has_loaded_saves_nothing(open_browser: Callable[..., Student], api: LocalApi) -> None:
    ada = open_browser()
    ada.sign_in()
    ada.open(f"#/test/{SUBJECT}/nosuch")
    ada.sees("Test not found")
    ada.page.evaluate(HIDE, "hidden")
    ada.page.get_by_role("link", name="Back to my tests").click()
    ada.sees("Your tests")
