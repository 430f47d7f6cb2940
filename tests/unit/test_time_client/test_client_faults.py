"""The upload over a network that fails: nothing acknowledged is lost, nothing counts twice."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pexpect
import pytest

from support.fault_proxy import AFTER, BEFORE, FAULTS, FaultProxy
from support.local_api import LocalApi
from support.terminal_client import CONFIRM, QUESTION, TerminalClient, phrase

SEEDS = 208
PARTS = 4
TEST = ("--subject", "operating-systems", "--test", "test01")
SENT = {"1": "a", "2": "a", "3": ["a", "b"], "4": "c", "5": "d", "6": "d"}
LINES = "a\na\na b\nc\nd\nd\n"
RECEIPT = re.compile(r"Receipt: (R-[0-9a-f]+)")


def of_the_upload(*faults: str) -> Any:
    """A chooser that breaks the uploads with these faults, one after the other."""
    waiting = list(faults)
    return lambda request: waiting.pop(0) if request == "POST /v1/test" and waiting else ""


def is_stored(api: LocalApi) -> list[Any]:
    return [(one["answers"], one["receiptId"]) for one in api.objects("answers/").values()]


@pytest.mark.parametrize("fault", FAULTS)
def test_upload_survives_each_fault(api: LocalApi, client: TerminalClient, fault: str) -> None:
    with FaultProxy(api.endpoint, of_the_upload(fault, fault), stall_seconds=0.8) as proxy:
        client.environment |= {"TEST_TIME_ENDPOINT": proxy.endpoint, "TEST_TIME_TIMEOUT_SECONDS": "0.5"}
        done = client.run(*TEST, stdin=LINES)
    assert done.returncode == 0, done.stderr
    receipt = RECEIPT.search(done.stdout)
    assert receipt
    assert is_stored(api) == [(SENT, receipt[1])]
    assert "attempt 2 of 10" in done.stderr
    assert [entry[1] for entry in proxy.log if entry[0] == "POST /v1/test"] == [fault, fault, ""]


def seeded_run(seed: int, api: LocalApi, home: Path) -> tuple[Counter[str], bool]:
    """One student, one test, one seed of faults; checks what must hold whatever happened."""
    chance = random.Random(seed)  # a seed, not a secret
    student = f"s{seed:03}"
    key = api.add_student(student, "Ada Example", ["operating-systems"])
    rate = chance.choice([0.3, 0.6, 0.9])
    faults: Counter[str] = Counter()
    gave_up = False

    def choose(request: str) -> str:
        broken = chance.random() < (rate if request == "POST /v1/test" else 0.2)
        fault = chance.choice(FAULTS) if broken else ""
        faults[fault] += 1
        return fault

    with FaultProxy(api.endpoint, choose, stall_seconds=0.3) as proxy:
        client = TerminalClient(home / student, proxy.endpoint, key)
        client.home.mkdir()
        client.environment |= {"TEST_TIME_TIMEOUT_SECONDS": "0.2", "TEST_TIME_RETRY_BASE_SECONDS": "0.001"}
        for _ in range(40):
            done = client.run(*TEST, stdin=json.dumps(SENT))
            record = api.objects(f"answers/operating-systems/{student}/")
            if "Receipt: " in done.stdout or done.returncode == 7:
                break
            assert done.returncode == 8, done.stderr
            gave_up = True
            if "Sending your answers" in done.stdout:
                # All were given and nobody acknowledged them: they are still on disk.
                assert json.loads(client.kept()[0].read_text())["answers"] == SENT, done.stderr
                assert "Your answers are kept in" in done.stderr
        else:
            pytest.fail(f"seed {seed}: never through")
    assert [one["answers"] for one in record.values()] == [SENT]
    receipt = next(iter(record.values()))["receiptId"]
    # However often it was sent: one record, and its receipt is the one that the student has.
    assert api.s3.writes[next(iter(record))] == 1
    assert receipt in done.stdout + done.stderr
    return faults, gave_up


@pytest.mark.parametrize("part", range(PARTS))
def test_seeded_faults_lose_no_answer_and_store_none_twice(api: LocalApi, tmp_path: Path, part: int) -> None:
    seeds = range(part, SEEDS, PARTS)
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda seed: seeded_run(seed, api, tmp_path), seeds))
    faults = sum((run[0] for run in runs), Counter())
    assert len(api.objects("answers/")) == len(seeds)
    # The runs prove something only if every fault came up, and some runs were hard.
    assert all(faults[fault] for fault in (*BEFORE, *AFTER)), faults
    assert any(gave_up for _, gave_up in runs), "no run ever gave up: the client was never tried hard"


def test_server_that_never_answers_ends_with_words_and_the_answers_on_disk(
    api: LocalApi, client: TerminalClient
) -> None:
    with FaultProxy(api.endpoint, of_the_upload(*["cut_before"] * 99)) as proxy:
        client.environment |= {"TEST_TIME_ENDPOINT": proxy.endpoint, "TEST_TIME_RETRY_BASE_SECONDS": "0.001"}
        done = client.run(*TEST, stdin=LINES)
    assert done.returncode == 8
    assert "start test-time.sh again before the deadline" in done.stderr
    kept = client.kept()[0]
    assert str(kept) in done.stderr
    assert json.loads(kept.read_text())["answers"] == SENT
    assert len([entry for entry in proxy.log if entry[0] == "POST /v1/test"]) == 10


def test_answers_that_came_through_while_nobody_knew_get_their_receipt_later(
    api: LocalApi, client: TerminalClient
) -> None:
    with FaultProxy(api.endpoint, of_the_upload(*["cut_after"] * 10)) as proxy:
        client.environment |= {"TEST_TIME_ENDPOINT": proxy.endpoint, "TEST_TIME_RETRY_BASE_SECONDS": "0.001"}
        assert client.run(*TEST, stdin=LINES).returncode == 8
        [(answers, receipt)] = is_stored(api)
        assert answers == SENT
        again = client.run(*TEST, stdin=LINES)
    assert again.returncode == 7
    assert receipt in again.stderr


def test_ctrl_c_during_the_upload_says_that_it_may_have_arrived(api: LocalApi, client: TerminalClient) -> None:
    with FaultProxy(api.endpoint, of_the_upload("stall_after"), stall_seconds=3) as proxy:
        client.environment["TEST_TIME_ENDPOINT"] = proxy.endpoint
        terminal = client.open(*TEST)
        for typed in LINES.splitlines():
            terminal.expect(QUESTION)
            terminal.sendline(typed)
        terminal.expect(CONFIRM)
        terminal.sendline("yes")
        terminal.expect("Sending your answers")
        while not api.objects("answers/"):
            time.sleep(0.01)
        terminal.sendintr()
        terminal.expect(phrase("which may or may not have arrived"))
        terminal.expect(pexpect.EOF)
        terminal.close()
    assert terminal.exitstatus == 130
    # A draft that is saved after the upload would look like one of a later attempt.
    assert "PUT /v1/draft" not in api.requests
    assert json.loads(client.kept()[0].read_text())["answers"] == SENT


@pytest.mark.parametrize("kind", ["seconds", "date"])
def test_retry_after_is_honoured(api: LocalApi, client: TerminalClient, kind: str) -> None:
    answer, arrived = api.answer, []

    def busy(method: str, target: str, headers: Any, body: bytes) -> Any:
        if method == "POST":
            arrived.append(time.monotonic())
            if len(arrived) == 1:
                # An HTTP date has whole seconds: three from now may be a bit more than two.
                at = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 3))
                return 429, {"Retry-After": "2" if kind == "seconds" else at}, b'{"message":"Too Many Requests"}'
        return answer(method, target, headers, body)

    api.answer = busy  # type: ignore[method-assign]
    terminal = client.open(*TEST)
    for typed in LINES.splitlines():
        terminal.expect(QUESTION)
        terminal.sendline(typed)
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    terminal.expect(r"attempt 2 of 10 in \d s")
    terminal.expect(r"\rattempt 2 of 10 in 1 s")
    terminal.expect("uploaded with success")
    terminal.close()
    assert arrived[1] - arrived[0] >= 2


def test_wait_longer_than_the_client_goes_on_for_ends_at_once(api: LocalApi, client: TerminalClient) -> None:
    answer = api.answer

    def exhausted(method: str, target: str, headers: Any, body: bytes) -> Any:
        if method == "POST":
            return 429, {"Retry-After": "86400"}, b'{"message":"Limit Exceeded"}'
        return answer(method, target, headers, body)

    api.answer = exhausted  # type: ignore[method-assign]
    done = client.run(*TEST, stdin=LINES)
    assert done.returncode == 8
    assert "Limit Exceeded" in done.stderr
    assert api.objects("answers/") == {}


def test_other_answers_that_count_are_told(api: LocalApi, client: TerminalClient) -> None:
    terminal = client.open(*TEST)
    for typed in LINES.splitlines():
        terminal.expect(QUESTION)
        terminal.sendline(typed)
    terminal.expect(CONFIRM)
    status, reply = post(api, client, {"1": "b"})
    assert status == 201
    terminal.sendline("yes")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 7
    told = " ".join(terminal.before.split())
    assert reply["receiptId"] in told
    assert "The answers you have just given do not count" in told
    assert json.loads(client.kept()[0].read_text())["answers"] == SENT


def post(api: LocalApi, client: TerminalClient, answers: dict[str, Any]) -> tuple[int, Any]:
    """An upload as the web page sends it."""
    body = {"subjectName": "operating-systems", "testId": "test01", "studentId": "s001", "answers": answers}
    request = Request(f"{api.endpoint}/v1/test", json.dumps(body).encode(), method="POST")
    request.add_header("x-api-key", client.environment["TEST_TIME_API_KEY"])
    request.add_header("content-type", "application/json")
    try:
        with urlopen(request, timeout=30) as reply:
            return reply.status, json.loads(reply.read())
    except HTTPError as error:
        return error.code, json.loads(error.read())


def test_fifty_uploads_at_once_have_one_winner_and_the_others_learn_what_counts(
    api: LocalApi, client: TerminalClient, tmp_path: Path
) -> None:
    terminals = 15
    ready, answer = threading.Barrier(50, timeout=60), api.answer

    def together(method: str, target: str, headers: Any, body: bytes) -> Any:
        # All uploads are at the server before the first one is looked at.
        if method == "POST":
            ready.wait()
        return answer(method, target, headers, body)

    api.answer = together  # type: ignore[method-assign]

    def by_terminal(number: int) -> tuple[int, str]:
        one = TerminalClient(tmp_path / f"home{number}", api.endpoint, client.environment["TEST_TIME_API_KEY"])
        one.home.mkdir()
        done = one.run(
            *TEST, stdin=LINES.replace("c", "abcd"[number % 4]), environment={"TEST_TIME_TIMEOUT_SECONDS": "60"}
        )
        return done.returncode, done.stdout + done.stderr

    with ThreadPoolExecutor(50) as pool:
        by_page = [pool.submit(post, api, client, {"1": "abcd"[number % 4]}) for number in range(50 - terminals)]
        by_terminals = [pool.submit(by_terminal, number) for number in range(terminals)]
    [(answers, receipt)] = is_stored(api)
    pages, screens = [one.result() for one in by_page], [one.result() for one in by_terminals]
    assert {status for status, _ in pages} <= {200, 201, 409}
    assert {status for status, _ in screens} <= {0, 7}
    assert [status for status, _ in pages].count(201) <= 1
    # Everybody, winner or not, is told the receipt of the answers that count.
    assert all(receipt in json.dumps(reply) for _, reply in pages)
    assert all(receipt in screen for _, screen in screens)
    assert all(("uploaded with success" in screen) == (status == 0) for status, screen in screens)
    assert api.s3.writes["answers/operating-systems/s001/test01.json"] == 1
    assert answers in ([{"1": letter} for letter in "abcd"] + [SENT | {"4": letter} for letter in "abcd"])


def test_menu_survives_faults_too(api: LocalApi, client: TerminalClient) -> None:
    waiting = ["reset_before", "status_503_html"]
    with FaultProxy(api.endpoint, lambda _: waiting.pop(0) if waiting else "") as proxy:
        client.environment["TEST_TIME_ENDPOINT"] = proxy.endpoint
        assert "operating-systems test01" in client.run("--list").stdout


def test_page_of_a_wifi_login_is_told_as_such(api: LocalApi, client: TerminalClient) -> None:
    with FaultProxy(api.endpoint, lambda _: "login_page") as proxy:
        client.environment["TEST_TIME_ENDPOINT"] = proxy.endpoint
        done = client.run("--list")
    assert done.returncode == 8
    assert "Wi-Fi login page" in done.stderr
