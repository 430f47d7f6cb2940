"""The trainer's page: the class while it works, its results, the reports, and previews."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Locator, Page, expect

from common.shared.deadlines import format_time
from common.shared.object_keys import image_key, report_page_key, report_prefix, trainer_key
from common.shared.report_address import report_address
from support.browser_student import SUBJECT, TEST, Student
from support.browser_trainer import DIGEST, Trainer, begin, fill_class, submit
from support.formatted_questions import DRAWING, IMAGE, TEXT, formatted
from support.local_api import LocalApi, sample_questions
from support.page_questions import every_type

# Who signs in is first taken for a student, which the server refuses with 403. Chromium reports that.
FAILED_REQUEST = "Failed to load resource"
WCAG_2_1_AA = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "resultTypes": ["violations"],
}
REPORT_LINK = report_address("", report_page_key(report_prefix(SUBJECT, "scored", DIGEST))).removeprefix("/")


@pytest.fixture
def open_trainer(chromium: Browser, api: LocalApi) -> Iterator[Callable[..., Trainer]]:
    fill_class(api)
    trainers: list[Trainer] = []

    def open_one(**options: Any) -> Trainer:
        trainers.append(Trainer(chromium.new_context(**options), api))
        return trainers[-1]

    yield open_one
    for trainer in trainers:
        trainer.context.close()
        assert trainer.foreign_requests == []
        assert [text for text in trainer.complaints if not text.startswith(FAILED_REQUEST)] == []


@pytest.fixture
def trainer(open_trainer: Callable[..., Trainer]) -> Trainer:
    one = open_trainer()
    one.page.clock.install(time=one.api.now)
    return one


def views(trainer: Trainer) -> Iterator[str]:
    """Brings each of the trainer's views on screen, one after the other, and names it."""
    trainer.sign_in()
    yield "class"
    trainer.open(f"#/results/{SUBJECT}/{TEST}")
    trainer.sees("Kernels")
    yield "results before the deadline"
    trainer.open(f"#/results/{SUBJECT}/scored")
    trainer.sees("Shells")
    yield "results"
    trainer.page.get_by_role("link", name="Ada Example").click()
    trainer.sees("Ada Example")
    yield "student"
    trainer.open(f"#/preview/{SUBJECT}/{TEST}")
    trainer.sees("Kernels")
    yield "preview"
    trainer.open(REPORT_LINK)
    trainer.sees("Report")
    yield "report"
    trainer.open("#/person/nobody")
    trainer.sees("Not found")
    yield "problem"


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_no_view_breaks_a_rule_of_wcag_2_1_aa(open_trainer: Callable[..., Trainer], color_scheme: str) -> None:
    broken = {}
    trainer = open_trainer(color_scheme=color_scheme, reduced_motion="reduce")
    for view in views(trainer):
        results = Axe().run(trainer.page, options=WCAG_2_1_AA)
        if results.violations_count:
            broken[view] = results.generate_report()
    assert broken == {}


def test_no_view_scrolls_sideways_on_a_phone(open_trainer: Callable[..., Trainer]) -> None:
    trainer = open_trainer(viewport={"width": 320, "height": 640}, is_mobile=True, has_touch=True)
    assert {view: size for view in views(trainer) if (size := page_width(trainer.page)) > 320} == {}


def page_width(page: Page) -> int:
    width: int = page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
    return width


def counts(trainer: Trainer, test: str) -> str:
    card = trainer.page.get_by_role("listitem").filter(has=trainer.page.get_by_role("heading", name=test))
    plot = card.get_by_role("img").get_attribute("aria-label")
    text: str = card.locator(".counts").inner_text()
    assert plot == text
    return text


