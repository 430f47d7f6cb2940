"""Answers outlive the client: kill -9, Ctrl-C, a changed test, a second terminal."""

from __future__ import annotations

import json
import re
import shutil
import signal
import stat
from pathlib import Path

import pytest

from support.local_api import LocalApi, sample_questions
from support.terminal_client import CONFIRM, QUESTION, Terminal, TerminalClient, finish, phrase, stop

ANSWERS = ["a", "a", "a b", "c", "d", "d"]
SENT = {"1": "a", "2": "a", "3": ["a", "b"], "4": "c", "5": "d", "6": "d"}
TEST = ("--subject", "operating-systems", "--test", "test01")


def answer(terminal: Terminal, *answers: str) -> None:
    for typed in answers:
        terminal.expect(QUESTION)
        terminal.sendline(typed)


def kept_answers(client: TerminalClient) -> object:
    return json.loads(client.kept()[0].read_text())["answers"]


@pytest.mark.parametrize("given", range(1, 7))
def test_killed_client_goes_on_where_it_was(api: LocalApi, client: TerminalClient, given: int) -> None:
    terminal = client.open(*TEST)
    answer(terminal, *ANSWERS[:given])
    # The next prompt: the answer before it must be on disk now.
    terminal.expect([QUESTION, CONFIRM])
    terminal.kill(signal.SIGKILL)
    terminal.wait()
    assert kept_answers(client) == dict(list(SENT.items())[:given])

    terminal = client.open(*TEST)
    terminal.expect(f"You have answered {given} of 6 questions so far.")
    terminal.sendline("yes")
    answer(terminal, *ANSWERS[given:])
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert [submission["answers"] for submission in api.objects("answers/").values()] == [SENT]


def test_answers_are_kept_also_by_a_jq_that_joins_only_strings(api: LocalApi, client: TerminalClient) -> None:
    """As some versions before 1.6 do. jq reads definitions from ~/.jq."""
    joined = '(reduce .[1:][] as $each (.[0]; . + $x + $each)) // ""'
    join = f'def join($x): if all(.[]; type == "string") then {joined} else error("not only strings") end;'
    (client.home / ".jq").write_text(join)
    terminal = client.open(*TEST)
    answer(terminal, *ANSWERS[:4])
    terminal.expect(QUESTION)
    terminal.kill(signal.SIGKILL)
    terminal.wait()
    terminal = client.open(*TEST)
    terminal.expect("You have answered 4 of 6 questions so far.")
    terminal.sendline("yes")
    answer(terminal, *ANSWERS[4:])
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert [submission["answers"] for submission in api.objects("answers/").values()] == [SENT]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_stopped_client_keeps_the_answers_and_gives_up_the_test(
    client: TerminalClient, number: signal.Signals, status: int
) -> None:
    terminal = client.open(*TEST)
    answer(terminal, "b")
    terminal.expect(QUESTION)
    stop(terminal, number)
    ended, end = finish(terminal)
    assert ended == status
    assert re.search(phrase("Your answers are kept"), end)
    assert kept_answers(client) == {"1": "b"}
    assert client.kept("*.lock") == []


def test_beginning_anew_forgets_nothing_on_disk(client: TerminalClient) -> None:
    terminal = client.open(*TEST)
    answer(terminal, "b", "quit")
    assert finish(terminal)[0] == 9
    terminal = client.open(*TEST)
    terminal.expect(r"Continue \(yes\) or start again \(no\)\? ")
    terminal.sendline("no")
    terminal.expect(r"\[1\] ")
    answer(terminal, "c")
    terminal.expect(QUESTION)
    terminal.close()
    assert kept_answers(client) == {"1": "c"}
    assert json.loads(client.kept("*.previous.json")[0].read_text())["answers"] == {"1": "b"}


def test_answers_to_changed_questions_are_asked_again_and_the_others_kept(
    api: LocalApi, client: TerminalClient
) -> None:
    terminal = client.open(*TEST)
    answer(terminal, *ANSWERS)
    terminal.expect(CONFIRM)
    terminal.sendline("no")
    assert finish(terminal)[0] == 9
    questions = sample_questions()
    questions[1]["text"] = "Another question?"
    questions[3]["options"] = questions[3]["options"][:2]
    api.publish_test("operating-systems", "test01", questions[:5])

    terminal = client.open(*TEST)
    terminal.expect("You have answered 3 of 5 questions so far.")
    assert re.search(phrase("question 2: it has changed since you answered it"), terminal.before)
    assert re.search(phrase("question 4: it has changed"), terminal.before)
    assert re.search(phrase("a question that you answered is no longer in the test"), terminal.before)
    terminal.sendline("yes")
    terminal.expect(r"\[2\] Another question\?")
    terminal.close()


