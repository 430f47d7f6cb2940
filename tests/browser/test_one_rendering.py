"""A hundred random tests, each taken on the page and in the terminal: the same words, numbers, letters and answers.

So are the reviews of random tests, and one style of dates: on the page, in the terminal and in the emails.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from common.run.code_in_text import inline_code
from common.run.mail_text import local_time
from common.shared.object_keys import answers_key
from support import client_functions
from support.browser_student import SUBJECT, Student
from support.documents import submission
from support.local_api import LocalApi, sample_questions
from support.random_tests import random_questions
from support.terminal_client import TerminalClient

TESTS = 100
# A part of a text: prose without its white space, or code with every space of it.
Parts = list[list[str]]

# The parts of a text on the page.
PARTS = """
  const parts = (rich) => [...rich.children].flatMap((block) => block.matches("code.block")
    ? [["code", block.textContent]]
    : [...block.childNodes].map((node) => [node.nodeName === "CODE" ? "inline" : "prose", node.textContent]));
"""

# Take each test in turn, as a student would: what is shown, and clicks on the options at the places that were chosen.
TAKE_ON_PAGE = (
    f"async (tests) => {{{PARTS}"
    + """
  const until = async (ready) => {
    const end = performance.now() + 20000;
    while (!ready()) {
      if (performance.now() > end) throw new Error(`${location.hash}: ${ready}: ${document.body.innerText}`);
      await new Promise((resume) => setTimeout(resume, 2));
    }
  };
  const heading = () => document.querySelector("h1").textContent;
  const taken = [];
  for (const { subject, id, title, chosen } of tests) {
    location.hash = `#/test/${subject}/${id}`;
    await until(() => heading() === title && document.querySelector("fieldset"));
    const questions = [...document.querySelectorAll("fieldset")].map((field, at) => {
      const options = [...field.querySelectorAll(".option")];
      for (const place of chosen[at]) options[place].querySelector("input").click();
      return {
        name: field.querySelector(".number").textContent,
        text: parts(field.querySelector("legend .rich")),
        options: options.map((option) => ["letter", "rich"].map((name) => option.querySelector(`.${name}`)))
          .map(([letter, rich]) => [letter.textContent, parts(rich)]),
      };
    });
    location.hash = `#/review/${subject}/${id}`;
    await until(() => heading() === "Upload your answers?");
    const review = [...document.querySelectorAll(".answers > li")].map((item) => [
      item.querySelector(".asked a").textContent,
      [...item.querySelectorAll(".chosen .letter")].map((letter) => letter.textContent),
    ]);
    const unanswered = [...document.querySelectorAll(".jump a")].map((link) => link.textContent);
    document.querySelector(".bar .primary").click();
    await until(() => heading() === "Your answers are uploaded");
    taken.push({ questions, review, unanswered });
  }
  return taken;
}"""
)

# What is shown of a released test, as `reviewed_in_terminal` describes it.
REVIEW_ON_PAGE = (
    f"() => {{{PARTS}"
    + """
  return [...document.querySelectorAll("section.reviewed")].map((section) => {
    const options = [...section.querySelectorAll("li")];
    const marked = (mark) => options
      .filter((option) => [...option.querySelectorAll(".chip")].some((chip) => chip.textContent === mark))
      .map((option) => option.querySelector(".letter").textContent.replace(":", ""));
    return {
      name: section.querySelector("h2").textContent,
      text: parts(section.querySelector(":scope > .rich")),
      options: options.map((option) => ["letter", "rich"].map((name) => option.querySelector(`.${name}`)))
        .map(([letter, rich]) => [letter.textContent, parts(rich)]),
      own: marked("Your answer").join(" ") || "none",
      right: marked("Right").join(" "),
      points: section.querySelector(":scope > p > strong").textContent.replace("Points: ", ""),
    };
  });
}"""
)


def comparable(parts: Parts) -> Parts:
    """Prose without white space, where the two break lines in different places; neighbours joined, nothing empty."""
    found: Parts = []
    for kind, part in parts:
        text = re.sub(r"\s", "", part) if kind == "prose" else part
        if kind == "prose" and found and found[-1][0] == "prose":
            found[-1][1] += text
        elif text or kind != "prose":
            found.append([kind, text])
    return found


def parts_in_terminal(lines: list[str]) -> Parts:
    """What a student reads from lines without their indent: bars are code, and what is behind > belongs to its line."""
    blocks: Parts = []
    for line in lines:
        kind = "code" if line.startswith("| ") else "prose"
        if line.startswith("> "):
            blocks[-1][1] += line[2:]
        elif blocks and blocks[-1][0] == kind:
            blocks[-1][1] += f"\n{line.removeprefix('| ')}"
        else:
            blocks.append([kind, line.removeprefix("| ")])
    parts: Parts = []
    for kind, text in blocks:
        parts += [[kind, text]] if kind == "code" else inline_parts(text.replace("\n", " "))
    return parts


def inline_parts(text: str) -> Parts:
    return [["inline" if part.is_code else "prose", part.text] for part in inline_code(text)]


def question_in_terminal(screen: str) -> dict[str, Any]:
    """A question's screen as TAKE_ON_PAGE describes a question."""
    screen = re.sub(r"^\(one or more\b.*", "", screen, flags=re.M | re.S)
    name, number, text, *options = re.split(r"^(\[\d+\]|[a-z]:) ", screen, flags=re.M)
    assert name.split()[1] == number.strip("[]")
    return {
        "name": " ".join(name.split()),
        "text": text_in_terminal(text, len(number) + 1),
        "options": [
            [letter, text_in_terminal(option, 3)] for letter, option in zip(options[::2], options[1::2], strict=True)
        ],
    }


