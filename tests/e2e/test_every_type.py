"""A test with every type of question, a pool and an image: taken on the page and in a terminal, and scored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from common.shared.object_keys import score_key
from support.api_calls import call
from support.browser_student import Visitor
from support.chromium import running_chromium
from support.deployed_project import Project, wait_until
from support.terminal_client import CONFIRM, TerminalClient, finish

SUBJECT, TEST, TITLE = "operating-systems", "types01", "Every type"
ON_THE_PAGE, IN_A_TERMINAL = "s003", "s005"
PROMPT = r"(?:Your answer|Gap \d)[^:]*: $"
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1L8 8" stroke="#000"/></svg>'
QUESTIONS = """
title: Every type
format: markdown
math: true
partial_credit: net-correct
questions:
  - text: "What is a **kernel**? ![a line](line.svg)"
    options: {a: the *core* of a system, b: a browser}
    answer: a
  - text: Which are shells?
    options: {a: bash, b: zsh, c: gcc}
    answer: {a: 60, b: 40, c: -50}
    feedback: {c: It is a compiler.}
  - text: How strong is gravity, in $m/s^2$?
    number: [{value: 9.81, tolerance: 1%}, {from: 9, to: 10, share: 50, feedback: More exactly.}]
  - text: What lists a folder?
    accept: [ls*, {text: dir, share: 50}]
  - text: In which order does a shell call these?
    order: [fork, exec, wait]
  - text: Which capital is whose?
    match: [{item: Poland, option: Warsaw}, {item: Italy, option: Rome}]
    other_options: [Berlin]
  - text: "A page has {{1}} bytes, and the kernel {{2}} processes; `{{3}}` shows them."
    gaps:
      1: {number: 4096}
      2: {options: {a: schedules, b: prints}, answer: a}
      3: {accept: ps}
    points: 3
  - pool: sums
    question: {text: "What is {a} + {b}?", number: "{sum}", points: 2}
    values: [{a: 17, b: 25, sum: 42}, {a: 28, b: 36, sum: 64}, {a: 49, b: 16, sum: 65}]
