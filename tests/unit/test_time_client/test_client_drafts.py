"""What was begun on another device is found in the terminal, and what is given here is saved for other devices."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pexpect
import pytest

from support.api_calls import call
from support.fault_proxy import FaultProxy
from support.local_api import LocalApi, sample_questions
from support.terminal_client import CONFIRM, QUESTION, Terminal, TerminalClient, finish, phrase, stop

SUBJECT, NAME = "operating-systems", "test01"
TEST = ("--subject", SUBJECT, "--test", NAME)
PATH = f"/v1/draft?subjectName={SUBJECT}&testId={NAME}"
GET, PUT = "GET /v1/draft", "PUT /v1/draft"
WHICH = r"Which one \(1-2, or quit\)\? "
FILLED_IN = phrase("Your answers from another device (saved") + r".*?were\s+filled\s+in\."


@pytest.fixture
def quick(client: TerminalClient) -> TerminalClient:
    """The terminal of student s001, whose draft is saved at each prompt."""
    client.save_at_once()
    return client


def another_device(client: TerminalClient) -> TerminalClient:
    other = TerminalClient(
        client.home / "other", client.environment["TEST_TIME_ENDPOINT"], client.environment["TEST_TIME_API_KEY"]
    )
    other.home.mkdir(exist_ok=True)
    return other


def stored(client: TerminalClient) -> Any:
    """The server's draft; its error if there is none."""
    return call(client.environment, "GET", PATH)[1]


def save_elsewhere(client: TerminalClient, answers: Mapping[str, Any]) -> str:
    """What another device does that has seen the draft; the new version."""
    version = stored(client).get("version")
    body = {"subjectName": SUBJECT, "testId": NAME, "answers": answers, "version": version}
    status, draft = call(client.environment, "PUT", "/v1/draft", body)
    assert status == 200, draft
    return str(draft["version"])


def upload_elsewhere(client: TerminalClient, answers: Mapping[str, Any]) -> str:
    body = {"subjectName": SUBJECT, "testId": NAME, "studentId": "s001", "answers": answers}
    status, receipt = call(client.environment, "POST", "/v1/test", body)
    assert status == 201, receipt
    return str(receipt["receiptId"])


def answer(terminal: Terminal, *answers: str) -> None:
    for typed in answers:
        terminal.expect(QUESTION)
        terminal.sendline(typed)


def kill(terminal: Terminal) -> None:
    terminal.kill(signal.SIGKILL)
    terminal.wait()


def kept(client: TerminalClient) -> Any:
    return json.loads(client.kept()[0].read_text())


def test_what_another_device_saved_is_filled_in_and_goes_into_the_upload(api: LocalApi, client: TerminalClient) -> None:
    save_elsewhere(client, {"1": "b", "3": ["a", "b"]})
    terminal = client.open(*TEST)
    terminal.expect(FILLED_IN)
    terminal.expect("You have answered 2 of 6 questions so far.")
    terminal.sendline("yes")
    terminal.expect(r"\[2\]")
    terminal.sendline("list")
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert [one["answers"] for one in api.objects("answers/").values()] == [{"1": "b", "3": ["a", "b"]}]
    # There was nothing to save.
    assert PUT not in api.requests[api.requests.index("GET /v1/student") :]


def test_looking_for_the_draft_takes_no_round_trip_of_its_own(api: LocalApi, client: TerminalClient) -> None:
    save_elsewhere(client, {"1": "b"})
    together, answer_ = threading.Barrier(2, timeout=30), api.answer

    def both(method: str, target: str, headers: Any, body: bytes) -> Any:
        if method == "GET" and "testId=" in target:
            together.wait()
        return answer_(method, target, headers, body)

    api.answer = both  # type: ignore[method-assign]
    terminal = client.open(*TEST)
    terminal.expect(FILLED_IN)
    terminal.close()
    assert not together.broken


def test_a_pipe_neither_looks_nor_saves(api: LocalApi, quick: TerminalClient) -> None:
    save_elsewhere(quick, {"1": "b"})
    api.requests.clear()
    assert quick.run(*TEST, stdin="c\nskip\n").returncode == 9
    assert kept(quick)["answers"] == {"1": "c"}
    assert api.requests == ["GET /v1/student", "GET /v1/test"]