def reviewed_in_terminal(screen: str) -> list[dict[str, Any]]:
    """The questions of a review."""
    found = []
    for shown in re.split(r"^(?=Question \d+ of \d+$)", screen, flags=re.M)[1:]:
        question, own, right, points = re.split(r"^(?:Your answer|Right answer|Points): ", shown, flags=re.M)
        facts = {"own": own, "right": right, "points": points.partition("\n")[0]}
        found.append(question_in_terminal(question) | {name: fact.strip() for name, fact in facts.items()})
    return found


def text_in_terminal(text: str, indent: int) -> Parts:
    first, *others = text.removesuffix("\n").split("\n")
    return comparable(parts_in_terminal([first, *(line[indent:] for line in others)]))


def question_on_page(question: dict[str, Any]) -> dict[str, Any]:
    """What TAKE_ON_PAGE found of a question, its texts comparable."""
    options = [[letter, comparable(parts)] for letter, parts in question["options"]]
    return {**question, "text": comparable(question["text"]), "options": options}


def test_page_and_terminal_show_a_hundred_tests_alike_and_send_the_same_answers(
    open_browser: Callable[..., Student], api: LocalApi, tmp_path: Path
) -> None:
    rng = random.Random(2026)
    ada = open_browser()
    ids = [f"random{number:03}" for number in range(TESTS)]
    for number, test in enumerate(ids):
        api.publish_test(SUBJECT, test, random_questions(rng), title=f"Title of {test}", shuffle=number % 2 == 1)
    documents, chosen = [], []
    for test in ids:
        asked = Request(f"{api.endpoint}/v1/test?subjectName={SUBJECT}&testId={test}", headers={"x-api-key": ada.key})
        with urlopen(asked) as reply:
            documents.append(json.load(reply))
        chosen.append([places(rng, question) for question in documents[-1]["questions"]])
        if not any(chosen[-1]):
            chosen[-1][0] = [0]
    students = [
        client_functions.Student(
            [rng.randint(20, 200) for _ in answers],
            [" ".join("abcdefgh"[place] for place in answer) for answer in answers],
        )
        for answers in chosen
    ]
    with ThreadPoolExecutor() as beside:
        terminal_takes = beside.submit(client_functions.take, tmp_path, list(zip(documents, students, strict=True)))
        ada.sign_in()
        on_page = ada.page.evaluate(
            TAKE_ON_PAGE,
            [
                {"subject": SUBJECT, "id": test, "title": f"Title of {test}", "chosen": answers}
                for test, answers in zip(ids, chosen, strict=True)
            ],
        )
        in_terminal = terminal_takes.result()
    stored = ada.stored()
    for test, page, terminal in zip(ids, on_page, in_terminal, strict=True):
        for question, screen in zip(page["questions"], terminal.screens, strict=True):
            assert question_in_terminal(screen) == question_on_page(question)
        assert [name for name, _ in page["review"]] == [question["name"] for question in page["questions"]]
        summary = [" ".join(letters).replace(":", "") or "not answered" for _, letters in page["review"]]
        assert re.findall(r"^\d+: (.*)", terminal.summary, re.M) == summary
        unanswered = re.findall(r"^Not answered: (.*)", terminal.summary, re.M)
        assert ", ".join(link.removeprefix("Question ") for link in page["unanswered"]) == "".join(unanswered)
        sent = stored[f"answers/{SUBJECT}/s001/{test}.json"]["answers"]
        assert sent == {
            number: sorted(answer) if isinstance(answer, list) else answer
            for number, answer in terminal.answers.items()
        }


