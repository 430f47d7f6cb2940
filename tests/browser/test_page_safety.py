"""The page against hostile text, and what it may load, keep and call."""

from __future__ import annotations

import gzip
import urllib.request
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from support.browser_student import SUBJECT, TEST, Student
from support.local_api import LocalApi

XSS = [
    "<script>document.title = 'owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "<svg/onload=document.title='owned'>",
    "```html\n<script>document.title = 'owned'</script>\n```",
    "`<b onmouseover=document.title='owned'>`",
    "[x](javascript:document.title='owned')",
]
TURNS_TEXT = "admin\u202egnp.exe\u2066\u200f"
ESCAPES = "\x1b[31mred\x1b]0;title\x07 bell\x08\x00\x9b31m"
ENDLESS = "x" * 10_000


def publish(api: LocalApi, *texts: str, title: str = "Kernels") -> None:
    """A test with one question for each text, which is also its first option."""
    options = [{"id": "b", "text": "harmless"}]
    questions = [{"text": text, "options": [{"id": "a", "text": text}, *options]} for text in texts]
    api.publish_test(SUBJECT, TEST, questions, api.now + timedelta(hours=9), title=title)


def test_html_in_questions_and_options_is_text(ada: Student, api: LocalApi) -> None:
    publish(api, *XSS)
    ada.sign_in()
    ada.start_test()
    for number, text in enumerate(XSS, 1):
        shown = text.removeprefix("```html").strip("`\n")
        expect(ada.page.locator(f"#question-{number} legend")).to_contain_text(shown)
    assert ada.page.locator("main script, main img, main svg, main b, main a[href^=javascript]").count() == 0
    ada.choose(1, "a")
    ada.page.get_by_role("link", name="Review and upload").click()
    ada.sees("Upload your answers?")
    assert ada.page.locator("main script, main img, main svg").count() == 0
    expect(ada.page).to_have_title("Upload your answers? · Test class")


def test_html_in_names_and_titles_is_text(open_browser: Callable[..., Student], api: LocalApi) -> None:
    publish(api, "What?", title=XSS[1])
    ada = open_browser(name=XSS[0])
    ada.sign_in()
    expect(ada.page.locator("main")).to_contain_text(XSS[0])
    expect(ada.page.locator("h3")).to_have_text(XSS[1])
    assert ada.page.locator("main script, main img").count() == 0


def test_code_blocks_and_inline_code_render(ada: Student, api: LocalApi) -> None:
    publish(
        api, "Look at `ls -l`:\n\n```sh\nls -l\n\n  echo `date`\n```\nthen *this*.", "An ``odd ` one``", "Never `closed"
    )
    ada.sign_in()
    ada.start_test()
    first = ada.page.locator("#question-1 legend")
    expect(first.locator("code:not(.block)")).to_have_text("ls -l")
    assert first.locator("code.block").inner_text() == "ls -l\n\n  echo `date`"
    expect(first).to_contain_text("then *this*.")
    expect(ada.page.locator("#question-2 legend code")).to_have_text("odd ` one")
    expect(ada.page.locator("#question-3 legend")).to_contain_text("Never `closed")


def test_marks_that_turn_the_text_and_control_characters_are_taken_out(ada: Student, api: LocalApi) -> None:
    publish(api, TURNS_TEXT, ESCAPES, title=TURNS_TEXT)
    ada.sign_in()
    assert ada.page.locator("h3").inner_text() == "admingnp.exe"
    ada.page.get_by_role("link", name="Start admingnp.exe").click()
    ada.sees("admingnp.exe")
    assert ada.page.locator("#question-1 legend .rich").inner_text() == "admingnp.exe"
    assert ada.page.locator("#question-2 legend .rich").inner_text() == "[31mred]0;title bell31m"


def test_right_to_left_text_stays_in_its_place(ada: Student, api: LocalApi) -> None:
    publish(api, "ما هي النواة؟")
    ada.sign_in()
    ada.start_test()
    style = ada.page.locator("#question-1 legend .lines").evaluate(
        "(e) => [getComputedStyle(e).unicodeBidi, getComputedStyle(e).direction]"
    )
    assert style == ["isolate", "rtl"]
    assert ada.page.locator("body").evaluate("(e) => getComputedStyle(e).direction") == "ltr"


@pytest.mark.parametrize("text", [ENDLESS, "`" * 10_000, "```\n" + ENDLESS, "\n" * 10_000 + "end", "`a " * 3_000])
def test_ten_thousand_characters_stay_inside_the_page(
    open_browser: Callable[..., Student], api: LocalApi, text: str
) -> None:
    publish(api, text, title=ENDLESS[:200])
    ada = open_browser(viewport={"width": 360, "height": 640})
    ada.sign_in()
    assert ada.page.evaluate("document.documentElement.scrollWidth") <= 360
    ada.open(f"#/test/{SUBJECT}/{TEST}")
    ada.choose(1, "b")
    assert ada.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_an_odd_address_leads_to_the_list(ada: Student) -> None:
    ada.sign_in()
    for hash_ in ("#/constructor", "#/__proto__/x", "#<img src=x>", "#/tests/%", "#/receipt/no/such"):
        ada.open(hash_)
        ada.sees("Your tests")