@pytest.mark.parametrize(
    "fault", ["cut_before", "status_500", "status_503_html", "status_429", "login_page", "truncated_quietly"]
)
def test_a_look_that_fails_is_not_told_and_the_answers_here_do(
    api: LocalApi, client: TerminalClient, fault: str
) -> None:
    save_elsewhere(client, {"1": "c"})
    with FaultProxy(api.endpoint, lambda request: fault if request == GET else "") as proxy:
        client.environment["TEST_TIME_ENDPOINT"] = proxy.endpoint
        terminal = client.open(*TEST)
        terminal.expect(QUESTION)
        kill(terminal)
    assert [entry[1] for entry in proxy.log if entry[0] == GET] == [fault]
    assert "test-time:" not in terminal.before
    assert "filled in" not in terminal.before
    assert re.search(r"test\s*\.\.\.\s*-+ \[TEST\] -+\s*Subject", terminal.before)


def test_a_draft_that_no_longer_fits_is_filled_in_as_far_as_it_does(api: LocalApi, client: TerminalClient) -> None:
    save_elsewhere(client, {"1": "b", "2": "d", "6": "a"})
    questions = sample_questions()[:5]
    questions[1]["options"].pop()
    api.publish_test(SUBJECT, NAME, questions)
    terminal = client.open(*TEST)
    terminal.expect(FILLED_IN)
    terminal.expect("You have answered 1 of 5")
    assert "no longer" not in terminal.before
    terminal.close()


@pytest.mark.parametrize("end", ["quit", "no", "end of input", "SIGINT", "SIGTERM", "SIGHUP"])
def test_whoever_stops_has_their_answers_on_the_server(api: LocalApi, client: TerminalClient, end: str) -> None:
    terminal = client.open(*TEST)
    answer(terminal, "b", "skip", "a c")
    terminal.expect(QUESTION)
    assert PUT not in api.requests
    match end:
        case "quit":
            terminal.sendline("quit")
        case "no":
            terminal.sendline("list")
            terminal.expect(CONFIRM)
            terminal.sendline("no")
        case "end of input":
            terminal.sendeof()
        case _:
            stop(terminal, signal.Signals[end])
    _, told = finish(terminal)
    assert re.search(
        phrase("and on the server: start test-time.sh again, here or on another device, to continue"), told
    )
    draft = stored(client)
    assert draft["answers"] == {"1": "b", "3": ["a", "c"]}
    assert kept(client)["version"] == draft["version"]


def test_a_second_ctrl_c_does_not_wait_for_a_server_that_does_not_answer(api: LocalApi, client: TerminalClient) -> None:
    asked, ended, answer_ = threading.Event(), threading.Event(), api.answer

    def hanging(method: str, target: str, headers: Any, body: bytes) -> Any:
        if method == "PUT":
            asked.set()
            assert ended.wait(60)
        return answer_(method, target, headers, body)

    api.answer = hanging  # type: ignore[method-assign]
    client.change("DRAFT_TIMEOUT_SECONDS=5", "DRAFT_TIMEOUT_SECONDS=600")
    terminal = client.open(*TEST)
    answer(terminal, "b")
    terminal.expect(QUESTION)
    stop(terminal, signal.SIGINT)
    assert asked.wait(30)
    terminal.sendintr()
    status, told = finish(terminal)
    ended.set()
    assert status == 130
    assert re.search(phrase("stopped by Ctrl-C. Your answers are kept"), told)
    assert kept(client)["answers"] == {"1": "b"}


def test_a_window_that_is_closed_leaves_the_answers_on_the_server(api: LocalApi, client: TerminalClient) -> None:
    saved, answer_ = threading.Event(), api.answer

    def noting(method: str, target: str, headers: Any, body: bytes) -> Any:
        reply = answer_(method, target, headers, body)
        if method == "PUT":
            saved.set()
        return reply

    api.answer = noting  # type: ignore[method-assign]
    terminal = client.open(*TEST)
    answer(terminal, "b")
    terminal.expect(QUESTION)
    # As a terminal program does: the window goes, and its shell is hung up.
    # pexpect does not wait as long as the client takes.
    with contextlib.suppress(pexpect.ExceptionPexpect):
        terminal.close(force=False)
    assert saved.wait(30)
    assert stored(client)["answers"] == {"1": "b"}


