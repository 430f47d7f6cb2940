"""A released test on the page: own answers, right ones, points and explanations; nothing before it is released."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from support.browser_student import SUBJECT, TEST, Student
from support.local_api import LocalApi, sample_questions

ADDRESS = f"#/answers/{SUBJECT}/{TEST}"


def uploaded(ada: Student) -> None:
    ada.sign_in(remember=True)
    ada.start_test()
    ada.choose(1, "a")
    ada.choose(3, "a", "b")
    ada.upload()
    ada.sees("Your answers are uploaded")


@pytest.fixture
def released(ada: Student, api: LocalApi) -> Student:
    """Ada has uploaded answers from this browser, and the test is scored and over."""
    uploaded(ada)
    api.now += timedelta(days=3)
    api.release(SUBJECT, TEST, "s001")
    return ada


def question(ada: Student, place: int) -> Any:
    return ada.page.locator("section.reviewed").nth(place - 1)


def test_the_scores_lead_to_the_answers(released: Student) -> None:
    released.open("#/scores")
    released.page.get_by_role("link", name="See the answers Kernels").click()
    released.sees("Kernels")
    expect(released.page.locator("main")).to_contain_text("Your score1 of 6")
    expect(released.page.locator("main")).to_contain_text("Mean of the class: 2.5 points")
    first, third, last = question(released, 1), question(released, 3), question(released, 6)
    expect(first.get_by_role("heading")).to_have_text("Question 1 of 6")
    expect(first.locator("li").first).to_have_text("a:the core component of an operating systemYour answerRight")
    expect(first).to_contain_text("Points: 1 of 1")
    expect(first).to_contain_text("Because of a.")
    expect(third.locator("li").nth(1)).to_have_text("b:zshYour answer")
    expect(third).to_contain_text("Points: 0 of 1")
    expect(last).to_contain_text("You gave no answer.")
    expect(released.page.locator(".panel")).to_have_count(0)
    assert released.complaints == []


def test_code_is_shown_as_code(released: Student) -> None:
    released.open(ADDRESS)
    expect(question(released, 5).locator("code")).to_have_text("PID 1")


def test_letters_and_numbers_are_those_of_the_test(ada: Student, api: LocalApi) -> None:
    api.publish_test(SUBJECT, TEST, sample_questions(), shuffle=True)
    ada.sign_in(remember=True)
    ada.start_test()
    legends = ada.page.locator("legend .rich").all_inner_texts()
    labels = ada.page.locator("label.option").all_inner_texts()
    ada.choose(1, "a")
    ada.upload()
    ada.sees("Your answers are uploaded")
    api.now += timedelta(days=3)
    api.release(SUBJECT, TEST, "s001")
    ada.open(ADDRESS)
    expect(question(ada, 6)).to_be_visible()
    assert ada.page.locator("section.reviewed > h2 + .rich").all_inner_texts() == legends
    shown = [text.replace("\n", "") for text in ada.page.locator("section.reviewed li").all_inner_texts()]
    plain = [text.replace("Your answer", "").replace("Right", "") for text in shown]
    assert plain == [label.replace("\n", "") for label in labels]


def test_answers_that_differ_from_those_uploaded_here_are_reported(released: Student) -> None:
    released.page.evaluate(
        """() => {
          const name = Object.keys(localStorage).find((name) => name.endsWith("|answer|3"));
          localStorage.setItem(name, JSON.stringify({ ...JSON.parse(localStorage[name]), answer: ["c"] }));
        }"""
    )
    released.open(ADDRESS)
    expect(released.page.locator(".panel.warn")).to_contain_text("different in: question 3.")


def test_answers_uploaded_from_another_device_are_not_compared(released: Student) -> None:
    released.page.evaluate(
        """() => {
          const name = Object.keys(localStorage).find((name) => name.endsWith("|receipt"));
          localStorage.setItem(name, JSON.stringify({ ...JSON.parse(localStorage[name]), receiptId: "R-1" }));
          localStorage.removeItem(Object.keys(localStorage).find((name) => name.endsWith("|answer|3")));
        }"""
    )
    released.open(ADDRESS)
    expect(question(released, 6)).to_be_visible()
    expect(released.page.locator(".panel")).to_have_count(0)


def test_a_draft_that_was_handed_in_is_not_called_uploaded(released: Student, api: LocalApi) -> None:
    api.hand_in(SUBJECT, TEST, "s001", left_out=2)
    main = released.page.locator("main")
    released.open(ADDRESS)
    expect(main).to_contain_text("handed in automatically, last saved")
    expect(question(released, 2)).to_contain_text("Your answer was left out: the question was changed")
    for address in ("#/scores", "#/", f"#/receipt/{SUBJECT}/{TEST}"):
        released.open(address)
        expect(main).to_contain_text("anded in automatically")
        expect(main).not_to_contain_text("ploaded")


def test_the_receipt_of_a_scored_test_promises_no_score(released: Student) -> None:
    released.open()
    expect(released.page.get_by_role("heading", name="Scored")).to_be_visible()
    released.open(f"#/receipt/{SUBJECT}/{TEST}")
    expect(released.page.get_by_text("beside your score")).to_be_visible()
    expect(released.page.get_by_text("You get your score after")).to_have_count(0)


@pytest.mark.faults
def test_before_the_release_nothing_is_offered_or_shown(ada: Student, api: LocalApi) -> None:
    uploaded(ada)
    ada.open("#/scores")
    expect(ada.page.get_by_text("None of your tests has been scored yet.")).to_be_visible()
    ada.open(ADDRESS)
    ada.sees("Not released yet")
    expect(ada.page.get_by_text("They are released with the scores")).to_be_visible()
    assert "Because of a." not in ada.page.content()
