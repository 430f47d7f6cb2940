"""What check-deployment.sh finds wrong with the API's answers."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.shared import probe
from cli.check_deployment.api import Api, Reply, Unreachable
from cli.check_deployment.api_checks import ApiChecks
from cli.check_deployment.findings import Finding

KEY = "the-probes-key"
PAGE = b"<!doctype html><title>Test time</title>"
RECEIPT = {"receiptId": "R-1"}


def error(status: int, code: str) -> Reply:
    return reply(status, {"code": code, "message": "What to do."})


def reply(status: int, body: Any, **headers: str) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return dated(Reply(status, {name.replace("_", "-"): headers[name] for name in headers}, raw, 0))


def dated(answer: Reply) -> Reply:
    """The answer as if it were given now."""
    now = time.time()
    return replace(answer, headers={"date": formatdate(now, usegmt=True), **answer.headers}, received_at=now)


class RightApi(Api):
    """An API that answers as it should. `answers` replaces answers by the check's own name for the request."""

    def __init__(self) -> None:
        super().__init__("https://api")
        self.answers: dict[str, Reply | list[Reply]] = {}
        self.uploads = 0

    def call(self, method: str, path: str, *, key: str | None = None, body: Any = None, headers: Any = None) -> Reply:
        name, right = self._right(method, path.split("?", maxsplit=1)[0], key, body, headers or {})
        answer = self.answers.get(name, right)
        return answer.pop(0) if isinstance(answer, list) else answer

    def _right(self, method: str, path: str, key: str | None, body: Any, headers: Any) -> tuple[str, Reply]:
        if path == "/":
            if headers["Accept"] == "text/html":
                return "packed", reply(200, gzip.compress(PAGE), content_encoding="gzip")
            return "plain", reply(200, PAGE)
        if path.startswith("/calendar/"):
            return "calendar", error(404, "CalendarNotFound")
        if path == "/v1/nothing":
            return "nothing", error(404, "NotFound")
        if key != KEY:
            return ("unknown", error(403, "Forbidden")) if key else ("no key", error(401, "Forbidden"))
        if (method, path) == ("POST", "/v1/tests"):
            return (
                ("list", reply(200, {"tests": [{"testId": probe.TEST}]}))
                if body
                else ("empty", error(400, "InvalidRequest"))
            )
        if (method, path) == ("GET", "/v1/test"):
            return "questions", reply(200, {"questions": [{"number": 1}]})
        if (method, path) == ("POST", "/v1/test"):
            self.uploads += 1
            rights = (reply(201, RECEIPT), reply(200, RECEIPT), error(409, "AlreadySubmitted"))
            return f"upload {self.uploads}", rights[self.uploads - 1]
        return "student", reply(200, {"tests": [{"state": "submitted"}]})


@pytest.fixture
def api() -> RightApi:
    return RightApi()


def found(api: Api, *, is_local: bool = False) -> dict[str, Finding]:
    checks = ApiChecks(api, KEY, "trainings-tests", is_local, lambda _: None).all()
    return {check.name: check() for check in checks}


def wrong(api: Api) -> dict[str, str]:
    findings = found(api).values()
    assert all(finding.todo for finding in findings if finding.state == "wrong")
    return {finding.check: finding.detail for finding in findings if finding.state == "wrong"}


def test_nothing_is_wrong_with_the_right_api(api: RightApi) -> None:
    assert {finding.state for finding in found(api).values()} == {"ok"}


@pytest.mark.parametrize(
    ("request_name", "answer", "check", "detail"),
    [
        ("no key", error(403, "Forbidden"), "errors of the API", "without a key: 403 Forbidden instead of 401"),
        ("no key", reply(401, {"message": "Unauthorized"}), "errors of the API", "401 without code and message"),
        ("unknown", reply(200, {}), "errors of the API", "with an unknown key: 200 instead of 403"),
        ("nothing", error(403, "Forbidden"), "errors of the API", "an unknown route: 403 Forbidden instead of 404"),
        ("nothing", reply(404, b"<html>"), "errors of the API", "404 without code and message"),
        ("empty", reply(500, b"null"), "invalid request", "500 instead of 400"),
        ("empty", error(400, "BadRequest"), "invalid request", "400 BadRequest instead of 400"),
        ("packed", reply(200, PAGE), "compressed page", "a browser does not get the page compressed"),
        ("packed", reply(200, b"H4sI", content_encoding="gzip"), "compressed page", "a browser does not get the page"),
        ("plain", reply(200, gzip.compress(PAGE), content_encoding="gzip"), "compressed page", "as it is"),
        ("plain", reply(200, {"message": "x"}), "compressed page", "as it is"),
        ("plain", reply(502, {"message": "x"}), "compressed page", "the page: 502"),
        ("calendar", error(403, "Forbidden"), "calendar", "403 Forbidden instead of 404"),
        ("calendar", error(404, "RouteNotFound"), "calendar", "404 RouteNotFound instead of 404"),
        ("calendar", reply(200, b"BEGIN:VCALENDAR"), "calendar", "200 instead of 404"),
        ("questions", reply(200, {"questions": []}), "taking the test", "the questions cannot be read: 200"),
        ("questions", reply(200, {"questions": [{}, {}]}), "taking the test", "the questions cannot be read: 200"),
        (
            "questions",
            reply(200, {"questions": [{"correct": ["a"]}]}),
            "taking the test",
            "the right answers are among",
        ),
        ("questions", error(404, "TestNotFound"), "taking the test", "404 TestNotFound"),
        ("upload 1", error(500, "InternalError"), "handing in", "the first time: 500 InternalError instead of 201"),
        ("upload 2", reply(200, {"receiptId": "R-2"}), "handing in", "the same answers again: 200 instead of 200 with"),
        ("upload 2", error(409, "AlreadySubmitted"), "handing in", "the same answers again: 409"),
        ("upload 3", reply(201, RECEIPT), "handing in", "other answers: 201 instead of 409"),
        ("student", reply(200, {"tests": [{"state": "open"}]}), "state of the test", "200 open instead of submitted"),
        ("student", error(500, "InternalError"), "state of the test", "500 InternalError"),
    ],
)
def test_each_wrong_answer_is_reported(
    api: RightApi, request_name: str, answer: Reply, check: str, detail: str
) -> None:
    undated = {
        name: value for name, value in answer.headers.items() if name != "date"
    }  # made when tests were collected
    api.answers[request_name] = dated(replace(answer, headers=undated))
    found_wrong = wrong(api)
    assert list(found_wrong) == [check]
    assert detail in found_wrong[check]