def test_a_server_that_does_not_answer_keeps_nobody_and_is_not_said_to_have_them(
    api: LocalApi, client: TerminalClient
) -> None:
    with FaultProxy(api.endpoint, lambda request: "status_503_html" if request == PUT else "") as proxy:
        client.environment["TEST_TIME_ENDPOINT"] = proxy.endpoint
        terminal = client.open(*TEST)
        answer(terminal, "b", "quit")
        status, told = finish(terminal)
    assert [entry[1] for entry in proxy.log if entry[0] == PUT] == ["status_503_html"]
    assert status == 9
    assert not re.search(phrase("on the server"), told)
    assert re.search(phrase("not uploaded. Your answers are kept in"), told)
    assert kept(client)["answers"] == {"1": "b"}


def test_answers_that_the_disk_does_not_take_are_kept_on_the_server(api: LocalApi, client: TerminalClient) -> None:
    move = client.home / "bin" / "mv"
    move.parent.mkdir()
    move.write_text("#!/bin/sh\nexit 1\n")
    move.chmod(0o755)
    terminal = client.open(*TEST, environment={"PATH": f"{move.parent}:{client.environment['PATH']}"})
    answer(terminal, "b")
    terminal.expect(phrase("could not be saved to disk"))
    answer(terminal, "quit")
    status, told = finish(terminal)
    assert status == 9
    assert re.search(phrase("Your answers are kept on the server"), told)
    assert client.kept() == []
    assert stored(client)["answers"] == {"1": "b"}


def test_what_was_saved_is_not_sent_again(api: LocalApi, quick: TerminalClient) -> None:
    terminal = quick.open(*TEST)
    answer(terminal, "b", "back", "", "skip", "back", "back", "b", "quit")
    finish(terminal)
    assert api.requests.count(PUT) == 1
    terminal = quick.open(*TEST)
    terminal.expect(r"start again \(no\)\? ")
    assert "filled in" not in terminal.before
    terminal.sendline("yes")
    answer(terminal, "quit")
    assert re.search(phrase("and on the server"), finish(terminal)[1])
    assert api.requests.count(PUT) == 1


def test_nothing_is_saved_after_the_upload(api: LocalApi, quick: TerminalClient) -> None:
    terminal = quick.open(*TEST)
    answer(terminal, "b", "list")
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert [request for request in api.requests if request.endswith(("PUT /v1/draft", "POST /v1/test"))] == [
        PUT,
        "POST /v1/test",
    ]


def test_starting_again_empties_the_draft_too(api: LocalApi, quick: TerminalClient) -> None:
    save_elsewhere(quick, {"1": "b"})
    terminal = quick.open(*TEST)
    terminal.expect(r"start again \(no\)\? ")
    terminal.sendline("no")
    terminal.expect(QUESTION)
    assert stored(quick)["answers"] == {}
    # The phone, which has the old answers and has changed nothing, must not bring them back; nor does this device.
    kill(terminal)
    terminal = quick.open(*TEST)
    terminal.expect(r"\[1\]")
    terminal.close()
    [previous] = quick.kept("*.previous.json")
    assert json.loads(previous.read_text())["answers"] == {"1": "b"}


def test_starting_again_is_not_undone_by_a_draft_that_is_still_stored(api: LocalApi, client: TerminalClient) -> None:
    save_elsewhere(client, {"1": "b"})
    terminal = client.open(*TEST)
    terminal.expect(r"start again \(no\)\? ")
    terminal.sendline("no")
    terminal.expect(QUESTION)
    kill(terminal)
    assert stored(client)["answers"] == {"1": "b"}
    terminal = client.open(*TEST)
    terminal.expect(QUESTION)
    assert "filled in" not in terminal.before
    terminal.sendline("quit")
    finish(terminal)
    assert stored(client)["answers"] == {}


def test_answers_that_were_removed_on_another_device_are_not_brought_back(api: LocalApi, quick: TerminalClient) -> None:
    terminal = quick.open(*TEST)
    answer(terminal, "b", "quit")
    finish(terminal)
    save_elsewhere(quick, {})
    terminal = quick.open(*TEST)
    terminal.expect(phrase("You have started this test again on another device"))
    terminal.expect(r"\[1\]")
    terminal.close()
    assert json.loads(quick.kept("*.previous.json")[0].read_text())["answers"] == {"1": "b"}