@pytest.mark.parametrize(
    "broken", ["", "{", "null", "[]", '{"answers": 1}', '{"answers": {"1": {"a": 1}}}', "\x00\xff"]
)
def test_broken_file_of_answers_stops_nobody(client: TerminalClient, broken: str) -> None:
    terminal = client.open(*TEST)
    answer(terminal, "b")
    terminal.expect(QUESTION)
    # So that the server has no draft.
    terminal.kill(signal.SIGKILL)
    terminal.wait()
    client.kept()[0].write_text(broken)
    terminal = client.open(*TEST)
    terminal.expect(r"\[1\] What is kernel")
    terminal.close()


def test_files_are_the_students_alone(client: TerminalClient) -> None:
    terminal = client.open(*TEST)
    answer(terminal, "b")
    terminal.expect(QUESTION)
    for path in [client.state, *client.state.rglob("*")]:
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path
    terminal.close()
    assert client.run(*TEST, stdin="\n".join(ANSWERS)).returncode == 0
    assert stat.S_IMODE(client.kept("*.receipt.json")[0].stat().st_mode) == 0o600


def test_file_is_replaced_whole_never_written_in_place(client: TerminalClient) -> None:
    terminal = client.open(*TEST)
    answer(terminal, "b")
    terminal.expect(QUESTION)
    before = client.kept()[0].stat().st_ino
    reader = client.kept()[0].open()
    terminal.sendline("c")
    terminal.expect(QUESTION)
    terminal.close()
    assert client.kept()[0].stat().st_ino != before
    assert json.load(reader)["answers"] == {"1": "b"}


def test_second_terminal_is_warned_and_may_take_over(client: TerminalClient) -> None:
    first = client.open(*TEST)
    answer(first, "b")
    first.expect(QUESTION)
    second = client.open(*TEST)
    second.expect(phrase("open in another terminal") + r"\s+\(process\s+\d+\)")
    second.expect(r"Continue here instead \(yes or no\)\? ")
    second.sendline("yes")
    second.expect("You have answered 1 of 6")
    second.sendline("yes")
    answer(second, "c")
    second.expect(QUESTION)
    first.sendline("d")
    status, end = finish(first)
    assert status == 9
    assert re.search(phrase("this test has been continued in another terminal"), end)
    assert kept_answers(client) == {"1": "b", "2": "c"}
    second.close()


def test_second_terminal_that_declines_leaves_the_first_alone(client: TerminalClient) -> None:
    first = client.open(*TEST)
    answer(first, "b")
    first.expect(QUESTION)
    second = client.open(*TEST)
    second.expect("Continue here instead")
    second.sendline("no")
    assert finish(second)[0] == 9
    piped = client.run(*TEST, stdin="\n".join(ANSWERS))
    assert piped.returncode == 9
    assert "open in another terminal" in piped.stderr
    first.sendline("c")
    first.expect(QUESTION)
    first.close()
    assert kept_answers(client) == {"1": "b", "2": "c"}


def test_answer_that_cannot_be_kept_is_asked_again(client: TerminalClient, tmp_path: Path) -> None:
    full = tmp_path / "disk-is-full"
    move = tmp_path / "bin" / "mv"
    move.parent.mkdir()
    move.write_text(f'#!/bin/sh\n[ ! -e "{full}" ] && exec {shutil.which("mv")} "$@"\nexit 1\n')
    move.chmod(0o755)
    terminal = client.open(*TEST, environment={"PATH": f"{move.parent}:{client.environment['PATH']}"})
    answer(terminal, "b")
    terminal.expect(QUESTION)
    full.touch()
    terminal.sendline("c")
    terminal.expect(phrase("could not be saved to disk"))
    terminal.expect(QUESTION)
    assert kept_answers(client) == {"1": "b"}
    full.unlink()
    terminal.sendline("d")
    terminal.expect(r"\[3\]")
    assert kept_answers(client) == {"1": "b", "2": "d"}
    assert client.kept("*.tmp") == []
    terminal.close()


def test_folder_that_cannot_be_made_is_told_before_the_first_question(client: TerminalClient) -> None:
    client.state.parent.mkdir(parents=True)
    client.state.write_text("in the way")
    done = client.run(*TEST, stdin="\n".join(ANSWERS))
    assert done.returncode == 1
    assert "set XDG_STATE_HOME" in done.stderr


def test_receipt_is_kept_and_listed_even_without_the_server(api: LocalApi, client: TerminalClient) -> None:
    assert client.run(*TEST, stdin="\n".join(ANSWERS)).returncode == 0
    receipt = next(iter(api.objects("answers/").values()))["receiptId"]
    assert receipt in client.run("--list").stdout
    api.s3.objects = {key: value for key, value in api.s3.objects.items() if not key.startswith("answers/")}
    lost = client.run("--list").stdout
    assert f"receipt {receipt}" in lost
    assert "kept on this computer" in lost


def test_submitted_test_is_refused_in_plain_words(client: TerminalClient) -> None:
    assert client.run(*TEST, stdin="\n".join(ANSWERS)).returncode == 0
    again = client.run(*TEST, stdin="\n".join(ANSWERS))
    assert again.returncode == 7
    assert "has already been submitted, and those answers count" in again.stderr
    assert "receipt R-" in again.stderr