def test_the_class_is_followed_every_15_seconds_while_it_is_looked_at(trainer: Trainer) -> None:
    trainer.sign_in()
    assert counts(trainer, "Kernels") == "1 of 5 submitted, 1 more has begun."
    assert counts(trainer, "Shells") == "4 of 5 submitted."
    submit(trainer.api, "s002")
    begin(trainer.api, "s003")
    begin(trainer.api, "s004")
    trainer.api.now += timedelta(minutes=1)
    asked = trainer.api.requests.count("GET /v1/class")
    trainer.page.clock.run_for(14_000)
    assert trainer.api.requests.count("GET /v1/class") == asked
    trainer.page.clock.run_for(2_000)
    expect(trainer.page.locator(".counts").first).to_have_text("2 of 5 submitted, 2 more have begun.")
    assert counts(trainer, "Kernels") == "2 of 5 submitted, 2 more have begun."
    expect(trainer.page.locator("#spoken")).to_have_text("Kernels: 2 of 5 submitted, 2 more have begun.")


def test_nothing_is_asked_while_the_page_is_hidden(trainer: Trainer) -> None:
    trainer.sign_in()
    trainer.page.evaluate("Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true})")
    asked = len(trainer.api.requests)
    trainer.page.clock.run_for(60_000)
    assert len(trainer.api.requests) == asked
    trainer.page.evaluate("Object.defineProperty(document, 'visibilityState', {value: 'visible'})")
    with trainer.page.expect_response("**/v1/class"):
        trainer.page.clock.run_for(16_000)


def test_what_has_not_changed_is_not_sent_again(trainer: Trainer) -> None:
    trainer.sign_in()
    expect(trainer.page.get_by_role("heading", name="Kernels")).to_be_visible()
    with trainer.page.expect_response("**/v1/class") as answered:
        trainer.page.clock.run_for(16_000)
    assert answered.value.status == 304
    assert counts(trainer, "Kernels") == "1 of 5 submitted, 1 more has begun."


def test_results_show_the_figures_and_where_each_student_stands(trainer: Trainer) -> None:
    trainer.sign_in()
    trainer.page.get_by_role("link", name="Results Shells").click()
    trainer.sees("Shells")
    plot = trainer.page.get_by_role("img").get_attribute("aria-label") or ""
    assert "20 to 30 percent: 1; 30 to 40 percent: 0" in plot
    expect(trainer.page.get_by_text("4 of 5 students graded, mean 62.5%, standard deviation 14.2%")).to_be_visible()
    rows = trainer.page.get_by_role("region", name="Students").get_by_role("row").all_inner_texts()
    assert rows[1].startswith("Ada Example")
    assert "1.5 of 6" in rows[1]
    assert "late" in rows[4]
    assert "Missing" in rows[5]
    question = trainer.page.get_by_role("region", name="Questions").get_by_role("row").nth(3)
    expect(question).to_contain_text("(dropped)")
    expect(question).to_contain_text("The key was wrong.")


def test_results_show_how_often_each_option_was_chosen_by_each_half(trainer: Trainer) -> None:
    trainer.sign_in()
    trainer.open(f"#/results/{SUBJECT}/scored")
    trainer.sees("Shells")
    expect(trainer.page.get_by_text("Check the key of question 1")).to_be_visible()
    first, second = (trainer.page.locator("details").nth(number) for number in (0, 1))
    expect(first.get_by_text("b was chosen by more of the upper half than the right answer")).to_be_visible()
    head, right, wrong, *_, unanswered = first.get_by_role("row").all_inner_texts()
    assert head.split("\t") == ["Option", "Upper half", "Lower half"]
    assert (right.split("\t")[1:], "(right)" in right) == (["0", "2"], True)
    assert (wrong.split("\t")[1:], "(right)" in wrong) == (["1", "2"], False)
    assert unanswered.split("\t") == ["No answer", "0", "1"]
    expect(second.get_by_role("table")).to_be_hidden()
    second.locator("summary").focus()
    trainer.page.keyboard.press("Enter")
    expect(second.get_by_role("table")).to_be_visible()