@pytest.mark.parametrize(("code", "again"), [(401, False), (403, False), (410, False), (400, False), (429, True)])
def test_a_refusal_ends_the_saving_and_a_busy_server_does_not(
    api: LocalApi, quick: TerminalClient, code: int, again: bool
) -> None:
    answer_ = api.answer

    def refusing(method: str, target: str, headers: Any, body: bytes) -> Any:
        reply = answer_(method, target, headers, body)
        return (code, reply[1], b'{"code":"No","message":"No."}') if method == "PUT" else reply

    api.answer = refusing  # type: ignore[method-assign]
    terminal = quick.open(*TEST)
    answer(terminal, "b", "a", "quit")
    status, told = finish(terminal)
    assert status == 9
    assert not re.search(phrase("on the server"), told)
    assert (api.requests.count(PUT) > 1) == again


def begin_in_two_places(quick: TerminalClient) -> None:
    """Question 1 is answered b here and then c elsewhere, question 3 only elsewhere."""
    terminal = quick.open(*TEST)
    answer(terminal, "b")
    terminal.expect(QUESTION)
    kill(terminal)
    body = {"subjectName": SUBJECT, "testId": NAME, "version": stored(quick)["version"]}
    call(quick.environment, "PUT", "/v1/draft", body | {"answers": {"1": "c", "3": ["a", "c"]}})


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_conflict_shows_both_and_asks(api: LocalApi, client: TerminalClient, columns: int) -> None:
    api.now = api.now.replace(year=2026, month=11, day=23, hour=20, minute=14, second=0)
    questions = sample_questions()
    questions[0]["text"] = "```\nls -l | wc\n```\nWhat does this print? " + "And why? " * 30
    questions[4]["text"] = "A long question " * 30
    api.publish_test(SUBJECT, NAME, questions)
    save_elsewhere(client, {"1": "c", "3": ["a", "c"], "4": "d", "5": "a"})
    assert client.run(*TEST, stdin="b\na\nskip\nd\nb\n").returncode == 9
    terminal = client.open(*TEST, columns=columns)
    terminal.expect(WHICH)
    screen = (terminal.before + terminal.after).replace("\r", "")
    assert max(map(len, screen.split("\n"))) <= columns
    shown = " ".join(screen[screen.index("The answers on") :].split())
    assert shown == (
        "The answers on this device differ from those that were saved on the server on Mon 23 Nov 2026, 21:14 (CET),"
        " from another device: Question 1: ls -l | wc this device: b the server: c Question 2: Which command lists"
        " processes? this device: a the server: not answered Question 3: Which of these are shells? this device: not"
        f" answered the server: a c Question 5: {('A long question ' * 4)[:57]}... this device: b the server: a"
        " Which answers do you want to keep? 1) those on this device"
        " 2) those on the server, saved on Mon 23 Nov 2026, 21:14 (CET) Which one (1-2, or quit)?"
    )
    terminal.close()


@pytest.mark.parametrize("choice", ["1", "2"])
def test_whichever_is_kept_the_other_device_sees_it_and_nothing_is_lost(
    api: LocalApi, quick: TerminalClient, choice: str
) -> None:
    here, there = {"1": "b"}, {"1": "c", "3": ["a", "c"]}
    assert quick.run(*TEST, stdin="b\n").returncode == 9
    save_elsewhere(quick, there)
    terminal = quick.open(*TEST)
    terminal.expect(WHICH)
    assert kept(quick)["answers"] == here
    assert stored(quick)["answers"] == there
    terminal.sendline(choice)
    terminal.expect(r"start again \(no\)\? ")
    terminal.sendline("yes")
    answer(terminal, "quit")
    finish(terminal)
    chosen = here if choice == "1" else there
    assert kept(quick)["answers"] == stored(quick)["answers"] == chosen
    if choice == "2":
        assert json.loads(quick.kept("*.previous.json")[0].read_text())["answers"] == here


def test_answers_that_are_set_aside_replace_none_that_were_before(api: LocalApi, quick: TerminalClient) -> None:
    assert quick.run(*TEST, stdin="b\n").returncode == 9
    save_elsewhere(quick, {"1": "c"})
    terminal = quick.open(*TEST)
    terminal.expect(WHICH)
    terminal.sendline("2")
    terminal.expect(phrase("The answers that were on this device are in"))
    terminal.expect(r"start again \(no\)\? ")
    terminal.sendline("no")
    terminal.expect(QUESTION)
    terminal.close()
    files = quick.kept("*.previous.json") + quick.kept("*.previous-2.json")
    assert [json.loads(file.read_text())["answers"] for file in files] == [{"1": "b"}, {"1": "c"}]


