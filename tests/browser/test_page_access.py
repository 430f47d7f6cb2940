"""The page for everybody: keyboard, screen reader, small screens, light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from common.own_order import in_own_order
from common.shared.deadlines import format_time
from common.shared.object_keys import answers_key, draft_key, questions_key, score_key
from support.browser_student import SUBJECT, TEST, Student
from support.documents import submission
from support.local_api import LocalApi, sample_questions
from support.page_questions import ANSWERS, every_type, hard_to_show

WCAG_2_1_AA = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "resultTypes": ["violations"],
}
LOOP = r'for (int i = 0; i < 3; i++) printf("%d, in a rather long line of code\n", i);'
CODE = f"What does this print?\n\n```c\n{LOOP}\n```"


def views(ada: Student, api: LocalApi) -> Iterator[str]:
    """Brings each view of the page on screen, one after the other, and names it."""
    questions = sample_questions()
    questions[1]["text"] = CODE
    closes = api.now + timedelta(hours=9)
    api.publish_test(SUBJECT, TEST, questions, closes, title="Kernels", attempts="last")
    api.publish_test(SUBJECT, "scored", questions, api.now - timedelta(days=3), title="Shells")
    api.publish_test(SUBJECT, "missed", questions, api.now - timedelta(days=9), title="Files")
    answers = submission(SUBJECT, "scored", "s001", {"1": "a", "3": ["a", "b"]}, receipt="R-1")
    api.bucket.put_json(answers_key(SUBJECT, "s001", "scored"), answers)
    api.release(SUBJECT, "scored", "s001")
    score = {"points": 4.5, "maxPoints": 6, "late": False, "receiptId": "R-1", "submittedAt": "2026-11-18T08:00:00Z"}
    api.bucket.put_json(score_key(SUBJECT, "scored", "s001"), score)
    ada.open()
    yield "sign in"
    ada.page.get_by_label("Your key").fill("wrong")
    ada.page.get_by_role("button", name="Sign in").click()
    expect(ada.page.get_by_role("alert")).to_contain_text("Key not accepted")
    yield "sign in, refused"
    ada.sign_in()
    ada.page.get_by_text("Add to your calendar").click()
    yield "tests"
    ada.page.get_by_role("link", name="Scores").click()
    ada.sees("Your scores")
    expect(ada.page.get_by_role("listitem").filter(has_text="75%")).to_be_visible()
    yield "scores"
    ada.page.get_by_role("link", name="See the answers Shells").click()
    ada.sees("Shells")
    yield "answers"
    ada.open()
    save_elsewhere(api, {"2": "b"})
    ada.start_test()
    yield "test, filled in"
    ada.choose(1, "a")
    yield "test"
    save_elsewhere(api, {"1": "b", "3": ["a", "b"]})
    ada.page.reload()
    expect(ada.page.get_by_role("region", name="Which answers do you want to keep?")).to_be_visible()
    yield "test, with a choice"
    ada.page.get_by_role("button", name="Keep the answers on this device").click()
    ada.page.get_by_role("button", name="Sign out").click()
    expect(ada.page.get_by_role("dialog")).to_be_visible()
    yield "signing out"
    ada.page.get_by_role("button", name="Stay signed in").click()
    ada.page.get_by_role("link", name="Review and upload").click()
    ada.sees("Upload your answers?")
    yield "review"
    ada.context.set_offline(True)
    ada.page.get_by_role("button", name="Upload my answers").click()
    ada.waits("You are offline")
    yield "uploading, offline"
    api.bucket.create_json(answers_key(SUBJECT, "s001", TEST), {}, f"R-9 {format_time(api.now)} x")
    ada.context.set_offline(False)
    ada.sees("Uploaded again elsewhere")
    yield "uploaded elsewhere"
    ada.page.get_by_role("button", name="Upload these answers instead").click()
    ada.sees("Your answers are uploaded")
    yield "receipt"
    yield from views_of_every_type(ada, api)
    ada.open(f"#/test/{SUBJECT}/nosuch")
    ada.sees("Test not found")
    yield "problem"


def views_of_every_type(ada: Student, api: LocalApi) -> Iterator[str]:
    """Questions of every type while they are answered, before the upload, and released."""
    questions = [*every_type(), *hard_to_show()]
    closed = api.now - timedelta(days=3)
    api.publish_test(SUBJECT, "types", questions, api.now + timedelta(hours=9), title="Every type")
    api.publish_test(SUBJECT, "released", questions, closed, title="Every type")
    answers = {**ANSWERS, "7": ["d", "c", "b", "a"], "8": {"1": "a", "2": "c"}}
    submitted = submission(SUBJECT, "released", "s001", answers, receipt="R-2")
    api.bucket.put_json(answers_key(SUBJECT, "s001", "released"), submitted)
    api.release(SUBJECT, "released", "s001")
    ada.open(f"#/test/{SUBJECT}/types")
    ada.sees("Every type")
    ada.page.locator("#answer-3").fill("62 kg")
    ada.page.locator("#answer-4").fill(f"ls {'x' * 300}")
    ada.page.locator("#question-5").get_by_role("button", name="Move down").first.click()
    ada.page.locator("#answer-6-1").select_option("c")
    ada.page.locator("#answer-8-1").select_option("b")
    yield "test of every type"
    ada.page.get_by_role("link", name="Review and upload").click()
    ada.sees("Upload your answers?")
    yield "review of every type"
    ada.open(f"#/answers/{SUBJECT}/released")
    ada.sees("Every type")
    expect(ada.page.locator("section.reviewed")).to_have_count(8)
    yield "answers of every type"


def save_elsewhere(api: LocalApi, answers: dict[str, Any]) -> None:
    draft = {"answers": answers, "savedAt": format_time(api.now)}
    api.bucket.put_json(draft_key(SUBJECT, "s001", TEST), draft)


@pytest.mark.faults
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_no_view_breaks_a_rule_of_wcag_2_1_aa(
    open_browser: Callable[..., Student], api: LocalApi, color_scheme: str
) -> None:
    ada = open_browser(color_scheme=color_scheme, reduced_motion="reduce")
    broken = {}
    for view in views(ada, api):
        results = Axe().run(ada.page, options=WCAG_2_1_AA)
        if results.violations_count:
            broken[view] = results.generate_report()
    assert broken == {}


@pytest.mark.faults
@pytest.mark.parametrize("width", [320, 360])
def test_no_view_scrolls_sideways_on_a_phone(open_browser: Callable[..., Student], api: LocalApi, width: int) -> None:
    ada = open_browser(viewport={"width": width, "height": 640}, is_mobile=True, has_touch=True)
    wide = {view: size for view in views(ada, api) if (size := page_width(ada.page)) > width}
    assert wide == {}


def page_width(page: Page) -> int:
    width: int = page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
    return width


@pytest.mark.faults
def test_what_is_pressed_on_a_phone_is_large_enough(open_browser: Callable[..., Student], api: LocalApi) -> None:
    ada = open_browser(viewport={"width": 360, "height": 640}, is_mobile=True, has_touch=True)
    small = {view: names for view in views(ada, api) if (names := small_targets(ada.page))}
    assert small == {}


def small_targets(page: Page) -> Any:
    """Buttons, links in a row of their own, options and fields lower than 40 pixels."""
    return page.evaluate(
        """(pressed) => [...document.querySelectorAll(pressed)]
             .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 36)
             .map((element) => element.textContent)""",
        ".button, nav a, nav button, label.option, label.check, .mover, select, input[type=text]",
    )


def focused(page: Page) -> str:
    """What the focus is on, in words: the text of a link, button or heading, an option's name and value."""
    text: str = page.evaluate(
        """() => { const on = document.activeElement, option = on.matches("[type=radio], [type=checkbox]");
                   return option ? `${on.name}=${on.value}` : on.innerText || on.id; }"""
    )
    return text


