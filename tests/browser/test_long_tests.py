"""The overview of a test with more than five questions: answered, not answered, flagged for later."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from support.browser_student import SUBJECT, Student
from support.local_api import LocalApi, sample_questions


def steps(student: Student) -> Locator:
    return student.page.get_by_role("navigation", name="Questions").get_by_role("button")


def test_each_question_says_how_it_stands_and_a_click_leads_to_it(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    expect(steps(ada)).to_have_count(6)
    expect(steps(ada).nth(0)).to_have_accessible_name("1, not answered")
    ada.choose(2, "a")
    expect(steps(ada).nth(1)).to_have_accessible_name("2, answered")
    steps(ada).nth(4).click()
    expect(ada.page.locator("input[name=question-5]").first).to_be_focused()
    expect(ada.page.locator("#question-5")).to_be_in_viewport()


def test_a_flag_stays_over_a_reload_and_is_no_answer(ada: Student) -> None:
    ada.sign_in()
    ada.start_test()
    flag = ada.page.locator("#question-3").get_by_role("button", name="Flag for later")
    expect(flag).to_have_attribute("aria-pressed", "false")
    flag.click()
    expect(flag).to_have_attribute("aria-pressed", "true")
    expect(steps(ada).nth(2)).to_have_accessible_name("3, not answered, flagged for later")
    ada.page.reload()
    expect(steps(ada).nth(2)).to_have_accessible_name("3, not answered, flagged for later")
    expect(ada.page.locator(".progress")).to_have_text("0 of 6 answered")
    ada.choose(1, "a")
    ada.upload()
    ada.sees("Your answers are uploaded")
    assert [stored["answers"] for stored in ada.stored().values()] == [{"1": "a"}]


def test_a_short_test_has_none(open_browser: Callable[..., Student], api: LocalApi) -> None:
    api.publish_test(SUBJECT, "short", sample_questions()[:5], title="Short")
    ada = open_browser()
    ada.sign_in()
    ada.page.get_by_role("link", name="Start Short").click()
    ada.sees("Short")
    expect(steps(ada)).to_have_count(0)
    expect(ada.page.get_by_role("button", name="Flag for later")).to_have_count(0)


def test_the_bar_does_not_cover_an_enlarged_question(open_browser: Callable[..., Student]) -> None:
    """A window of 1280 x 1024 at 400 % is one of 320 x 256."""
    ada = open_browser(viewport={"width": 320, "height": 256})
    ada.sign_in()
    ada.start_test()
    position = "document => getComputedStyle(document.querySelector('.bar')).position"
    assert ada.page.evaluate(f"() => ({position})(document)") == "static"


def test_the_receipt_names_student_class_answers_and_the_next_test(
    open_browser: Callable[..., Student], api: LocalApi
) -> None:
    api.publish_test(SUBJECT, "next", sample_questions()[:1], title="Next one")
    ada = open_browser()
    ada.sign_in()
    ada.page.get_by_role("link", name="Start Kernels").click()
    ada.choose(1, "a")
    ada.upload()
    ada.sees("Your answers are uploaded")
    expect(ada.page.locator(".receipt")).to_contain_text("Ada Example")
    expect(ada.page.locator(".receipt")).to_contain_text("Test class")
    assert ada.page.locator(".receipt li").all_inner_texts() == ["1: a", *(f"{n}: not answered" for n in range(2, 7))]
    ada.page.get_by_role("link", name="Start Next one").click()
    ada.sees("Next one")