def test_answers_here_that_have_all_of_the_others_are_kept_without_asking(
    api: LocalApi, client: TerminalClient
) -> None:
    assert client.run(*TEST, stdin="b\nd\n").returncode == 9
    save_elsewhere(client, {"1": "b"})
    terminal = client.open(*TEST)
    terminal.expect("You have answered 2 of 6")
    assert not re.search("filled in|differ", terminal.before)
    terminal.sendline("yes")
    answer(terminal, "quit")
    assert re.search(phrase("and on the server"), finish(terminal)[1])
    assert stored(client)["answers"] == {"1": "b", "2": "d"}


@pytest.mark.parametrize("end", ["quit", "SIGINT", "SIGKILL"])
def test_a_conflict_that_is_not_decided_changes_neither(api: LocalApi, quick: TerminalClient, end: str) -> None:
    assert quick.run(*TEST, stdin="b\n").returncode == 9
    save_elsewhere(quick, {"1": "c"})
    for _ in range(2):
        terminal = quick.open(*TEST)
        terminal.expect(WHICH)
        if end == "quit":
            terminal.sendline("quit")
            assert re.search(phrase("The server has other answers from another device"), finish(terminal)[1])
        elif end == "SIGINT":
            stop(terminal, signal.SIGINT)
            finish(terminal)
        else:
            kill(terminal)
        assert kept(quick)["answers"] == {"1": "b"}
        assert stored(quick)["answers"] == {"1": "c"}


def test_a_conflict_while_answering_is_asked_before_the_next_question(api: LocalApi, quick: TerminalClient) -> None:
    terminal = quick.open(*TEST)
    answer(terminal, "b")
    terminal.expect(QUESTION)
    save_elsewhere(quick, {"1": "c", "2": "d"})
    terminal.sendline("a")
    terminal.expect(WHICH)
    assert "[3]" not in terminal.before
    terminal.sendline("2")
    terminal.expect(r"\[3\]")
    terminal.expect(QUESTION)
    assert kept(quick)["answers"] == {"1": "c", "2": "d"}
    # Before the summary too, and what is uploaded is what was chosen.
    save_elsewhere(quick, {"1": "c", "2": "b"})
    terminal.sendline("a")
    terminal.expect(WHICH)
    terminal.sendline("1")
    answer(terminal, "list")
    terminal.expect(CONFIRM)
    assert "1: c\r\n2: d\r\n3: a\r\n" in terminal.before
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert [one["answers"] for one in api.objects("answers/").values()] == [{"1": "c", "2": "d", "3": ["a"]}]


def test_a_conflict_found_at_the_last_prompt_is_asked_before_the_upload(api: LocalApi, quick: TerminalClient) -> None:
    refused, answer_ = threading.Event(), api.answer

    def busy_once(method: str, target: str, headers: Any, body: bytes) -> Any:
        if method == "PUT" and not refused.is_set():
            refused.set()
            api.answer = then_another_device  # type: ignore[method-assign]
            return 503, {}, b""
        return answer_(method, target, headers, body)

    conflict = threading.Event()

    def then_another_device(method: str, target: str, headers: Any, body: bytes) -> Any:
        if method == "PUT":
            api.answer = answer_  # type: ignore[method-assign]
            save_elsewhere(quick, {"1": "c"})
        reply = answer_(method, target, headers, body)
        if method == "PUT":
            conflict.set()
        return reply

    terminal = quick.open(*TEST)
    answer(terminal, *["skip"] * 5)
    terminal.expect(QUESTION)
    api.answer = busy_once  # type: ignore[method-assign]
    terminal.sendline("b")
    terminal.expect(CONFIRM)
    assert conflict.wait(30)
    terminal.sendline("yes")
    terminal.expect(WHICH)
    assert api.objects("answers/") == {}
    terminal.sendline("1")
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert [one["answers"] for one in api.objects("answers/").values()] == [{"6": "b"}]


