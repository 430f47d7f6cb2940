"""A text with gaps on the page: filled in, kept, checked, uploaded and reviewed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Locator, Page, expect

from common.shared.deadlines import format_time
from common.shared.gaps import with_gaps_named
from common.shared.object_keys import draft_key
from support.browser_student import SUBJECT, Student
from support.browser_trainer import Trainer
from support.documents import question
from support.gap_questions import gap_question
from support.local_api import LocalApi

NAME = "gaps"
ANSWER = {"1": "b", "2": "-3,5", "3": "ls  -l"}
NOT_A_NUMBER = "This is not a number. Type one such as 62 or 3.5."


def publish(api: LocalApi, *asked: Any, **changes: Any) -> None:
    questions: Any = asked or (gap_question(1, **changes), question(2))
    api.publish_test(SUBJECT, NAME, [dict(each) for each in questions], api.now + timedelta(hours=9), title="Gaps")


@pytest.fixture
def taking(ada: Student, api: LocalApi) -> Student:
    """A student who sees a question with gaps, and another one."""
    publish(api)
    ada.sign_in(remember=True)
    reopen(ada)
    return ada


def reopen(ada: Student) -> None:
    ada.open(f"#/test/{SUBJECT}/{NAME}")
    ada.sees("Gaps")


def field(ada: Student, gap: str, page: Page | None = None) -> Locator:
    return (page or ada.page).locator("#question-1").get_by_label(f"Gap {gap}", exact=True)


def fill_in(ada: Student) -> None:
    """Gives ANSWER."""
    field(ada, "1").select_option("b")
    field(ada, "2").fill(" \u22123,5 ")
    field(ada, "3").fill("\tls  -l ")


def progress(ada: Student) -> Locator:
    return ada.page.locator(".progress")


def checked(ada: Student) -> Locator:
    """The answer to the question with gaps, as it is checked before the upload."""
    ada.page.get_by_role("link", name="Review and upload").click()
    return ada.page.locator(".answers > li").first


def uploaded(ada: Student) -> Any:
    if ada.page.get_by_role("link", name="Review and upload").is_visible():
        ada.page.get_by_role("link", name="Review and upload").click()
    ada.page.get_by_role("button", name="Upload my answers").click()
    ada.sees("Your answers are uploaded")
    (stored,) = ada.stored().values()
    return stored["answers"]


def save_elsewhere(api: LocalApi, answers: dict[str, Any]) -> None:
    api.bucket.put_json(draft_key(SUBJECT, "s001", NAME), {"answers": answers, "savedAt": format_time(api.now)})


def test_gaps_are_kept_over_a_reload_checked_and_uploaded(taking: Student) -> None:
    fill_in(taking)
    expect(progress(taking)).to_have_text("1 of 2 answered")
    reopen(taking)
    expect(progress(taking)).to_have_text("1 of 2 answered")
    expect(field(taking, "1")).to_have_value("b")
    expect(field(taking, "2")).to_have_value("-3,5")
    expect(field(taking, "3")).to_have_value("ls  -l")
    expect(checked(taking)).to_contain_text("bytes, and [gap 3] shows it.Gap 1b:printsGap 2-3,5Gap 3ls  -l")
    assert uploaded(taking) == {"1": ANSWER}
    expect(taking.page.locator(".receipt li").first).to_have_text("1: 1: b | 2: -3,5 | 3: ls  -l")


def test_each_field_has_its_gaps_name_and_says_what_is_typed(taking: Student) -> None:
    asked = taking.page.locator("#question-1")
    expect(asked.locator("legend .rich")).to_have_text(
        "The kernel [gap 1] processes. A page has [gap 2] bytes, and [gap 3] shows it."
    )
    expect(asked.locator("legend code")).to_have_text("[gap 3]")
    expect(asked.locator(".hint")).to_have_text("Fill in the gaps.")
    expect(field(taking, "1")).to_have_role("combobox")
    expect(field(taking, "2")).to_have_accessible_description("Type a number, such as 62 or 3.5.")
    expect(field(taking, "3")).to_have_accessible_description("Type your answer.")
    expect(asked.get_by_role("combobox")).to_have_count(1)
    expect(asked.get_by_role("textbox")).to_have_count(2)
    taking.page.get_by_text("Gap 2", exact=True).click()
    expect(field(taking, "2")).to_be_focused()
    taking.page.keyboard.press("Tab")
    expect(field(taking, "3")).to_be_focused()


def test_some_gaps_are_uploaded_after_a_warning(taking: Student) -> None:
    fill_in(taking)
    field(taking, "1").select_option("")
    field(taking, "3").fill("  ")
    row = checked(taking)
    expect(taking.page.get_by_role("heading", name="One question is only partly answered")).to_be_visible()
    expect(taking.page.get_by_role("link", name="Question 1 (1 of 3)")).to_be_visible()
    expect(row).to_contain_text("Gap 1No answerGap 2-3,5Gap 3No answer")
    assert uploaded(taking) == {"1": {"2": "-3,5"}}


def test_what_is_not_a_number_in_a_gap_is_kept_but_is_no_answer(taking: Student) -> None:
    field(taking, "1").select_option("b")
    field(taking, "2").fill("62 kg")
    field(taking, "2").blur()
    for _ in ("typed", "read again"):
        expect(taking.page.get_by_role("alert").filter(has_text=NOT_A_NUMBER)).to_have_count(1)
        expect(field(taking, "2")).to_have_attribute("aria-invalid", "true")
        expect(field(taking, "2")).to_have_accessible_description(f"Type a number, such as 62 or 3.5. {NOT_A_NUMBER}")
        expect(field(taking, "2")).to_have_value("62 kg")
        expect(field(taking, "1")).to_have_value("b")
        reopen(taking)
    expect(checked(taking)).to_contain_text(f"Gap 1b:printsGap 262 kg{NOT_A_NUMBER}Gap 3No answer")
    assert uploaded(taking) == {"1": {"1": "b"}}


def test_only_what_is_wrong_in_a_gap_is_no_answer_at_all(taking: Student) -> None:
    field(taking, "2").fill("many")
    field(taking, "2").blur()
    expect(progress(taking)).to_have_text("0 of 2 answered")
    expect(checked(taking)).to_contain_text(f"No answerGap 2many{NOT_A_NUMBER}")


def test_the_caret_stays_while_a_gap_is_typed_in(taking: Student) -> None:
    field(taking, "2").fill("x")
    typed = field(taking, "3")
    typed.press_sequentially("  ls")
    typed.press("Home")
    typed.press_sequentially("x y ")
    expect(typed).to_have_value("x y   ls")
    expect(field(taking, "2")).to_have_value("x")
    assert uploaded(taking) == {"1": {"3": "x y   ls"}}


def test_clearing_empties_every_gap(taking: Student) -> None:
    fill_in(taking)
    field(taking, "2").fill("many")
    taking.page.locator("#question-1").get_by_role("button", name="Clear answer").click()
    expect(progress(taking)).to_have_text("0 of 2 answered")
    expect(field(taking, "1")).to_be_focused()
    for gap in "123":
        expect(field(taking, gap)).to_have_value("")
    reopen(taking)
    expect(field(taking, "2")).to_have_value("")


def test_options_that_do_not_fit_into_a_list_are_shown_above_it(ada: Student, api: LocalApi) -> None:
    options = [{"id": "a", "text": "```\nls -l\n```"}, {"id": "b", "text": "no"}]
    publish(api, gaps=[{"id": "1", "type": "single", "options": options}], text="{{1}}")
    ada.sign_in()
    reopen(ada)
    expect(ada.page.locator(".gap .listed code.block")).to_have_text("ls -l")
    in_list = field(ada, "1").locator("option").all_text_contents()
    assert [text.replace("\u2068", "").replace("\u2069", "") for text in in_list] == ["Choose", "a", "b: no"]


def test_a_draft_from_another_device_fills_in_the_gaps(ada: Student, api: LocalApi) -> None:
    publish(api)
    save_elsewhere(api, {"1": ANSWER})
    ada.sign_in()
    reopen(ada)
    expect(ada.page.get_by_text("Your answers from another device (saved")).to_be_visible()
    expect(field(ada, "3")).to_have_value("ls  -l")
    field(ada, "1").select_option("c")
    assert uploaded(ada) == {"1": {**ANSWER, "1": "c"}}


def test_two_drafts_are_compared_and_the_servers_replaces_every_gap(taking: Student, api: LocalApi) -> None:
    fill_in(taking)
    field(taking, "3").fill("x" * 501)
    save_elsewhere(api, {"1": {"1": "a", "3": "dir"}})
    reopen(taking)
    choice = taking.page.get_by_role("region", name="Which answers do you want to keep?")
    assert choice.locator("strong bdi").all_text_contents() == ["1: b | 2: -3,5", "1: a | 3: dir"]
    choice.get_by_role("button", name="Keep the answers on the server").click()
    expect(field(taking, "2")).to_have_value("")
    expect(field(taking, "3")).to_have_value("dir")
    assert uploaded(taking) == {"1": {"1": "a", "3": "dir"}}


def test_two_tabs_show_what_is_filled_in(taking: Student) -> None:
    other = taking.open(f"#/test/{SUBJECT}/{NAME}", taking.context.new_page())
    taking.sees("Gaps", other)
    fill_in(taking)
    expect(field(taking, "1", other)).to_have_value("b")
    expect(field(taking, "2", other)).to_have_value("-3,5")
    field(taking, "3", other).fill("pwd")
    expect(field(taking, "3")).to_have_value("pwd")
    assert uploaded(taking) == {"1": {**ANSWER, "3": "pwd"}}


OTHER_OPTIONS = [{"id": "a", "text": "halts"}, {"id": "b", "text": "prints"}]
GAPS = gap_question()["gaps"]


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "{{1}} {{2}} {{3}}"},
        {"gaps": [{**GAPS[0], "options": OTHER_OPTIONS}, *GAPS[1:]]},
        {"gaps": [GAPS[0], {"id": "2", "type": "text"}, GAPS[2]]},
    ],
)
def test_gaps_that_were_changed_are_pointed_out(taking: Student, api: LocalApi, changes: Any) -> None:
    fill_in(taking)
    publish(api, **changes)
    reopen(taking)
    expect(taking.page.get_by_text("changed this question after you answered it")).to_have_count(1)


def test_what_fits_no_longer_is_left_out(taking: Student, api: LocalApi) -> None:
    fill_in(taking)
    publish(api, gaps=[{**GAPS[0], "options": OTHER_OPTIONS[:1]}, GAPS[1], {"id": "3", "type": "number"}])
    reopen(taking)
    assert uploaded(taking) == {"1": {"2": "-3,5"}}


@pytest.mark.parametrize("kind", ["number", "single", "match"])
def test_what_was_typed_in_gaps_is_no_answer_to_a_question_of_another_type(
    taking: Student, api: LocalApi, kind: str
) -> None:
    fill_in(taking)
    field(taking, "2").fill("many")
    items = {"items": [{"id": "9", "text": "x"}]} if kind == "match" else {}
    publish(api, {**question(1, kind, "" if kind == "number" else "abc"), **items}, question(2))
    reopen(taking)
    expect(progress(taking)).to_have_text("0 of 2 answered")


@pytest.mark.parametrize("typed", ["62 kg", "6234"])
def test_what_was_typed_as_a_number_fills_in_no_gap(ada: Student, api: LocalApi, typed: str) -> None:
    publish(api, question(1, "number", ""), question(2))
    ada.sign_in(remember=True)
    reopen(ada)
    ada.page.get_by_role("textbox").fill(typed)
    publish(api)
    reopen(ada)
    expect(progress(ada)).to_have_text("0 of 2 answered")
    for gap in "123":
        expect(field(ada, gap)).to_have_value("")


def test_gaps_are_copied_after_the_end(open_browser: Callable[..., Student], api: LocalApi) -> None:
    publish(api)
    ada = open_browser(permissions=["clipboard-read", "clipboard-write"])
    ada.sign_in()
    reopen(ada)
    fill_in(ada)
    field(ada, "2").fill("")
    api.now += timedelta(days=1)
    ada.page.get_by_role("link", name="Tests").click()
    ada.sees("Your tests")
    ada.page.reload()
    card = ada.page.locator(".test").filter(has_text="Gaps")
    card.get_by_role("button", name="Copy your answers").click()
    expect(card.get_by_role("button", name="Copied")).to_be_visible()
    copied = ada.page.evaluate("navigator.clipboard.readText()")
    assert "1. The kernel [gap 1] processes." in copied
    assert "\nGap 1: b: prints\nGap 2: No answer\nGap 3: ls  -l\n" in copied


def test_hostile_text_in_a_gap_is_shown_as_it_was_typed(taking: Student) -> None:
    hostile = "<img src=x onerror=\"document.title='owned'\">`$(x)` \\ * \u202e😀"
    field(taking, "3").fill(hostile)
    expect(checked(taking).locator(".typed")).to_have_text(hostile.replace("\u202e", ""))
    assert uploaded(taking) == {"1": {"3": hostile}}
    assert taking.page.locator("main img").count() == 0


def test_a_released_review_shows_each_gap_with_what_is_right(taking: Student, api: LocalApi) -> None:
    field(taking, "1").select_option("b")
    field(taking, "3").fill("dir")
    uploaded(taking)
    api.now += timedelta(days=3)
    api.release(SUBJECT, NAME, "s001")
    taking.open(f"#/answers/{SUBJECT}/{NAME}")
    shown = taking.page.locator("section.reviewed").first
    expect(shown.locator("h2 + .rich")).to_have_text(with_gaps_named(gap_question()["text"]).replace("`", ""))
    assert shown.get_by_role("listitem").all_inner_texts() == [
        "Gap 1\na:\nschedules\nRight\nb:\nprints\nYour answer",
        "Gap 2\n-350 (-360 to -340)\nRight",
        "Gap 3\ndir\nYour answer\nls…\nRight",
    ]
    expect(shown.locator(".feedback")).to_have_text("Feedback:Only on Windows.")
    expect(taking.page.locator(".panel.warn")).to_have_count(0)


def test_answers_in_gaps_that_differ_from_those_uploaded_here_are_reported(taking: Student, api: LocalApi) -> None:
    fill_in(taking)
    uploaded(taking)
    api.now += timedelta(days=3)
    api.release(SUBJECT, NAME, "s001")
    taking.page.evaluate(
        """() => {
          const name = Object.keys(localStorage).find((name) => name.endsWith("|answer|1"));
          const kept = JSON.parse(localStorage[name]);
          localStorage.setItem(name, JSON.stringify({ ...kept, answer: { ...kept.answer, 3: "pwd" } }));
        }"""
    )
    taking.open(f"#/answers/{SUBJECT}/{NAME}")
    expect(taking.page.locator(".panel.warn")).to_contain_text("different in: question 1.")


def test_a_trainer_previews_gaps_by_their_names(chromium: Browser, api: LocalApi) -> None:
    publish(api)
    trainer = Trainer(chromium.new_context(), api)
    trainer.sign_in()
    trainer.page.get_by_role("link", name="Preview Gaps").click()
    trainer.sees("Gaps")
    expect(trainer.page.locator("legend .rich").first).to_contain_text("The kernel [gap 1] processes.")
    trainer.page.get_by_label("Gap 2", exact=True).fill("many")
    trainer.page.get_by_label("Gap 2", exact=True).blur()
    trainer.page.get_by_label("Gap 1", exact=True).select_option("b")
    expect(trainer.page.get_by_label("Gap 2", exact=True)).to_have_value("many")
    expect(trainer.page.get_by_role("alert").filter(has_text=NOT_A_NUMBER)).to_have_count(1)
    trainer.context.close()


def test_gaps_can_be_used_on_a_narrow_phone_and_without_seeing(
    open_browser: Callable[..., Student], api: LocalApi
) -> None:
    options = [{"id": "a", "text": f"```\n{'x' * 70}\n```"}, {"id": "b", "text": "y" * 70}]
    publish(api, gaps=[{"id": "1", "type": "single", "options": options}, *GAPS[1:]])
    ada = open_browser(viewport={"width": 320, "height": 640}, is_mobile=True, has_touch=True)
    ada.sign_in(remember=True)
    reopen(ada)
    fill_in(ada)
    field(ada, "2").fill("many")
    field(ada, "2").blur()
    for view in ("taking", "checking"):
        assert Axe().run(ada.page).violations_count == 0, view
        assert ada.page.evaluate("document.documentElement.scrollWidth") == 320, view
        ada.page.get_by_role("link", name="Review and upload").or_(ada.page.get_by_text("Upload my answers")).click()
    ada.sees("Your answers are uploaded")
    api.now += timedelta(days=3)
    api.release(SUBJECT, NAME, "s001")
    ada.open(f"#/answers/{SUBJECT}/{NAME}")
    ada.sees("Gaps")
    assert Axe().run(ada.page).violations_count == 0
    assert ada.page.evaluate("document.documentElement.scrollWidth") == 320


TEXTS = ["{{1}}", "a {{1}}b `{{2}}` {{ 3 }} {{x}} {{}} {1}", "{{{1}}}", "```\n{{26}}\n```", "{{1}}{{1}}", "{{٣}}", ""]


def test_gaps_are_named_as_in_emails(sources: Page) -> None:
    def node(text: str) -> dict[str, Any]:
        return {"type": "paragraph", "children": [{"type": "text", "text": text}, {"type": "code", "text": text}]}

    named = sources.evaluate(
        """async (questions) => {
          const { withGapsNamed } = await import("/gap_names.js");
          return withGapsNamed({ title: "{{1}}", questions });
        }""",
        [
            {"type": kind, "text": text, "nodes": [node(text)], "explanation": "{{1}}"}
            for text in TEXTS
            for kind in ("gaps", "text")
        ],
    )
    assert named["title"] == "{{1}}"
    for text, in_gaps, other in zip(TEXTS, named["questions"][::2], named["questions"][1::2], strict=True):
        shown = with_gaps_named(text)
        expected = {"type": "gaps", "text": shown, "nodes": [node(shown)], "explanation": "{{1}}"}
        assert in_gaps == expected
        assert other == {"type": "text", "text": text, "nodes": [node(text)], "explanation": "{{1}}"}