def test_results_show_how_often_each_typed_answer_order_and_pair_was_given(trainer: Trainer) -> None:
    trainer.sign_in()
    trainer.open(f"#/results/{SUBJECT}/scored")
    trainer.sees("Shells")
    typed, order, match = (trainer.page.locator("details").nth(number) for number in (6, 7, 8))
    warning = 'Check the key: "dir" was given by more of the upper half than all right answers together.'
    expect(typed.get_by_text(warning)).to_be_visible()
    assert rows_of(typed) == [
        ["Answer", "Upper half", "Lower half"],
        ["`ls` <b> (right)", "0", "3"],
        ["dir", "1", "3"],
        ["Other answers", "2", "3"],
        ["No answer", "3", "3"],
    ]
    order.locator("summary").click()
    assert rows_of(order)[1:3] == [["b a: fork → exec (right)", "0", "3"], ["a b: exec → fork", "1", "3"]]
    match.locator("summary").click()
    expect(match.get_by_text("1. Italy")).to_be_visible()
    assert rows_of(match) == [
        ["Option", "Upper half", "Lower half"],
        ["a. Rome (right)", "4", "2"],
        ["b. Warsaw", "0", "1"],
        ["No answer", "0", "1"],
    ]


def test_results_show_how_often_each_answer_in_a_gap_was_given(trainer: Trainer) -> None:
    trainer.sign_in()
    trainer.open(f"#/results/{SUBJECT}/scored")
    trainer.sees("Shells")
    expect(trainer.page.get_by_text("Check the key of question 1, 7, 10")).to_be_visible()
    gaps = trainer.page.locator("details").nth(9)
    expect(gaps.locator("summary")).to_have_text("10. It is [gap 1], and [gap 2].")
    warning = 'Check the key: "dir" was given by more of the upper half than all right answers together.'
    expect(gaps.locator("p")).to_have_text(["Gap 1", "Gap 2", warning])
    assert rows_of(gaps.get_by_role("table").nth(0)) == [
        ["Option", "Upper half", "Lower half"],
        ["a. big (right)", "0", "3"],
        ["No answer", "1", "3"],
    ]
    assert rows_of(gaps.get_by_role("table").nth(1))[:2] == [
        ["Answer", "Upper half", "Lower half"],
        ["`ls` <b> (right)", "0", "3"],
    ]


def rows_of(within: Locator) -> list[list[str]]:
    """The cells of a table's rows."""
    return [row.split("\t") for row in within.get_by_role("row").all_inner_texts()]


def publish_another(trainer: Trainer) -> None:
    """A test that opens later; the list on screen is then drawn again."""
    trainer.api.publish_test(
        SUBJECT,
        "later",
        sample_questions(),
        trainer.api.now + timedelta(days=9),
        title="Pipes",
        opensAt=format_time(trainer.api.now + timedelta(days=2)),
    )
    trainer.api.now += timedelta(minutes=1)
    with trainer.page.expect_response("**/v1/class"):
        trainer.page.clock.run_for(16_000)


def test_a_link_that_is_being_pressed_while_the_list_changes_still_works(trainer: Trainer) -> None:
    trainer.sign_in()
    trainer.page.get_by_role("link", name="Results Kernels").hover()
    trainer.page.mouse.down()
    publish_another(trainer)
    trainer.page.mouse.up()
    trainer.sees("Kernels")


def test_the_focus_stays_where_it_is_when_the_list_changes(trainer: Trainer) -> None:
    trainer.sign_in()
    trainer.page.get_by_role("link", name="Preview Kernels").focus()
    publish_another(trainer)
    expect(trainer.page.get_by_role("heading", name="Pipes")).to_be_visible()
    expect(trainer.page.get_by_role("link", name="Preview Kernels")).to_be_focused()