def test_who_quits_with_a_conflict_is_not_asked(api: LocalApi, client: TerminalClient) -> None:
    terminal = client.open(*TEST)
    answer(terminal, "b")
    terminal.expect(QUESTION)
    save_elsewhere(client, {"1": "c"})
    terminal.sendline("quit")
    status, told = finish(terminal)
    assert status == 9
    assert re.search(phrase("The server has other answers from another device, saved on"), told)
    assert (kept(client)["answers"], stored(client)["answers"]) == ({"1": "b"}, {"1": "c"})
    terminal = client.open(*TEST)
    terminal.expect(WHICH)
    terminal.close()


def test_a_save_whose_reply_was_lost_is_no_conflict(api: LocalApi, quick: TerminalClient) -> None:
    faults = ["cut_after"]
    with FaultProxy(api.endpoint, lambda request: faults.pop() if request == PUT and faults else "") as proxy:
        quick.environment["TEST_TIME_ENDPOINT"] = proxy.endpoint
        terminal = quick.open(*TEST)
        answer(terminal, "b", "back", "c")
        terminal.expect(QUESTION)
        assert "differ" not in terminal.before
        terminal.sendline("quit")
        finish(terminal)
        assert stored(quick)["answers"] == {"1": "c"}
    assert [entry[1] for entry in proxy.log if entry[0] == PUT] == ["cut_after", "", ""]


def test_what_was_saved_before_the_last_upload_means_nothing(api: LocalApi, quick: TerminalClient) -> None:
    api.publish_test(SUBJECT, NAME, sample_questions(), attempts="last")
    save_elsewhere(quick, {"1": "b"})
    api.now += timedelta(minutes=1)
    upload_elsewhere(quick, {"1": "b"})
    api.now += timedelta(minutes=1)
    for given in ([], ["c", "quit"]):
        terminal = quick.open(*TEST)
        terminal.expect(r"\[1\]")
        assert not re.search("filled in|differ|so far", terminal.before)
        if given:
            answer(terminal, *given)
            assert re.search(phrase("and on the server"), finish(terminal)[1])
        terminal.close()
    assert stored(quick)["answers"] == {"1": "c"}
    # What was saved after it counts again.
    other = another_device(quick)
    terminal = other.open(*TEST)
    terminal.expect(FILLED_IN)
    terminal.close()


def upload(terminal: Terminal, *answers: str) -> None:
    answer(terminal, *answers, "list")
    terminal.expect(CONFIRM)
    terminal.sendline("yes")


@pytest.mark.parametrize("choice", ["yes", "no"])
def test_a_newer_upload_of_another_device_is_replaced_only_by_who_says_so(
    api: LocalApi, client: TerminalClient, choice: str
) -> None:
    api.publish_test(SUBJECT, NAME, sample_questions(), attempts="last")
    terminal = client.open(*TEST)
    terminal.expect(r"\[1\]")
    receipt = upload_elsewhere(client, {"1": "c"})
    upload(terminal, "b")
    terminal.expect(phrase("Replace that upload with these answers (yes or no)? "))
    told = " ".join(terminal.before.split())
    assert f"You have uploaded this test again from another device, on {api.now:%a %d %b %Y}" in told
    assert f"(receipt {receipt})" in told
    assert "were not uploaded; they are kept in" in told
    assert len(api.objects("answers/")) == 1
    terminal.sendline(choice)
    status, told = finish(terminal)
    answers = [one["answers"] for one in api.objects("answers/").values()]
    if choice == "yes":
        assert (status, answers) == (0, [{"1": "c"}, {"1": "b"}])
        assert client.kept() == []
    else:
        assert (status, answers) == (9, [{"1": "c"}])
        assert kept(client)["answers"] == {"1": "b"}
        assert re.search(phrase("your earlier upload counts"), told)


def test_a_newer_upload_is_told_to_a_pipe_and_not_replaced(api: LocalApi, client: TerminalClient) -> None:
    api.publish_test(SUBJECT, NAME, sample_questions(), attempts="last")
    answer_ = api.answer

    def after_another(method: str, target: str, headers: Any, body: bytes) -> Any:
        if method == "POST":
            api.answer = answer_  # type: ignore[method-assign]
            upload_elsewhere(client, {"1": "c"})
        return answer_(method, target, headers, body)

    api.answer = after_another  # type: ignore[method-assign]
    done = client.run(*TEST, "--json", stdin="b\n" + "skip\n" * 5)
    assert done.returncode == 7
    assert '"code":"NewerSubmission"' in done.stdout
    assert "do not count; they are kept in" in done.stderr
    assert [one["answers"] for one in api.objects("answers/").values()] == [{"1": "c"}]


