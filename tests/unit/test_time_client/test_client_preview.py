"""With the trainer's key, the terminal shows any test as students see it, and nothing can be submitted."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from support.local_api import LocalApi, sample_questions
from support.terminal_client import Terminal, TerminalClient, finish, phrase

SUBJECT = "operating-systems"
CHOICE = re.escape("Which one (1-2, or quit)? ")


@pytest.fixture
def trainer(api: LocalApi, client: TerminalClient) -> TerminalClient:
    """The terminal of the trainer, whose class also has a test that has closed."""
    api.publish_test(SUBJECT, "test00", [sample_questions()[1]], api.now - timedelta(days=3), title="Shells")
    client.environment["TEST_TIME_API_KEY"] = api.add_trainer()
    return client


def questions_shown(terminal: Terminal) -> str:
    """What is between the two rules, once the preview has ended."""
    status, text = finish(terminal)
    assert status == 0
    assert re.search(phrase("It cannot be submitted."), text)
    _, shown, _ = re.split(r"-{20,} \[PREVIEW\] -{20,}\n", text.replace("\r", ""))
    return str(shown)


def test_every_test_is_listed_and_the_chosen_one_is_shown(api: LocalApi, trainer: TerminalClient) -> None:
    terminal = trainer.open()
    terminal.expect(CHOICE)
    menu = terminal.before.replace("\r", "")
    assert re.search(phrase("You can look at every test, but you cannot submit any."), menu)
    assert f"1) {SUBJECT} test00: Shells\n   1 questions, closes on " in menu
    assert f"2) {SUBJECT} test01: Kernels\n   6 questions, closes on " in menu
    terminal.sendline("2")
    shown = questions_shown(terminal)
    assert shown.startswith(
        "Title: Kernels\nQuestion 1 of 6, 1 point\n"
        "[1] What is kernel?\na: the core component of an operating system\nb: a web application\n"
    )
    assert "(one or more answers, such as: a c)\nQuestion 4 of 6, 1 point\n[4] " in shown
    assert "[6] Which desktop environment is not used in any linux distribution?\na: gnome\n" in shown
    assert api.requests == ["GET /v1/student", "GET /v1/class", "GET /v1/class/test"]
    assert trainer.kept("*") == []


def test_a_test_named_on_the_command_line_is_the_only_one_offered(api: LocalApi, trainer: TerminalClient) -> None:
    terminal = trainer.open("--test", "test00")
    terminal.expect(re.escape("Preview it now (yes or no)? "))
    assert "test01" not in terminal.before
    terminal.sendline("yes")
    assert questions_shown(terminal).startswith("Title: Shells\nQuestion 1 of 1, 1 point\n[1] ")
    assert api.requests[-1] == "GET /v1/class/test"


def test_a_preview_of_a_test_with_pools_says_how_many_questions_a_student_gets(
    api: LocalApi, trainer: TerminalClient
) -> None:
    asked = [{**question, "pool": "calls"} for question in sample_questions()[:2]]
    drawing = {"pools": {"calls": 1}, "salt": "5a17" * 8}
    api.publish_test(SUBJECT, "test02", asked, title="Pools", drawing=drawing, questionCount=1)
    terminal = trainer.open("--test", "test02")
    terminal.expect(re.escape("Preview it now (yes or no)? "))
    assert "1 questions, closes on" in terminal.before
    terminal.sendline("yes")
    terminal.expect(phrase("Each student gets 1 of these 2 questions."))
    assert "Question 2 of 2, 1 point" in questions_shown(terminal)


def test_a_preview_that_is_declined_shows_no_question(api: LocalApi, trainer: TerminalClient) -> None:
    terminal = trainer.open()
    terminal.expect(CHOICE)
    terminal.sendline("quit")
    assert finish(terminal)[0] == 9
    assert "GET /v1/class/test" not in api.requests


def test_a_test_that_the_class_does_not_have_cannot_be_previewed(trainer: TerminalClient) -> None:
    status, text = finish(trainer.open("--test", "test99"))
    assert status == 7
    assert re.search(phrase("the class has no test test99"), text)


@pytest.mark.parametrize("arguments", [["--answers", "-"], ["--json"], []])
def test_answers_given_with_the_trainers_key_are_refused(
    api: LocalApi, trainer: TerminalClient, arguments: list[str]
) -> None:
    done = trainer.run(*arguments, stdin='{"1": "a"}')
    assert done.returncode == 6
    assert "this is the trainer's key, which cannot take tests" in done.stderr
    assert api.requests == ["GET /v1/student"]