def test_a_test_that_opens_later_says_when(trainer: Trainer) -> None:
    trainer.sign_in()
    publish_another(trainer)
    card = trainer.page.get_by_role("listitem").filter(has=trainer.page.get_by_role("heading", name="Pipes"))
    expect(card).to_contain_text("Opens")
    card.get_by_role("link", name="Results Pipes").click()
    trainer.sees("Pipes")
    expect(trainer.page.get_by_text("opens")).to_be_visible()


def test_a_large_class_is_shown_in_parts(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("class_view.handler.OVERVIEW_PART", 2)
    monkeypatch.setattr("class_view.handler.RESULTS_PART", 2)
    trainer.sign_in()
    assert counts(trainer, "Kernels") == "1 of 5 submitted, 1 more has begun."
    trainer.page.get_by_role("link", name="Results Kernels").click()
    rows = trainer.page.get_by_role("region", name="Students").get_by_role("row")
    expect(rows).to_have_count(3)
    more = trainer.page.get_by_role("button", name="Show more students")
    more.click()
    expect(rows).to_have_count(5)
    more.click()
    expect(rows).to_have_count(6)
    expect(more).to_be_hidden()


def test_a_preview_shows_texts_in_markdown_and_images(trainer: Trainer) -> None:
    api = trainer.api
    api.publish_test(SUBJECT, TEST, formatted(TEXT), api.now + timedelta(hours=10), opensAt=format_time(api.now))
    api.bucket.put_json(image_key(SUBJECT, TEST, IMAGE), DRAWING)
    trainer.sign_in()
    trainer.open(f"#/preview/{SUBJECT}/{TEST}")
    expect(trainer.page.locator("legend table, legend ol, legend math")).not_to_have_count(0)
    expect(trainer.page.locator("legend img")).to_have_attribute(
        "src", f"data:{DRAWING['type']};base64,{DRAWING['data']}"
    )


def test_a_preview_cannot_be_submitted_or_saved(trainer: Trainer) -> None:
    trainer.sign_in()
    trainer.page.get_by_role("link", name="Preview Kernels").click()
    trainer.sees("Kernels")
    trainer.choose(1, "a")
    trainer.choose(3, "a", "b")
    expect(trainer.page.get_by_text("neither saved nor submitted")).to_be_visible()
    assert trainer.page.get_by_role("link", name="Review and upload").count() == 0
    assert trainer.page.evaluate("Object.keys(localStorage)") == []
    assert {request for request in trainer.api.requests if request.startswith("POST")} == set()


def test_a_preview_takes_answers_of_every_type_and_keeps_none(trainer: Trainer) -> None:
    trainer.api.publish_test(SUBJECT, TEST, every_type(), trainer.api.now + timedelta(hours=9), title="Kernels")
    trainer.sign_in()
    trainer.page.get_by_role("link", name="Preview Kernels").click()
    trainer.sees("Kernels")
    number = trainer.page.locator("#answer-3")
    number.press_sequentially("62 kg")
    number.blur()
    expect(trainer.page.get_by_role("alert")).to_have_text("This is not a number. Type one such as 62 or 3.5.")
    expect(number).to_have_value("62 kg")
    trainer.page.locator("#answer-4").fill("ls")
    order = trainer.page.locator("#question-5")
    order.get_by_role("button", name="Move up c: wait").click()
    expect(order.locator(".ranking .rich")).to_have_text(["fork", "wait", "exec"])
    trainer.page.locator("#answer-6-1").select_option("b")
    assert trainer.page.evaluate("Object.keys(localStorage)") == []
    assert {request for request in trainer.api.requests if request.startswith(("POST", "PUT"))} == set()


def test_a_preview_says_how_many_questions_of_a_pool_a_student_gets(trainer: Trainer) -> None:
    asked = [{**question, "pool": "<b>calls</b>"} for question in sample_questions()[:2]]
    rest = sample_questions()[2:]
    drawing = {"pools": {"<b>calls</b>": 1}, "salt": "5a17" * 8}
    trainer.api.publish_test(SUBJECT, TEST, [*asked, *rest], drawing=drawing, questionCount=len(rest) + 1)
    trainer.sign_in()
    trainer.page.get_by_role("link", name="Preview Kernels").click()
    trainer.sees("Kernels")
    note = "Each student gets 1 of the 2 questions of the pool <b>calls</b>."
    expect(trainer.page.get_by_role("group")).to_have_count(len(asked) + len(rest))
    expect(trainer.page.get_by_text(note)).to_have_count(2)
    expect(trainer.page.get_by_role("group").filter(has_text=note)).to_have_count(2)


def test_the_link_of_an_email_leads_to_the_report_after_signing_in(trainer: Trainer) -> None:
    trainer.open(REPORT_LINK)
    trainer.submit_key()
    trainer.sees("Report")
    report = trainer.page.get_by_role("region", name="Report")
    expect(report.get_by_role("heading", name="scored in os")).to_be_visible()
    expect(report.get_by_role("cell", name="4 of 6")).to_be_visible()
    assert report.locator("script, style, [style]").count() == 0


def test_a_report_that_is_not_kept_is_said_to_be_so(trainer: Trainer) -> None:
    trainer.sign_in()
    trainer.open(f"#report={SUBJECT}/scored/ffff")
    trainer.sees("Not found")
    expect(trainer.page.get_by_text("not kept any more")).to_be_visible()


@pytest.mark.parametrize("remember", [False, True])
def test_the_trainers_key_is_forgotten_with_the_tab(trainer: Trainer, remember: bool) -> None:
    trainer.open()
    trainer.submit_key(remember)
    trainer.sees("Your class")
    assert trainer.page.evaluate("Object.keys(localStorage)") == []
    assert trainer.key in trainer.page.evaluate("JSON.stringify(sessionStorage)")
    trainer.page.get_by_role("button", name="Sign out").click()
    trainer.sees("Sign in")
    assert trainer.page.evaluate("Object.keys(sessionStorage)") == []


def test_a_key_that_was_replaced_leads_to_signing_in(trainer: Trainer) -> None:
    trainer.sign_in()
    trainer.api.s3.objects.pop(trainer_key(trainer.key))
    trainer.page.get_by_role("link", name="Results Kernels").click()
    trainer.sees("Sign in")
    expect(trainer.page.get_by_role("alert")).to_contain_text("If you have made a new key")


def test_a_key_that_is_replaced_while_the_class_is_followed_leads_to_signing_in(trainer: Trainer) -> None:
    trainer.sign_in()
    trainer.api.s3.objects.pop(trainer_key(trainer.key))
    trainer.page.clock.run_for(16_000)
    trainer.sees("Sign in")
    expect(trainer.page.get_by_role("alert")).to_contain_text("If you have made a new key")


def test_students_do_not_see_the_trainers_views(open_browser: Callable[..., Student]) -> None:
    ada = open_browser()
    ada.sign_in()
    assert ada.page.get_by_role("link", name="Class").count() == 0
    ada.open(f"#/results/{SUBJECT}/{TEST}")
    ada.sees("Your tests")


def test_a_student_at_the_trainers_address_sees_their_own_tests(open_browser: Callable[..., Student]) -> None:
    ada = open_browser()
    ada.sign_in()
    ada.open("?trainer")
    ada.sees("Your tests")


def test_the_trainers_views_by_keyboard_alone(trainer: Trainer) -> None:
    trainer.open()
    trainer.page.get_by_label("Your key").focus()
    trainer.page.keyboard.type(trainer.key)
    trainer.page.keyboard.press("Enter")
    trainer.sees("Your class")
    for _ in range(20):
        trainer.page.keyboard.press("Tab")
        if trainer.page.evaluate("document.activeElement.textContent") == "Results Kernels":
            break
    trainer.page.keyboard.press("Enter")
    trainer.sees("Kernels")
    assert trainer.page.evaluate("document.activeElement.tagName") == "H1"