def test_the_upload_that_is_known_is_replaced_without_asking(api: LocalApi, client: TerminalClient) -> None:
    api.publish_test(SUBJECT, NAME, sample_questions(), attempts="last")
    upload_elsewhere(client, {"1": "c"})
    terminal = client.open(*TEST)
    upload(terminal, "b")
    assert finish(terminal)[0] == 0
    assert [one["answers"] for one in api.objects("answers/").values()] == [{"1": "c"}, {"1": "b"}]


@pytest.mark.parametrize("choice", ["yes", "no"])
def test_answers_begun_before_an_upload_of_another_device_do_not_replace_it_unasked(
    api: LocalApi, client: TerminalClient, choice: str
) -> None:
    api.publish_test(SUBJECT, NAME, sample_questions(), attempts="last")
    terminal = client.open(*TEST)
    answer(terminal, "b", "quit")
    finish(terminal)
    receipt = upload_elsewhere(client, {"1": "c"})
    # This session reads of that upload at once. That the student has seen it does not follow.
    for _ in range(2):
        terminal = client.open(*TEST)
        terminal.expect(r"start again \(no\)\? ")
        terminal.sendline("yes")
        upload(terminal)
        terminal.expect(phrase("Replace that upload with these answers (yes or no)? "))
        assert receipt in terminal.before
        terminal.sendline("no")
        assert finish(terminal)[0] == 9
    terminal = client.open(*TEST)
    terminal.expect(r"start again \(no\)\? ")
    if choice == "yes":
        terminal.sendline("yes")
        upload(terminal)
        terminal.expect(phrase("Replace that upload"))
        terminal.sendline("yes")
    else:
        # Answers that are begun now replace it without asking.
        terminal.sendline("no")
        upload(terminal, "b")
    assert finish(terminal)[0] == 0
    assert [one["answers"] for one in api.objects("answers/").values()] == [{"1": "c"}, {"1": "b"}]


def test_whoever_has_no_answers_begins_after_the_upload_that_counts(api: LocalApi, client: TerminalClient) -> None:
    api.publish_test(SUBJECT, NAME, sample_questions(), attempts="last")
    terminal = client.open(*TEST)
    answer(terminal, "b", "quit")
    finish(terminal)
    terminal = client.open(*TEST)
    terminal.expect(r"start again \(no\)\? ")
    terminal.sendline("no")
    answer(terminal, "quit")
    finish(terminal)
    assert kept(client)["answers"] == {}
    upload_elsewhere(client, {"1": "c"})
    terminal = client.open(*TEST)
    upload(terminal, "d")
    assert finish(terminal)[0] == 0
    assert [one["answers"] for one in api.objects("answers/").values()] == [{"1": "c"}, {"1": "d"}]


@pytest.mark.parametrize("by", ["lines", "file", "file that was kept here"])
def test_a_script_replaces_the_upload_that_counts_when_it_runs(api: LocalApi, client: TerminalClient, by: str) -> None:
    api.publish_test(SUBJECT, NAME, sample_questions(), attempts="last")
    terminal = client.open(*TEST)
    answer(terminal, "b", "quit")
    finish(terminal)
    upload_elsewhere(client, {"1": "c"})
    if by == "lines":
        status = client.run(*TEST, stdin="d\n" + "skip\n" * 5).returncode
    elif by == "file":
        status = client.run(*TEST, "--answers", "-", stdin='{"1": "d"}').returncode
    else:
        file = client.kept()[0]
        file.write_text(file.read_text().replace('"1":"b"', '"1":"d"'))
        status, _ = finish(client.open(*TEST, "--answers", str(file)))
    assert status == 0
    assert [one["answers"] for one in api.objects("answers/").values()] == [{"1": "c"}, {"1": "d"}]


@pytest.mark.parametrize("begun", [True, False])
def test_the_draft_of_a_device_that_knew_the_upload_replaces_it_without_asking(
    api: LocalApi, client: TerminalClient, begun: bool
) -> None:
    api.publish_test(SUBJECT, NAME, sample_questions(), attempts="last")
    if begun:
        terminal = client.open(*TEST)
        answer(terminal, "d", "quit")
        finish(terminal)
    upload_elsewhere(client, {"1": "c"})
    api.now += timedelta(minutes=1)
    save_elsewhere(client, {"1": "b"})
    terminal = client.open(*TEST)
    terminal.expect(FILLED_IN)
    terminal.sendline("yes")
    upload(terminal)
    assert finish(terminal)[0] == 0
    assert [one["answers"] for one in api.objects("answers/").values()] == [{"1": "c"}, {"1": "b"}]


