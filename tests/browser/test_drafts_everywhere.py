"""A student's draft from a browser to a terminal, to a second terminal, and into the upload."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from support.browser_student import SUBJECT, TEST, Student
from support.local_api import LocalApi
from support.terminal_client import CONFIRM, QUESTION, Terminal, TerminalClient, finish, phrase

# What a page does to save a draft, by the browser's own fetch.
SAVE = """async ([url, key, body]) => {
  const headers = {"content-type": "application/json", "x-api-key": key};
  const reply = await fetch(url, {method: "PUT", headers, body: JSON.stringify(body), keepalive: true});
  return [reply.status, await reply.json()];
}"""


def save_in_browser(student: Student, answers: Mapping[str, Any], version: str | None) -> Any:
    body = {"subjectName": SUBJECT, "testId": TEST, "answers": answers, "version": version}
    return student.page.evaluate(SAVE, [f"{student.endpoint}/v1/draft", student.key, body])


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


def drafts(api: LocalApi) -> list[Any]:
    return [draft["answers"] for draft in api.objects("drafts/").values()]


def test_a_draft_goes_from_a_browser_through_a_killed_terminal_into_another_one(
    open_browser: Callable[..., Student], api: LocalApi, tmp_path: Path
) -> None:
    student = open_browser()
    student.sign_in()
    student.start_test()
    status, begun = save_in_browser(student, {"1": "b", "3": ["a", "c"]}, None)
    assert status == 200

    first = computer(tmp_path / "first", api, student.key)
    terminal = continued(first, 2)
    terminal.expect(r"\[2\]")
    for typed in ["d", "skip", "c"]:
        terminal.expect(QUESTION)
        terminal.sendline(typed)
    # The next prompt: what was given before it is saved.
    terminal.expect(r"\[5\]")
    terminal.expect(QUESTION)
    terminal.kill(signal.SIGKILL)
    terminal.wait()
    given = {"1": "b", "2": "d", "3": ["a", "c"], "4": "c"}
    assert drafts(api) == [given]

    second = computer(tmp_path / "second", api, student.key)
    assert second.state != first.state
    terminal = continued(second, 4)
    terminal.expect(r"\[5\]")
    for typed in ["a", "list"]:
        terminal.expect(QUESTION)
        terminal.sendline(typed)
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert [one["answers"] for one in student.stored().values()] == [given | {"5": "a"}]
    assert json.loads(first.kept()[0].read_text())["answers"] == given
    assert begun["answers"] == {"1": "b", "3": ["a", "c"]}


def test_what_a_browser_saved_meanwhile_is_shown_beside_what_the_killed_terminal_has(
    open_browser: Callable[..., Student], api: LocalApi, tmp_path: Path
) -> None:
    student = open_browser()
    student.sign_in()
    client = computer(tmp_path / "computer", api, student.key)
    terminal = client.open("--subject", SUBJECT, "--test", TEST)
    for typed in ["b", "d"]:
        terminal.expect(QUESTION)
        terminal.sendline(typed)
    terminal.expect(r"\[3\]")
    terminal.expect(QUESTION)
    terminal.kill(signal.SIGKILL)
    terminal.wait()
    [draft] = api.objects("drafts/").values()
    assert draft["answers"] == {"1": "b", "2": "d"}
    version = json.loads(client.kept()[0].read_text())["version"]
    # The terminal has one more answer that is not saved anywhere else.
    assert client.run("--test", TEST, stdin="b\nd\na\n").returncode == 9
    status, _ = save_in_browser(student, {"1": "c", "2": "d"}, version)
    assert status == 200

    terminal = client.open("--subject", SUBJECT, "--test", TEST)
    terminal.expect(r"Which one \(1-2, or quit\)\? ")
    shown = " ".join(terminal.before.split())
    assert "Question 1: What is kernel? this device: b the server: c Question 3: Which" in shown
    assert "this device: a the server: not answered" in shown
    terminal.sendline("1")
    terminal.expect("You have answered 3 of 6")
    terminal.sendline("yes")
    terminal.expect(QUESTION)
    assert drafts(api) == [{"1": "b", "2": "d", "3": ["a"]}]
    terminal.close()