def test_page_and_terminal_show_reviews_alike(
    open_browser: Callable[..., Student], api: LocalApi, tmp_path: Path
) -> None:
    rng = random.Random(11)
    ada = open_browser()
    ada.sign_in()
    client = TerminalClient(tmp_path, api.endpoint, ada.key)
    ids = [f"random{number:03}" for number in range(12)]
    for number, test in enumerate(ids):
        questions = random_questions(rng)
        api.publish_test(SUBJECT, test, questions, title=f"Title of {test}", shuffle=number % 2 == 1)
        api.bucket.put_json(
            answers_key(SUBJECT, "s001", test), submission(SUBJECT, test, "s001", random_answers(rng, questions))
        )
    api.now += timedelta(days=3)
    for test in ids:
        api.release(SUBJECT, test, "s001")
        ada.open(f"#/answers/{SUBJECT}/{test}")
        ada.sees(f"Title of {test}")
        on_page = [question_on_page(question) for question in ada.page.evaluate(REVIEW_ON_PAGE)]
        screen = client.run("--review", f"{SUBJECT}/{test}").stdout
        assert f"Title: Title of {test}" in " ".join(screen.split())
        assert reviewed_in_terminal(screen) == on_page


def random_answers(rng: random.Random, questions: list[dict[str, Any]]) -> dict[str, Any]:
    """Answers to some of the questions, as they are uploaded."""
    answers: dict[str, Any] = {}
    for number, question in enumerate(questions, 1):
        options = [question["options"][place]["id"] for place in places(rng, question)]
        if options:
            answers[str(number)] = options if question["type"] == "multiple" else options[0]
    return answers


def places(rng: random.Random, question: dict[str, Any]) -> list[int]:
    """The places of the options that the student chooses: none, one, or several where that is allowed."""
    most = len(question["options"]) if question["type"] == "multiple" else 1
    return sorted(rng.sample(range(len(question["options"])), rng.randint(0, most)))


@pytest.mark.parametrize("locale", ["en-US", "pl-PL"])
def test_page_terminal_and_emails_write_a_time_alike(
    open_browser: Callable[..., Student], api: LocalApi, tmp_path: Path, locale: str
) -> None:
    zone = "Europe/Warsaw"
    times = ["2027-01-01T00:00:00", "2027-09-06T12:05:00", "2027-12-31T23:59:00", "2027-06-30T09:00:00"]
    moments = [datetime.fromisoformat(time).replace(tzinfo=ZoneInfo(zone)) for time in times]
    for number, moment in enumerate(moments):
        api.publish_test(SUBJECT, f"t{number}", sample_questions(), moment, title=f"Test {number}")
    ada = open_browser(locale=locale, timezone_id=zone)
    ada.sign_in()
    cards = [ada.page.get_by_role("listitem").filter(has_text=f"Test {number}") for number in range(len(times))]
    listed = " ".join(TerminalClient(tmp_path, api.endpoint, ada.key).run("--list").stdout.split())
    for card, moment in zip(cards, moments, strict=True):
        in_mail = local_time(moment, zone)
        elsewhere = in_mail.replace(zone, moment.tzname() or "")
        assert card.locator("time").inner_text() == elsewhere
        assert f"open until {elsewhere}," in listed
    expect(ada.page.get_by_text(f"All times are in your device's time zone, {zone}.")).to_be_visible()


def test_inline_code_keeps_its_spaces_beside_the_answer_that_is_checked(
    open_browser: Callable[..., Student], api: LocalApi
) -> None:
    question = {**sample_questions()[0], "text": "Is  this\n`a    b`?"}
    api.publish_test(SUBJECT, "code", [question], title="Code")
    ada = open_browser()
    ada.sign_in()
    ada.open(f"#/review/{SUBJECT}/code")
    asked = ada.page.locator(".asked bdi")
    expect(asked).to_be_visible()
    assert asked.text_content() == "Is this a    b?"