def tab_to(page: Page, goal: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if focused(page).startswith(goal):
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
            return
    raise AssertionError(f"Tab never reaches {goal}")


def test_a_whole_test_by_keyboard_alone(ada: Student) -> None:
    page = ada.page
    ada.open()
    tab_to(page, "key")
    page.keyboard.type(ada.key)
    page.keyboard.press("Enter")
    ada.sees("Your tests")
    assert focused(page) == "Your tests"
    tab_to(page, "Start")
    page.keyboard.press("Enter")
    ada.sees("Kernels")
    assert focused(page) == "Kernels"
    for question in (1, 2, 4, 5, 6):
        tab_to(page, f"question-{question}=")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
    page.evaluate("document.activeElement.blur()")
    tab_to(page, "question-3=a")
    page.keyboard.press("Space")
    tab_to(page, "question-3=c")
    page.keyboard.press("Space")
    tab_to(page, "Review and upload")
    page.keyboard.press("Enter")
    ada.sees("Upload your answers?")
    tab_to(page, "Upload my answers")
    page.keyboard.press("Enter")
    ada.sees("Your answers are uploaded")
    assert focused(page) == "Your answers are uploaded"
    (stored,) = ada.stored().values()
    assert stored["answers"] == {"1": "b", "2": "b", "3": ["a", "c"], "4": "b", "5": "b", "6": "b"}


def test_every_type_is_answered_by_keyboard_alone(ada: Student, api: LocalApi) -> None:
    api.publish_test(SUBJECT, TEST, every_type()[2:], api.now + timedelta(hours=9), title="Kernels")
    ada.sign_in()
    ada.start_test()
    page = ada.page
    tab_to(page, "answer-1")
    page.keyboard.type("62")
    tab_to(page, "answer-2")
    page.keyboard.type("ls -l")
    page.keyboard.press("Enter")
    tab_to(page, "↓")
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    for item in ("1", "2"):
        while page.evaluate("document.activeElement.id") != f"answer-4-{item}":
            page.keyboard.press("Tab")
        page.keyboard.type("b")
    tab_to(page, "Review and upload")
    page.keyboard.press("Enter")
    ada.sees("Upload your answers?")
    tab_to(page, "Upload my answers")
    page.keyboard.press("Enter")
    ada.sees("Your answers are uploaded")
    (stored,) = ada.stored().values()
    shown = [[option["id"] for option in question["options"]] for question in own_order(ada.api)]
    first, second, third = shown[2]
    assert stored["answers"] == {
        "1": "62",
        "2": "ls -l",
        "3": [second, third, first],
        "4": {"1": shown[3][1], "2": shown[3][1]},
    }


def own_order(api: LocalApi) -> list[Any]:
    """The questions as the student sees them."""
    return in_own_order("s001", api.bucket.get_json(questions_key(SUBJECT, TEST)))


def test_the_first_tab_skips_to_the_content(ada: Student) -> None:
    ada.sign_in()
    ada.page.reload()
    ada.sees("Your tests")
    ada.page.keyboard.press("Tab")
    assert focused(ada.page) == "Skip to content"
    ada.page.keyboard.press("Enter")
    assert focused(ada.page).startswith("Your tests")
    ada.page.keyboard.press("Tab")
    assert focused(ada.page).startswith("Start")


def test_the_focused_option_is_never_under_the_bar(open_browser: Callable[..., Student], api: LocalApi) -> None:
    several = [{"type": "multiple"} | question for question in sample_questions()]
    api.publish_test(SUBJECT, TEST, several, api.now + timedelta(hours=9), title="Kernels")
    ada = open_browser(viewport={"width": 360, "height": 640}, reduced_motion="reduce")
    ada.sign_in()
    ada.start_test()
    tab_to(ada.page, "question-1=")
    hidden = []
    while (option := focused(ada.page)).startswith("question-"):
        lowest = ada.page.evaluate("document.activeElement.closest('label').getBoundingClientRect().bottom")
        if lowest > ada.page.evaluate("document.querySelector('.bar').getBoundingClientRect().top"):
            hidden.append(option)
        ada.page.keyboard.press("Tab")
    assert hidden == []


def test_each_view_has_a_title_of_its_own(ada: Student) -> None:
    ada.sign_in()
    expect(ada.page).to_have_title("Your tests · Test class")
    ada.start_test()
    expect(ada.page).to_have_title("Kernels · Test class")


def test_an_option_group_is_named_by_its_question(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    group = ada.page.get_by_role("group", name="Question 1 of 6, 1 point What is kernel?")
    expect(group.get_by_role("radio", name="a web browser")).to_be_visible()


def test_nothing_moves_where_less_motion_is_wanted(open_browser: Callable[..., Student]) -> None:
    ada = open_browser(reduced_motion="reduce")
    ada.sign_in()
    moving = "[...document.querySelectorAll('*')].filter((e) => parseFloat(getComputedStyle(e).transitionDuration) > 0)"
    assert ada.page.evaluate(f"{moving}.length") == 0


def test_the_back_button_goes_back(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    ada.page.go_back()
    ada.sees("Your tests")