@pytest.mark.parametrize("remember", [True, False])
def test_the_key_is_kept_where_the_student_wants_it(ada: Student, remember: bool) -> None:
    ada.sign_in(remember=remember)
    ada.page.reload()
    ada.sees("Your tests")
    assert (ada.key in ada.page.evaluate("JSON.stringify(localStorage)")) is remember
    assert (ada.key in ada.page.evaluate("JSON.stringify(sessionStorage)")) is not remember
    other_tab = ada.open(page=ada.context.new_page())
    ada.sees("Your tests" if remember else "Sign in", other_tab)


@pytest.mark.parametrize("remember", [True, False])
def test_signing_out_forgets_the_key_and_what_was_read_with_it(ada: Student, remember: bool) -> None:
    ada.sign_in(remember=remember)
    ada.start_test()
    ada.page.get_by_role("button", name="Sign out").click()
    ada.sees("Sign in")
    assert ada.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    ada.page.reload()
    ada.sees("Sign in")


def test_signing_out_asks_about_answers_not_uploaded(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    ada.choose(1, "a")
    ada.page.get_by_role("button", name="Sign out").click()
    expect(ada.page.get_by_role("dialog")).to_contain_text("You have answers to one test that have not been uploaded")
    ada.page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    ada.sees("Sign in")
    assert ada.key not in ada.page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    ada.sign_in()
    ada.page.get_by_role("link", name="Continue Kernels").click()
    ada.sees("Kernels")
    assert ada.chosen() == {"1": ["a"]}


def test_answers_can_be_deleted_when_signing_out(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    ada.choose(1, "a")
    ada.page.get_by_role("button", name="Sign out").click()
    ada.page.get_by_label("Delete them").check()
    ada.page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    ada.sees("Sign in")
    assert ada.page.evaluate("localStorage.length") == 0


def test_students_who_share_a_browser_do_not_share_answers(ada: Student, open_browser: Callable[..., Student]) -> None:
    ada.sign_in()
    ada.start_test()
    ada.choose(1, "a")
    ada.page.get_by_role("button", name="Sign out").click()
    ada.page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    ada.sees("Sign in")
    ada.key = open_browser("s002", "Bob Example").key
    ada.sign_in()
    ada.start_test()
    assert ada.chosen() == {}


@pytest.mark.parametrize("pasted", ["  {key}\n", 'TEST_TIME_API_KEY="{key}"', "export TEST_TIME_API_KEY={key}"])
def test_a_key_pasted_with_what_stood_around_it_works(ada: Student, pasted: str) -> None:
    ada.key = pasted.format(key=ada.key)
    ada.sign_in()


@pytest.mark.parametrize(("typed", "told"), [("", "Enter your key."), ("ключ", "This is not a valid key")])
def test_what_is_no_key_is_told_without_a_call(ada: Student, api: LocalApi, typed: str, told: str) -> None:
    ada.open()
    ada.page.get_by_label("Your key").fill(typed)
    ada.page.get_by_role("button", name="Sign in").click()
    expect(ada.page.get_by_role("alert")).to_contain_text(told)
    expect(ada.page.get_by_label("Your key")).to_be_focused()
    assert [request for request in api.requests if "/v1/" in request] == []


@pytest.mark.faults
def test_a_wrong_key_is_told_and_the_right_one_works(ada: Student) -> None:
    ada.open()
    ada.page.get_by_label("Your key").fill("wrong")
    ada.page.get_by_role("button", name="Sign in").click()
    expect(ada.page.get_by_role("alert")).to_contain_text("Key not accepted")
    ada.sign_in()


@pytest.mark.faults
def test_script_and_style_from_elsewhere_are_refused_by_the_policy(ada: Student) -> None:
    ada.open()
    ada.page.evaluate(
        """() => { for (const source of ["document.title = 'owned'"]) {
                     const script = document.createElement("script");
                     try { script.text = source; } catch (refused) { return; }
                     document.head.append(script); } }"""
    )
    expect(ada.page).to_have_title("Sign in · Test class")
    with pytest.raises(Exception, match="TrustedHTML"):
        ada.page.evaluate("document.body.innerHTML = '<b>x</b>'")
    assert any("rusted" in text or "Content Security Policy" in text for text in ada.complaints)
    ada.complaints.clear()


def test_the_page_is_asked_after_and_not_sent_twice(ada: Student) -> None:
    ada.open()
    ada.sees("Sign in")
    request = urllib.request.Request(f"{ada.api.endpoint}/", headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as reply:
        assert reply.headers["Content-Encoding"] == "gzip"
        assert "<title>Test time</title>" in gzip.decompress(reply.read()).decode()
    with ada.page.expect_response(lambda response: response.url.rstrip("/") == ada.api.endpoint) as seen:
        ada.page.reload()
    assert seen.value.headers["etag"] == reply.headers["ETag"]
    ada.sees("Sign in")


@pytest.mark.parametrize("path", ["", "/", "/?utm=1"])
def test_the_page_finds_the_api_from_every_form_of_its_address(ada: Student, path: str) -> None:
    ada.page.goto(ada.api.endpoint + path)
    ada.page.get_by_label("Your key").fill(ada.key)
    ada.page.get_by_role("button", name="Sign in").click()
    ada.sees("Your tests")
