"""The end of a student's time at a terminal: said while a prompt waits, and then nothing asks for an upload."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from support.local_api import LocalApi, sample_questions
from support.terminal_client import CONFIRM, QUESTION, Terminal, TerminalClient, finish, phrase

TEST = ("--subject", "operating-systems", "--test", "test01")
ANSWERS = ["a", "a", "a b", "c", "d"]


def open_test(api: LocalApi, client: TerminalClient, seconds: float, **policies: Any) -> Terminal:
    """A session whose test closes in so many seconds by the server's clock, at its first question."""
    # The client needs a while for its first question.
    closes = api.now + timedelta(seconds=seconds)
    api.publish_test("operating-systems", "test01", sample_questions(), closes, **policies)
    terminal = client.open(*TEST)
    terminal.expect(QUESTION)
    return terminal


@pytest.mark.parametrize(("seconds", "words"), [(127, "2 minutes"), (37, "30 seconds")])
def test_a_prompt_that_waits_says_it_once_and_keeps_what_is_being_typed(
    api: LocalApi, client: TerminalClient, seconds: int, words: str
) -> None:
    terminal = open_test(api, client, seconds)
    terminal.send("b")
    terminal.expect(phrase(f"{words} left until the deadline."), timeout=30)
    terminal.expect(QUESTION)
    terminal.sendline("")
    terminal.expect(QUESTION)
    terminal.sendline("quit")
    status, end = finish(terminal)
    assert "left until the deadline" not in end
    [kept] = client.kept()
    assert json.loads(kept.read_text())["answers"] == {"1": "b"}
    assert status != 0


def test_after_the_deadline_nothing_asks_and_the_answers_are_kept(api: LocalApi, client: TerminalClient) -> None:
    terminal = open_test(api, client, 10)
    terminal.sendline("a")
    terminal.expect(QUESTION)
    terminal.timeout = 30
    status, end = finish(terminal)
    assert status == 7
    [kept] = client.kept()
    text = " ".join(end.split())
    assert "the deadline has passed, so the test no longer accepts answers" in text
    assert f"Toshowthem:cat{kept}" in text.replace(" ", "")
    assert json.loads(kept.read_text())["answers"] == {"1": "a"}
    assert api.objects("answers/") == {}


@pytest.mark.parametrize("policies", [{"graceMinutes": 5}, {"late": {"untilHours": 1, "credit": 0.8}}])
def test_what_is_still_taken_can_still_be_uploaded(
    api: LocalApi, client: TerminalClient, policies: dict[str, Any]
) -> None:
    closes = api.now - timedelta(minutes=2)
    api.publish_test("operating-systems", "test01", sample_questions(), closes, **policies)
    terminal = client.open(*TEST)
    for answer in [*ANSWERS, "d"]:
        terminal.expect(QUESTION)
        terminal.sendline(answer)
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert len(api.objects("answers/")) == 1


def test_the_end_of_the_input_is_not_taken_for_the_end_of_the_time(api: LocalApi, client: TerminalClient) -> None:
    terminal = open_test(api, client, 200)
    terminal.sendeof()
    _, end = finish(terminal)
    assert "deadline has passed" not in end
