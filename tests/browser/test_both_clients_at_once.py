"""One student's uploads of one test from everywhere at once: pages in Chromium, terminals, and bare requests."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from support.browser_student import SUBJECT, TEST, Student
from support.local_api import LocalApi
from support.terminal_client import TerminalClient

PAGES, TERMINALS, BARE = 10, 10, 30


class Gate:
    """Holds uploads back until all of them are at the server, so that none is handled before the last came."""

    def __init__(self, api: LocalApi) -> None:
        self._answer = api.answer
        self._arrived = threading.Semaphore(0)
        self._open = threading.Event()
        api.answer = self._pass  # type: ignore[method-assign]

    def _pass(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        if method == "POST":
            self._arrived.release()
            assert self._open.wait(60)
        return self._answer(method, target, headers, body)

    def wait_for(self, uploads: int) -> None:
        for _ in range(uploads):
            assert self._arrived.acquire(timeout=60)

    def open(self) -> None:
        self._open.set()


def bare_upload(api: LocalApi, key: str, option: str) -> tuple[int, str]:
    body = {"subjectName": SUBJECT, "testId": TEST, "studentId": "s001", "answers": {"1": option}}
    request = Request(f"{api.endpoint}/v1/test", json.dumps(body).encode(), {"x-api-key": key})
    request.add_header("content-type", "application/json")
    try:
        with urlopen(request, timeout=120) as reply:
            return reply.status, reply.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def terminal_upload(api: LocalApi, key: str, home: Path, option: str) -> tuple[int, str]:
    home.mkdir()
    client = TerminalClient(home, api.endpoint, key)
    done = client.run(
        "--subject",
        SUBJECT,
        "--test",
        TEST,
        stdin=json.dumps({"1": option}),
        environment={"TEST_TIME_TIMEOUT_SECONDS": "120"},
        timeout=180,
    )
    return done.returncode, done.stdout + done.stderr


def page_about_to_upload(page: Student, key: str, option: str) -> None:
    page.key = key
    page.sign_in()
    page.start_test()
    page.choose(1, option)
    page.page.get_by_role("link", name="Review and upload").click()
    page.sees("Upload your answers?")


def receipt_on(page: Student) -> tuple[bool, str]:
    """Whether the page's own answers count, and the receipt it shows or leads to."""
    heading = page.page.get_by_role("heading", level=1)
    expect(heading).not_to_have_text("Uploading your answers", timeout=30_000)
    uploaded = heading.inner_text() == "Your answers are uploaded"
    if not uploaded:
        page.sees("Already uploaded")
        page.page.get_by_role("link", name="Receipt for the answers that count").click()
        page.sees("Your answers are uploaded")
    return uploaded, page.page.locator(".receipt-id").inner_text()


@pytest.mark.faults
def test_fifty_uploads_by_page_terminal_and_bare_request_have_one_winner(
    open_browser: Callable[..., Student], api: LocalApi, tmp_path: Path
) -> None:
    pages = [open_browser() for _ in range(PAGES)]
    key = pages[0].key
    for number, page in enumerate(pages):
        page_about_to_upload(page, key, "abcd"[number % 4])
    gate = Gate(api)
    with ThreadPoolExecutor(TERMINALS + BARE) as pool:
        bare = [pool.submit(bare_upload, api, key, "abcd"[number % 4]) for number in range(BARE)]
        terminals = [
            pool.submit(terminal_upload, api, key, tmp_path / str(number), "abcd"[number % 4])
            for number in range(TERMINALS)
        ]
        gate.wait_for(TERMINALS + BARE)
        # The pages last: they give a request 20 seconds.
        for page in pages:
            page.page.get_by_role("button", name="Upload my answers").click()
        gate.wait_for(PAGES)
        gate.open()
    [stored] = api.objects("answers/").values()
    assert api.s3.writes[f"answers/{SUBJECT}/s001/{TEST}.json"] == 1
    replies = [one.result() for one in bare]
    screens = [one.result() for one in terminals]
    shown = [receipt_on(page) for page in pages]
    assert {status for status, _ in replies} <= {200, 201, 409}
    assert {status for status, _ in screens} <= {0, 7}
    # Everybody is told the receipt of the answers that count; uploaded are those that gave the very same answers.
    receipt = stored["receiptId"]
    assert all(receipt in body for _, body in replies)
    assert all(receipt in screen for _, screen in screens)
    assert [told for _, told in shown] == [receipt] * PAGES
    won = [stored["answers"] == {"1": "abcd"[number % 4]} for number in range(BARE)]
    assert [status != 409 for status, _ in replies] == won[:BARE]
    assert [status == 0 for status, _ in screens] == won[:TERMINALS]
    assert [uploaded for uploaded, _ in shown] == won[:PAGES]
