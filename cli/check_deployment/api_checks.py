"""What the API answers: to strangers, and to the probe's student who takes the test."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from ansible_collections.training.test_time.plugins.module_utils.class_content.probe import RIGHT, WRONG
from ansible_collections.training.test_time.plugins.module_utils.shared import probe
from ansible_collections.training.test_time.plugins.module_utils.shared.calendar_secret import calendar_path
from cli.check_deployment.api import Api, Reply
from cli.check_deployment.findings import Check, Finding, judged, not_checked, ok, wrong

# A new API key may take a while until API Gateway knows it.
KEY_KNOWN_WITHIN_SECONDS = 90
# A student whose answer arrives late by the server's clock is often one whose computer's clock is slow.
LARGEST_CLOCK_DIFFERENCE_SECONDS = 30
_READ = {"subjectName": probe.SUBJECT, "testId": probe.TEST}
_LIST = {"studentId": probe.STUDENT, "subjectName": probe.SUBJECT}
_LOGS = "see the function's log group"


@dataclass
class ApiChecks:
    """The checks. `key`: the API key of the probe's student.

    `request_id`: API Gateway's ID of a request of the student, once there was one.
    """

    api: Api
    key: str
    stack: str
    is_local: bool
    sleep: Callable[[float], None] = time.sleep
    request_id: str | None = None

    def all(self) -> list[Check]:
        """In the order in which they must be made: a test can be taken only once."""
        return [
            Check("API key", self._key_is_known),
            Check("clock", self._clock),
            Check("errors of the API", self._errors),
            Check("invalid request", self._invalid_request),
            Check("compressed page", self._page),
            Check("calendar", self._calendar),
            Check("taking the test", self._take),
            Check("handing in", self._hand_in),
            Check("state of the test", self._submitted),
        ]

    def _key_is_known(self) -> Finding:
        end = time.monotonic() + KEY_KNOWN_WITHIN_SECONDS
        while (reply := self._list()).status == 403 and time.monotonic() < end:
            self.sleep(2)
        if reply.status == 200:
            return ok("API key", "a new student's key is accepted")
        return wrong(
            "API key",
            f"a new student's key is refused: {reply}",
            f"see the log group /aws/lambda/{self.stack}-authorizer, and the usage plan {self.stack} in API Gateway",
        )

    def _clock(self) -> Finding:
        asked_at = time.time()
        reply = self.api.call("GET", "/v1/student", key=self.key)
        self.request_id = reply.headers.get("x-amzn-requestid")
        if "date" not in reply.headers:
            return not_checked("clock", "the answer has no Date")
        # The header has whole seconds, and the server wrote it at some time between the two.
        server = parsedate_to_datetime(reply.headers["date"]).timestamp() + 0.5
        difference = server - (asked_at + reply.received_at) / 2
        if abs(difference) <= LARGEST_CLOCK_DIFFERENCE_SECONDS:
            return ok("clock", "this computer's clock agrees with AWS's")
        return wrong(
            "clock",
            f"this computer's clock differs from AWS's by {abs(difference):,.0f} s",
            "set this computer's clock: AWS refuses requests that are off by more than five minutes",
        )

    def _errors(self) -> Finding:
        """401, 403 and 404: the API Gateway's own, except for 403, which may be the authorizer's."""
        replies = {
            "without a key": (401, self.api.call("GET", "/v1/student")),
            "with an unknown key": (403, self.api.call("GET", "/v1/student", key="unknown")),
            "an unknown route": (404, self.api.call("GET", "/v1/nothing", key=self.key)),
        }
        problems = []
        for case, (status, reply) in replies.items():
            expected = {403, 404} if self.is_local and status == 404 else {status}
            if reply.status not in expected:
                problems.append(f"{case}: {reply} instead of {status}")
            elif not reply.is_error and not self.is_local:
                problems.append(f"{case}: {reply} without code and message")
        name = "errors of the API"
        if self.is_local and not problems:
            return not_checked(name, "401 and 403 are right, but the local cloud does not support gateway responses")
        return judged(
            name,
            problems,
            "401, 403 and 404, each with code and message",
            "see the gateway responses in templates/openapi.json, and the log group of the function authorizer",
        )

    def _invalid_request(self) -> Finding:
        reply = self.api.call("POST", "/v1/tests", key=self.key, body={})
        problems = [] if (reply.status, reply.code) == (400, "InvalidRequest") else [f"{reply} instead of 400"]
        return judged(
            "invalid request",
            problems,
            str(reply),
            "see the models and the request validator in templates/openapi.json",
        )

    def _page(self) -> Finding:
        packed = self.api.call("GET", "/", headers={"Accept-Encoding": "gzip", "Accept": "text/html"})
        plain = self.api.call("GET", "/", headers={"Accept-Encoding": "gzip", "Accept": "*/*"})
        problems = [f"the page: {reply}" for reply in (packed, plain) if reply.status != 200]
        if not problems:
            if packed.headers.get("content-encoding") != "gzip" or not _is_page(packed):
                problems.append("a browser does not get the page compressed")
            if "content-encoding" in plain.headers or not _is_page(plain):
                problems.append("a client that does not accept HTML by name does not get the page as it is")
        return judged(
            "compressed page",
            problems,
            f"{len(packed.body):,} bytes instead of {len(plain.body):,}",
            f"see the API's binary media types and the log group /aws/lambda/{self.stack}-web-page",
        )

    def _calendar(self) -> Finding:
        """The probe has none, so that nothing is left of it in an app."""
        reply = self.api.call("GET", calendar_path(self.key))
        problems = [] if (reply.status, reply.code) == (404, "CalendarNotFound") else [f"{reply} instead of 404"]
        return judged(
            "calendar",
            problems,
            "the function answers without a key, and gives no calendar to an address that nobody has",
            f"{_LOGS} /aws/lambda/{self.stack}-calendar-feed",
        )

    def _take(self) -> Finding:
        listed, got = self._list(), self.api.call("GET", f"/v1/test?{urlencode(_READ)}", key=self.key)
        problems = []
        if listed.status != 200 or [test["testId"] for test in listed.json.get("tests", [])] != [probe.TEST]:
            problems.append(f"the test is not listed: {listed}")
        if got.status != 200 or len(got.json.get("questions", [])) != 1:
            problems.append(f"the questions cannot be read: {got}")
        elif b'"correct"' in got.body:
            problems.append("the right answers are among the questions")
        return judged(
            "taking the test",
            problems,
            "listed, with its questions and without right answers",
            f"see the log groups /aws/lambda/{self.stack}-list-tests and -get-test",
        )

    def _hand_in(self) -> Finding:
        first, again, other = (self._upload(answer) for answer in (RIGHT, RIGHT, WRONG))
        problems = []
        if first.status != 201:
            problems.append(f"the first time: {first} instead of 201")
        if again.status != 200 or again.json.get("receiptId") != first.json.get("receiptId"):
            problems.append(f"the same answers again: {again} instead of 200 with the first receipt")
        if (other.status, other.code) != (409, "AlreadySubmitted"):
            problems.append(f"other answers: {other} instead of 409 AlreadySubmitted")
        return judged(
            "handing in",
            problems,
            "201, then 200 with the same receipt, then 409",
            f"{_LOGS} /aws/lambda/{self.stack}-upload-test: its permissions on answers/ or the receipt's tag",
        )

    def _submitted(self) -> Finding:
        return self._state("state of the test", "submitted")

    def scored(self) -> Finding:
        """Whether the student sees the score, after the run."""
        return self._state("score for the student", "scored")

    def _state(self, check: str, wanted: str) -> Finding:
        reply = self.api.call("GET", "/v1/student", key=self.key)
        states = [test["state"] for test in reply.json.get("tests", [])]
        problems = [] if states == [wanted] else [f"{reply} {', '.join(states)} instead of {wanted}"]
        return judged(check, problems, f"the student sees it as {wanted}", f"{_LOGS} /aws/lambda/{self.stack}-student")

    def _list(self) -> Reply:
        return self.api.call("POST", "/v1/tests", key=self.key, body=_LIST)

    def _upload(self, answer: str) -> Reply:
        body: dict[str, Any] = {**_READ, "studentId": probe.STUDENT, "answers": {"1": answer}}
        return self.api.call("POST", "/v1/test", key=self.key, body=body)


def _is_page(reply: Reply) -> bool:
    try:
        body = gzip.decompress(reply.body) if "content-encoding" in reply.headers else reply.body
    except (OSError, EOFError):
        return False
    return body.lstrip().lower().startswith(b"<!doctype html")
