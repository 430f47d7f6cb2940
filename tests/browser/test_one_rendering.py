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
from support.random_tests import random_answer, random_questions, typed_answer
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

# What has a letter or a number, with it.
LEADING = """
  const led = (entries) => [...entries]
    .map((entry) => ["letter", "rich"].map((name) => entry.querySelector(`.${name}`)))
    .map(([letter, rich]) => [letter.textContent, parts(rich)]);
"""

# Gives each type of answer, as a student would.
GIVING = """
  const change = (input, value) => {
    input.value = value;
    for (const name of ["input", "change"]) input.dispatchEvent(new Event(name, { bubbles: true }));
  };
  const inOrder = (field, ids) => ids.forEach((id, place) => {
    const entry = field.querySelector(`[data-id="${id}"]`);
    while ([...entry.parentNode.children].indexOf(entry) > place) entry.querySelector("button").click();
  });
  const give = (field, type, answer) => {
    if (answer === null) return;
    const inGap = (gap) => field.querySelector(`[id^="answer-"][id$="-${gap}"]`);
    if (type === "gaps") for (const [gap, part] of Object.entries(answer)) change(inGap(gap), part);
    else if (type === "number" || type === "text") change(field.querySelector("input"), answer);
    else if (type === "match") {
      const select = (item) => field.querySelector(`select[id$="-${item}"]`);
      for (const [item, option] of Object.entries(answer)) change(select(item), option);
    } else if (type === "order") {
      inOrder(field, answer);
      const accept = field.querySelector(".ranking + button");
      if (!accept.hidden) accept.click();
    } else for (const id of [answer].flat()) field.querySelector(`input[value="${id}"]`).click();
  };
  // The options of a match are above it, unless all of them fit into its lists of options.
  const optionsOf = (field) => {
    if (field.matches("fieldset:has(.gap)")) return [];
    const lists = field.querySelectorAll(".option, .ranking > li, .listed > li");
    const select = field.querySelector("select");
    if (lists.length || !select) return led(lists).sort();
    return [...select.options].slice(1).map(({ text }) => text.replace(/[\u2068\u2069]/g, ""))
      .map((text) => [text.slice(0, 2), [["prose", text.slice(3)]]]);
  };
  const gapsOf = (field) => [...field.querySelectorAll(".gap")].filter((gap) => gap.querySelector("select"))
    .map((gap) => [gap.querySelector("label").textContent, optionsOf(gap)]);
  const letterIn = (gap) => gap.querySelectorAll(".letter")[1]?.textContent.replace(":", "");
  const partOf = (gap) => gap.querySelector(".typed")?.textContent ?? letterIn(gap);
  const gapNumber = (gap) => gap.querySelector(".letter").textContent.replace("Gap ", "");
  const brief = (item) => {
    const gaps = [...item.querySelectorAll(".gap")].map((gap) => [gapNumber(gap), partOf(gap)]);
    if (gaps.length) return gaps.filter(([, part]) => part !== undefined).map((part) => part.join(": ")).join(" | ");
    const letters = (row) => [...row.querySelectorAll(".letter")].map((letter) => letter.textContent.replace(":", ""));
    const pairs = [...item.querySelectorAll(".pair")];
    if (item.querySelector(".typed")) return item.querySelector(".typed").textContent;
    return pairs.length ? pairs.map(letters).filter((pair) => pair.length === 2).map((pair) => pair.join("")).join(" ")
      : letters(item).join(" ");
  };
"""

