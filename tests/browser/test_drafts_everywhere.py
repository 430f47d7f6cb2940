"""A student's draft from a browser or a terminal that is killed to another one, and into the upload."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from support.browser_student import HIDE, SUBJECT, TEST, Student
from support.local_api import LocalApi
from support.terminal_client import CONFIRM, QUESTION, Terminal, TerminalClient, finish, phrase


def open_test(student: Student) -> None:
    student.sign_in()
    student.open(f"#/test/{SUBJECT}/{TEST}")
    student.sees("Kernels")


def put_away(student: Student) -> None:
    """The student goes on to something else, and the page saves."""
    student.page.evaluate(HIDE, "hidden")
    expect(student.page.get_by_text("saved on this device and on the server")).to_be_visible()


def computer(home: Path, api: LocalApi, key: str) -> TerminalClient:
    home.mkdir()
    client = TerminalClient(home, api.endpoint, key)
    client.save_at_once()
    return client


def continued(client: TerminalClient, answered: int) -> Terminal:
    """A session that goes on with the answers of another device."""
    terminal = client.open("--subject", SUBJECT, "--test", TEST)
    terminal.expect(phrase("Your answers from another device (saved"))
    terminal.expect(f"You have answered {answered} of 6 questions so far.")
    terminal.sendline("yes")
    return terminal


def answer(terminal: Terminal, *typed: str) -> None:
    for answer in typed:
        terminal.expect(QUESTION)
        terminal.sendline(answer)


def kill(terminal: Terminal, question: int) -> None:
    """End a session at a question: what was given before it is saved by then."""
    terminal.expect(rf"\[{question}\]")
    terminal.expect(QUESTION)
    terminal.kill(signal.SIGKILL)
    terminal.wait()


def test_a_draft_goes_from_a_browser_through_a_killed_terminal_into_another_browser(
    open_browser: Callable[..., Student], api: LocalApi, tmp_path: Path
) -> None:
    phone = open_browser()
    open_test(phone)
    phone.choose(1, "b")
    phone.choose(3, "a", "c")
    put_away(phone)
    assert phone.saved() == {"1": "b", "3": ["a", "c"]}

    laptop = computer(tmp_path / "laptop", api, phone.key)
    terminal = continued(laptop, 2)
    terminal.expect(r"\[2\]")
    answer(terminal, "d", "skip", "c")
    kill(terminal, 5)
    given = {"1": "b", "2": "d", "3": ["a", "c"], "4": "c"}
    assert phone.saved() == given

    tablet = open_browser()
    tablet.key = phone.key
    open_test(tablet)
    expect(tablet.page.get_by_text("Your answers from another device (saved")).to_be_visible()
    tablet.choose(5, "a")
    tablet.upload()
    tablet.sees("Your answers are uploaded")
    assert [one["answers"] for one in tablet.stored().values()] == [given | {"5": "a"}]
    assert json.loads(laptop.kept()[0].read_text())["answers"] == given


def test_a_draft_goes_from_a_killed_terminal_into_another_one(
    open_browser: Callable[..., Student], api: LocalApi, tmp_path: Path
) -> None:
    ada = open_browser()
    terminal = computer(tmp_path / "first", api, ada.key).open("--subject", SUBJECT, "--test", TEST)
    answer(terminal, "b", "d")
    kill(terminal, 3)

    terminal = continued(computer(tmp_path / "second", api, ada.key), 2)
    terminal.expect(r"\[3\]")
    answer(terminal, "a", "list")
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert [one["answers"] for one in ada.stored().values()] == [{"1": "b", "2": "d", "3": ["a"]}]


def test_what_a_browser_saved_meanwhile_is_shown_beside_what_the_killed_terminal_has(
    open_browser: Callable[..., Student], api: LocalApi, tmp_path: Path
) -> None:
    ada = open_browser()
    laptop = computer(tmp_path / "laptop", api, ada.key)
    terminal = laptop.open("--subject", SUBJECT, "--test", TEST)
    answer(terminal, "b", "d")
    kill(terminal, 3)
    open_test(ada)
    assert ada.chosen() == {"1": ["b"], "2": ["d"]}
    # The terminal has one more answer that is not saved anywhere else.
    assert laptop.run("--test", TEST, stdin="b\nd\na\n").returncode == 9
    ada.choose(1, "c")
    put_away(ada)

    terminal = laptop.open("--subject", SUBJECT, "--test", TEST)
    terminal.expect(r"Which one \(1-2, or quit\)\? ")
    shown = " ".join(terminal.before.split())
    assert "Question 1: What is kernel? this device: b the server: c Question 3: Which" in shown
    assert "this device: a the server: not answered" in shown
    terminal.sendline("1")
    terminal.expect("You have answered 3 of 6")
    terminal.sendline("yes")
    terminal.expect(QUESTION)
    assert ada.saved() == {"1": "b", "2": "d", "3": ["a"]}
    terminal.close()