def test_a_terminal_killed_before_the_reply_knows_its_own_draft(api: LocalApi, quick: TerminalClient) -> None:
    stored_, answer_ = threading.Event(), api.answer

    def never(method: str, target: str, headers: Any, body: bytes) -> Any:
        reply = answer_(method, target, headers, body)
        if method == "PUT":
            stored_.set()
            return 503, {}, b""
        return reply

    api.answer = never  # type: ignore[method-assign]
    terminal = quick.open(*TEST)
    answer(terminal, "b")
    assert stored_.wait(30)
    terminal.expect(QUESTION)
    kill(terminal)
    api.answer = answer_  # type: ignore[method-assign]
    assert quick.run(*TEST, stdin="c\n").returncode == 9
    terminal = quick.open(*TEST)
    terminal.expect(r"start again \(no\)\? ")
    assert "differ" not in terminal.before
    terminal.sendline("yes")
    terminal.expect(QUESTION)
    assert stored(quick)["answers"] == {"1": "c"}
    terminal.close()


def test_whoever_continued_in_another_terminal_saves_there(api: LocalApi, client: TerminalClient) -> None:
    first = client.open(*TEST)
    answer(first, "b")
    first.expect(QUESTION)
    second = client.open(*TEST)
    second.expect(r"Continue here instead \(yes or no\)\? ")
    second.sendline("yes")
    second.expect(r"start again \(no\)\? ")
    second.sendline("yes")
    answer(second, "c")
    second.expect(QUESTION)
    first.sendline("quit")
    finish(first)
    assert PUT not in api.requests
    second.sendline("quit")
    finish(second)
    assert stored(client)["answers"] == {"1": "b", "2": "c"}


def test_a_dry_run_saves_the_draft_and_uploads_nothing(api: LocalApi, client: TerminalClient) -> None:
    terminal = client.open(*TEST, "--dry-run")
    upload(terminal, "b")
    status, told = finish(terminal)
    assert status == 0
    assert "Dry run: nothing was uploaded" in told
    assert stored(client)["answers"] == {"1": "b"}
    assert api.objects("answers/") == {}


def test_the_file_of_an_older_client_follows_the_upload_that_is_known(api: LocalApi, client: TerminalClient) -> None:
    api.publish_test(SUBJECT, NAME, sample_questions(), attempts="last")
    upload_elsewhere(client, {"1": "c"})
    terminal = client.open(*TEST)
    answer(terminal, "b", "quit")
    finish(terminal)
    [file] = client.kept()
    document = json.loads(file.read_text())
    del document["replaces"]
    file.write_text(json.dumps(document))
    terminal = client.open(*TEST)
    terminal.expect(r"start again \(no\)\? ")
    terminal.sendline("yes")
    upload(terminal)
    assert finish(terminal)[0] == 0


def test_a_file_of_answers_does_not_replace_those_given_here(api: LocalApi, client: TerminalClient) -> None:
    terminal = client.open(*TEST)
    answer(terminal, "b", "quit")
    finish(terminal)
    for _ in range(2):
        done = client.run(*TEST, "--answers", "-", "--dry-run", stdin='{"1": "c"}')
        assert done.returncode == 0, done.stderr
        assert kept(client)["answers"] == {"1": "c"}
        [previous] = client.kept("*.previous.json")
        assert json.loads(previous.read_text())["answers"] == {"1": "b"}
    # Nor is it saved for other devices.
    assert stored(client)["answers"] == {"1": "b"}


def test_the_file_of_an_older_client_is_taken_as_never_saved(
    api: LocalApi, client: TerminalClient, tmp_path: Path
) -> None:
    terminal = client.open(*TEST)
    answer(terminal, "b", "quit")
    finish(terminal)
    [file] = client.kept()
    document = json.loads(file.read_text())
    del document["version"], document["base"]
    file.write_text(json.dumps(document))
    save_elsewhere(client, {"1": "b", "2": "a"})
    terminal = client.open(*TEST)
    terminal.expect(FILLED_IN)
    terminal.expect("You have answered 2 of 6")
    terminal.close()