# Take each test in turn: what is shown, and the answers given.
TAKE_ON_PAGE = (
    f"async (tests) => {{{PARTS}{LEADING}{GIVING}"
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
  for (const { subject, id, title, types, answers } of tests) {
    location.hash = `#/test/${subject}/${id}`;
    await until(() => heading() === title && document.querySelector("fieldset"));
    const questions = [...document.querySelectorAll("fieldset")].map((field, at) => {
      const shown = {
        name: field.querySelector(".number").textContent,
        text: parts(field.querySelector("legend .rich")),
        items: led(field.querySelectorAll(".pair:not(.gap) > label")),
        options: optionsOf(field),
        gaps: gapsOf(field),
      };
      give(field, types[at], answers[at]);
      return shown;
    });
    location.hash = `#/review/${subject}/${id}`;
    await until(() => heading() === "Upload your answers?");
    const review = [...document.querySelectorAll(".answers > li")]
      .map((item) => [item.querySelector(".asked a").textContent, brief(item)]);
    const panels = [...document.querySelectorAll(".panel")];
    const named = (words) => panels.filter((panel) => panel.textContent.includes(words))
      .flatMap((panel) => [...panel.querySelectorAll(".jump a")])
      .map((link) => link.textContent.replace("Question ", "")).join(", ");
    const [unanswered, partly] = ["Unanswered questions", "What you leave out"].map(named);
    document.querySelector(".bar .primary").click();
    await until(() => heading() === "Your answers are uploaded");
    const receipt = [...document.querySelectorAll(".receipt li .typed")].map((answer) => answer.textContent);
    taken.push({ questions, review, unanswered, partly, receipt });
  }
  return taken;
}"""
)

# What is shown of a released test, as `reviewed_in_terminal` describes it.
REVIEW_ON_PAGE = (
    f"() => {{{PARTS}{LEADING}"
    + """
  const has = (row, mark) => [...row.querySelectorAll(".chip")].some((chip) => chip.textContent === mark);
  const letter = (row) => row.querySelector(".letter").textContent.replace(":", "");
  const inGap = (gap, mark) => [...gap.querySelectorAll(".chosen")].filter((row) => has(row, mark))
    .map((row) => row.querySelector(".typed")?.textContent ?? letter(row)).join(" or ");
  const gapName = (gap) => gap.querySelector(".letter").textContent;
  // What carries a mark: rows of options or of typed text, the option of each item, an order as a whole, a gap.
  const marked = (section, mark) => {
    const all = (selector) => [...section.querySelectorAll(selector)].filter((row) => has(row, mark));
    const gapsOf = [...section.querySelectorAll(".gap")];
    const gaps = gapsOf.map((gap) => [gapName(gap).replace("Gap ", ""), inGap(gap, mark)]);
    if (gaps.length) return gaps.filter(([, part]) => part).map((part) => part.join(": ")).join(" | ");
    const typed = all("li:has(> .typed)").map((row) => row.querySelector(".typed").textContent);
    const pairs = all(".pair > .chosen").map((row) => letter(row.parentNode) + letter(row));
    const order = all("li:has(> .in-order)").flatMap((list) => [...list.querySelectorAll(".in-order > li")]);
    const options = all(".tests > li.chosen:has(> .letter)");
    return typed.join(" or ") || [...pairs, ...[...order, ...options].map(letter)].join(" ");
  };
  const OPTIONS = ".tests > .chosen:has(> .letter), .in-order > li, .pair:not(.gap) > .chosen:has(.chip)";
  return [...document.querySelectorAll("section.reviewed")].map((section) => {
    return {
      name: section.querySelector("h2").textContent,
      text: parts(section.querySelector(":scope > .rich")),
      items: led(section.querySelectorAll(".pair > .chosen:first-child")),
      options: led(section.querySelectorAll(OPTIONS)),
      gaps: [...section.querySelectorAll(".gap:has(.chosen > .rich)")]
        .map((gap) => [gapName(gap), led(gap.querySelectorAll(".chosen"))]),
      own: marked(section, "Your answer") || "none",
      right: marked(section, "Right"),
      feedback: [...section.querySelectorAll(".feedback .rich")].map((rich) => rich.textContent),
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
    screen = re.sub(
        r"^\((?:one or more|one answer|a number,|type your|all letters|a letter)\s.*", "", screen, flags=re.M | re.S
    )
    name, number, text, *listed = re.split(r"^(\[\d+\] |\d+: |[a-z]: |Gap \d+:$)", screen, flags=re.M)
    assert name.split()[1] == number.strip("[] ")
    items: list[Any] = []
    options: list[Any] = []
    facts = {"name": " ".join(name.split()), "text": text_in_terminal(text, len(number))}
    found: dict[str, Any] = {**facts, "items": items, "options": options, "gaps": []}
    for lead, entry in zip(listed[::2], listed[1::2], strict=True):
        if lead.startswith("Gap"):
            options = []
            found["gaps"].append([lead.removesuffix(":"), options])
        else:
            (items if lead[0].isdigit() else options).append([lead.strip(), text_in_terminal(entry, 3)])
    return found


def reviewed_in_terminal(screen: str) -> list[dict[str, Any]]:
    """The questions of a review."""
    found = []
    for shown in re.split(r"^(?=Question \d+ of \d+$)", screen, flags=re.M)[1:]:
        question, own, right, points = re.split(r"^(?:Your answer|Right answer|Points): ", shown, flags=re.M)
        own, *feedback = re.split(r"^Feedback: ", own, flags=re.M)
        facts = {"own": own, "right": right, "points": points.partition("\n")[0]}
        found.append(
            question_in_terminal(question)
            | {name: fact.strip().replace("\n  ", " ") for name, fact in facts.items()}
            | {"feedback": [" ".join(each.split()) for each in feedback]}
        )
    return found


def text_in_terminal(text: str, indent: int) -> Parts:
    first, *others = text.removesuffix("\n").split("\n")
    return comparable(parts_in_terminal([first, *(line[indent:] for line in others)]))


def question_on_page(question: dict[str, Any]) -> dict[str, Any]:
    """What TAKE_ON_PAGE found of a question, its texts comparable."""
    listed = {kind: [[lead, comparable(parts)] for lead, parts in question[kind]] for kind in ("items", "options")}
    gaps = [[name, [[lead, comparable(parts)] for lead, parts in options]] for name, options in question["gaps"]]
    return {**question, **listed, "gaps": gaps, "text": comparable(question["text"])}


def test_page_and_terminal_show_a_hundred_tests_alike_and_send_the_same_answers(
    open_browser: Callable[..., Student], api: LocalApi, tmp_path: Path
) -> None:
    rng = random.Random(2026)
    ada = open_browser()
    ids = [f"random{number:03}" for number in range(TESTS)]
    for number, test in enumerate(ids):
        api.publish_test(SUBJECT, test, random_questions(rng), title=f"Title of {test}", shuffle=number % 2 == 1)
    documents, given = [], []
    for test in ids:
        asked = Request(f"{api.endpoint}/v1/test?subjectName={SUBJECT}&testId={test}", headers={"x-api-key": ada.key})
        with urlopen(asked) as reply:
            documents.append(json.load(reply))
        given.append(some_answers(rng, documents[-1]["questions"]))
    students = [
        client_functions.Student(
            [rng.randint(20, 200) for _ in answers],
            [typed_answer(*each) for each in zip(document["questions"], answers, strict=True)],
        )
        for document, answers in zip(documents, given, strict=True)
    ]
    with ThreadPoolExecutor() as beside:
        terminal_takes = beside.submit(client_functions.take, tmp_path, list(zip(documents, students, strict=True)))
        ada.sign_in()
        on_page = ada.page.evaluate(
            TAKE_ON_PAGE,
            [
                {
                    "subject": SUBJECT,
                    "id": test,
                    "title": f"Title of {test}",
                    "types": [question["type"] for question in document["questions"]],
                    "answers": answers,
                }
                for test, document, answers in zip(ids, documents, given, strict=True)
            ],
        )
        in_terminal = terminal_takes.result()
    stored = ada.stored()
    for test, document, answers, page, terminal in zip(ids, documents, given, on_page, in_terminal, strict=True):
        for question, screen in zip(page["questions"], terminal.screens, strict=True):
            assert question_in_terminal(screen) == question_on_page(question)
        assert [name for name, _ in page["review"]] == [question["name"] for question in page["questions"]]
        summary = [words or "not answered" for _, words in page["review"]]
        assert re.findall(r"^\d+: (.*)", terminal.summary.replace("\n   ", " "), re.M) == summary
        assert [words.replace(", ", " ") for words in page["receipt"]] == [
            words.replace(", ", " ") for words in summary
        ]
        for line, named in ("Not answered", page["unanswered"]), ("Partly answered", page["partly"]):
            assert "".join(re.findall(f"^{line}: (.*)", terminal.summary, re.M)) == named
        sent = {
            str(question["number"]): answer
            for question, answer in zip(document["questions"], answers, strict=True)
            if answer is not None
        }
        assert stored[f"answers/{SUBJECT}/s001/{test}.json"]["answers"] == sent
        multiple = {str(question["number"]) for question in document["questions"] if question["type"] == "multiple"}
        assert sent == {
            number: sorted(answer) if number in multiple else answer for number, answer in terminal.answers.items()
        }


def some_answers(rng: random.Random, questions: list[dict[str, Any]]) -> list[Any]:
    """An answer to each question, None for most of those without one, and one of them at least."""
    answers: list[Any] = []
    while not any(answers):
        answers = [random_answer(rng, question) for question in questions]
    return answers


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
        answers = {
            str(number): answer for number, answer in enumerate(some_answers(rng, questions), 1) if answer is not None
        }
        api.bucket.put_json(answers_key(SUBJECT, "s001", test), submission(SUBJECT, test, "s001", answers))
    api.now += timedelta(days=3)
    for test in ids:
        api.release(SUBJECT, test, "s001")
        ada.open(f"#/answers/{SUBJECT}/{test}")
        ada.sees(f"Title of {test}")
        on_page = [question_on_page(question) for question in ada.page.evaluate(REVIEW_ON_PAGE)]
        screen = client.run("--review", f"{SUBJECT}/{test}").stdout
        assert f"Title: Title of {test}" in " ".join(screen.split())
        for page, terminal in zip(on_page, reviewed_in_terminal(screen), strict=True):
            # The page shows what was answered and what is right: an option twice, or not at all.
            shown = {letter for letter, _ in page["options"]}
            assert all(option in terminal["options"] for option in page["options"])
            assert page["items"] or shown == {letter for letter, _ in terminal["options"]}
            for (name, some), (terminal_name, options) in zip(page["gaps"], terminal["gaps"], strict=True):
                assert name == terminal_name
                assert all(option in options for option in some)
            assert {**page, "options": [], "gaps": []} == {**terminal, "options": [], "gaps": []}


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