"""
SUMS = {"17 + 25": "42", "28 + 36": "64", "49 + 16": "65"}
# What each student answers, by the beginning of the question: texts of options, the other one's last sum is wrong.
RIGHT: dict[str, Any] = {
    "What is a *kernel*": "the *core* of a system",
    "Which are shells": ["bash", "zsh"],
    "How strong": "9,8",
    "What lists": "ls  -l",
    "In which order": ["fork", "exec", "wait"],
    "Which capital": {"Poland": "Warsaw", "Italy": "Rome"},
    "A page": {"1": "4096", "2": "schedules", "3": "ps"},
}
PARTLY: dict[str, Any] = {
    "What is a *kernel*": "a browser",
    "Which are shells": ["bash", "gcc"],
    "How strong": "9.5",
    "What lists": "DIR",
    "In which order": ["fork", "wait", "exec"],
    "Which capital": {"Poland": "Warsaw", "Italy": "Warsaw"},
    "A page": {"1": "4096", "2": "prints", "3": "top"},
}


@pytest.fixture(scope="module")
def endpoint(project: Project) -> Iterator[str]:
    """Where the test is published while these tests run."""
    folder = project.folder / "class" / "subjects" / SUBJECT
    file, images = folder / f"{TEST}.yml", folder / "images"
    images.mkdir()
    (images / "line.svg").write_text(DRAWING)
    file.write_text(QUESTIONS)
    update = ("./update-subjects-or-students.sh", "--local")
    try:
        project.run(*update)
        yield project.student(ON_THE_PAGE)["TEST_TIME_ENDPOINT"]
    finally:
        file.unlink()
        (images / "line.svg").unlink()
        images.rmdir()
        project.run(*update)


def asked(project: Project, student: str) -> list[dict[str, Any]]:
    """The questions as this student gets them."""
    status, test = call(project.student(student), "GET", f"/v1/test?subjectName={SUBJECT}&testId={TEST}")
    assert status == 200, test
    questions: list[dict[str, Any]] = test["questions"]
    return questions


def wanted(question: dict[str, Any], answers: dict[str, Any]) -> Any:
    """What is to be answered; the sum that was drawn is always right."""
    found = [answer for beginning, answer in answers.items() if question["text"].startswith(beginning)]
    return found[0] if found else next(total for sum_, total in SUMS.items() if sum_ in question["text"])


def answer_on_page(page: Page, question: dict[str, Any], answer: Any) -> None:
    field = page.locator(f"#question-{question['number']}")
    match question["type"]:
        case "single" | "multiple":
            for text in [answer] if isinstance(answer, str) else answer:
                field.locator(".option input").nth(place_of(question, text)).check()
        case "number" | "text":
            field.get_by_role("textbox").fill(answer)
        case "order":
            put_in_order(field, answer)
        case "match":
            for item, option in answer.items():
                field.get_by_role("combobox", name=item).select_option(index=place_of(question, option) + 1)
        case "gaps":
            field.get_by_label("Gap 1").fill(answer["1"])
            field.get_by_label("Gap 2").select_option(index=place_of(question["gaps"][1], answer["2"]) + 1)
            field.get_by_label("Gap 3").fill(answer["3"])


def put_in_order(field: Locator, options: list[str]) -> None:
    def shown() -> list[str]:
        return field.locator(".ranking .rich").all_inner_texts()

    for place, option in enumerate(options):
        while shown().index(option) > place:
            field.get_by_role("button", name="Move up").and_(field.get_by_label(option, exact=False)).click()
    if (accept := field.get_by_role("button", name="Answer with this order")).is_visible():
        accept.click()


def place_of(question: dict[str, Any], text: str) -> int:
    return [option["text"] for option in question["options"]].index(text)


def letter_of(question: dict[str, Any], text: str) -> str:
    return "abcdef"[place_of(question, text)]


def lines_in_terminal(question: dict[str, Any], answer: Any) -> list[str]:
    match question["type"]:
        case "single":
            return [letter_of(question, answer)]
        case "multiple" | "order":
            return [" ".join(letter_of(question, text) for text in answer)]
        case "match":
            places = enumerate((item["text"] for item in question["items"]), 1)
            return [" ".join(f"{place}{letter_of(question, answer[item])}" for place, item in places)]
        case "gaps":
            return [answer["1"], letter_of(question["gaps"][1], answer["2"]), answer["3"]]
    return [answer]


def test_every_type_is_taken_on_the_page_and_in_a_terminal_and_scored(
    project: Project, endpoint: str, tmp_path: Path
) -> None:
    take_on_page(project, endpoint)
    take_in_terminal(project, endpoint, tmp_path)
    project.score()
    assert points(project, ON_THE_PAGE) == [1, 1, 1, 1, 1, 1, 3, 2]
    # 60 - 50 per cent; half a point twice; a third; one of two pairs; one of three gaps.
    assert points(project, IN_A_TERMINAL) == [0, 0.1, 0.5, 0.5, 0.33, 0.5, 1, 2]
    mails = [mail["subject"] for mail in project.mails() if f"{TEST} in {SUBJECT}:" in mail["subject"]]
    assert sorted(subject.split(": ")[1] for subject in mails) == ["11 of 11", "4.93 of 11"]


def take_on_page(project: Project, endpoint: str) -> None:
    questions = asked(project, ON_THE_PAGE)
    with running_chromium() as browser:
        student = Visitor(browser.new_context(), endpoint, project.student(ON_THE_PAGE)["TEST_TIME_API_KEY"])
        student.sign_in()
        student.open(f"#/test/{SUBJECT}/{TEST}")
        student.sees(TITLE)
        expect(student.page.get_by_role("img", name="a line")).to_have_attribute("src", re.compile("^data:image/svg"))
        for question in questions:
            answer_on_page(student.page, question, wanted(question, RIGHT))
        expect(student.page.locator(".progress")).to_have_text("8 of 8 answered")
        student.upload()
        student.sees("Your answers are uploaded")
        assert student.complaints == []
        assert student.foreign_requests == []


def take_in_terminal(project: Project, endpoint: str, home: Path) -> None:
    settings = project.student(IN_A_TERMINAL)
    # A warm function may list what was published a moment ago without it.
    wait_until(lambda: is_listed(settings), 90, "the list of tests")
    client = TerminalClient(home, endpoint, settings["TEST_TIME_API_KEY"])
    terminal = client.open("--subject", SUBJECT, "--test", TEST)
    for question in asked(project, IN_A_TERMINAL):
        for line in lines_in_terminal(question, wanted(question, PARTLY)):
            terminal.expect(PROMPT)
            terminal.sendline(line)
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    status, shown = finish(terminal)
    assert status == 0, shown


def is_listed(settings: dict[str, str]) -> bool:
    return TEST in [test["testId"] for test in call(settings, "GET", "/v1/student")[1]["tests"]]


def points(project: Project, student: str) -> list[float]:
    """The points of each question that the student got."""
    stored = project.client("s3").get_object(
        Bucket=project.outputs()["DataBucketName"], Key=score_key(SUBJECT, TEST, student)
    )
    questions: dict[str, Any] = json.loads(stored["Body"].read())["questions"]
    return [questions[number]["points"] for number in sorted(questions, key=int)]