def _again(api: RightApi) -> RightApi:
    api.uploads = 0
    return api


@pytest.mark.parametrize("listed", [[], [probe.TEST, "test02"], ["test02"]])
def test_a_list_that_is_not_the_probes_test_is_reported(api: RightApi, listed: list[str]) -> None:
    api.answers["list"] = reply(200, {"tests": [{"testId": test} for test in listed]})
    assert wrong(api) == {"taking the test": "the test is not listed: 200"}


def test_a_new_key_may_take_a_while(api: RightApi) -> None:
    listed = reply(200, {"tests": [{"testId": probe.TEST}]})
    api.answers["list"] = [error(403, "Forbidden"), error(403, "Forbidden"), listed, listed]
    assert wrong(api) == {}


def test_a_key_that_stays_refused_is_reported(api: RightApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.check_deployment.api_checks.KEY_KNOWN_WITHIN_SECONDS", 0.01)
    api.answers["list"] = error(403, "Forbidden")
    assert "a new student's key is refused: 403 Forbidden" in wrong(api)["API key"]


@pytest.mark.parametrize(("seconds", "state"), [(0, "ok"), (25, "ok"), (-25, "ok"), (40, "wrong"), (-40, "wrong")])
def test_a_clock_that_is_off_is_reported(api: RightApi, seconds: float, state: str) -> None:
    api.answers["student"] = reply(200, {"tests": []}, date=formatdate(time.time() + seconds, usegmt=True))
    finding = found(api)["clock"]
    assert finding.state == state
    if state == "wrong":
        assert f"by {abs(round(seconds))} s" in finding.detail.replace("39", "40").replace("41", "40")


def test_the_local_clouds_own_errors_are_not_checked(api: RightApi) -> None:
    api.answers |= {
        "no key": reply(401, {"message": "Unauthorized"}),
        "unknown": reply(403, {"Message": "denied"}),
        "nothing": reply(403, {"message": "Missing Authentication Token"}),
    }
    assert found(api, is_local=True)["errors of the API"].state == "not checked"
    api.answers["unknown"] = reply(200, {})
    assert found(_again(api), is_local=True)["errors of the API"].state == "wrong"


@pytest.fixture
def served() -> Iterator[Callable[[list[tuple[int, bytes]]], tuple[str, list[Any]]]]:
    """A server that gives these answers, one after the other; its URL and the requests that it got."""
    servers = []

    def serve(answers: list[tuple[int, bytes]]) -> tuple[str, list[Any]]:
        requests: list[Any] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                requests.append((self.path, self.headers["x-api-key"], json.loads(body)))
                status, content = answers.pop(0)
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}", requests

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("refusals", "requests", "answer"), [(1, 2, "400"), (9, 10, "400"), (10, 10, "429")])
def test_a_request_over_the_rate_is_sent_up_to_ten_times(
    served: Callable[[list[tuple[int, bytes]]], tuple[str, list[Any]]],
    monkeypatch: pytest.MonkeyPatch,
    refusals: int,
    requests: int,
    answer: str,
) -> None:
    monkeypatch.setattr("cli.check_deployment.api.time.sleep", lambda _: None)
    endpoint, received = served([*[(429, b"{}")] * refusals, (400, b'{"code": "InvalidRequest", "message": "No."}')])
    got = Api(endpoint).call("POST", "/v1/test", key=KEY, body={"a": 1})
    assert (str(got.status), got.is_error) == (answer, answer == "400")
    assert received == [("/v1/test", KEY, {"a": 1})] * requests


def test_an_answer_that_is_cut_off_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(Unreachable, match=r"does not answer \(IncompleteRead"):
            Api(f"http://127.0.0.1:{server.getsockname()[1]}").call("GET", "/")


def test_an_api_that_does_not_answer_is_an_error() -> None:
    with pytest.raises(Unreachable, match=r"^http://127\.0\.0\.1:1 does not answer"):
        Api("http://127.0.0.1:1").call("GET", "/")
