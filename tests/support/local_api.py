"""The API on loopback: the real Lambda handlers behind API-Gateway-shaped events, over an S3 in memory.

What AWS adds is imitated as far as a client can tell: the authorizer runs before each route and its
context reaches the function, errors of the gateway itself carry `message` alone, a body goes through
base64 when the function says so, and what is larger than AWS documents is refused. IAM, throttling and
time-outs are not imitated.

In a test:

    with LocalApi() as api:
        key = api.add_student("s001", "Ada Example", ["operating-systems"])
        api.publish_test("operating-systems", "test01", questions)
        ... requests to api.endpoint ...
        api.objects("answers/")

By hand, with a sample class of three tests and two students, until Ctrl-C:

    .venv/bin/python tests/support/local_api.py [PORT]

It replaces the handlers' bucket and clock in this process while it runs and puts them back after.
"""

from __future__ import annotations

import base64
import importlib
import json
import os
import secrets
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "lambda_src")]
# A function's environment; nothing of it reaches AWS.
for _name, _value in {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "DATA_BUCKET": "data",
    "CLASS_NAME": "Test class",
    "SHOW_CLASS_MEAN": "true",
    "POWERTOOLS_SERVICE_NAME": "test-time",
    "POWERTOOLS_METRICS_NAMESPACE": "TestTime",
}.items():
    os.environ.setdefault(_name, _value)

from common import clock  # noqa: E402
from common.api.memory import Memory  # noqa: E402
from common.run.review import review  # noqa: E402
from common.shared.calendar_secret import calendar_secret  # noqa: E402
from common.shared.canonical_json import canonical_json  # noqa: E402
from common.shared.deadlines import format_time  # noqa: E402
from common.shared.documents import AnswerKeyEntry  # noqa: E402
from common.shared.object_keys import (  # noqa: E402
    ROSTER,
    answers_key,
    calendar_key,
    questions_key,
    release_key,
    review_key,
    score_key,
    student_key,
    trainer_key,
)
from common.storage import Bucket  # noqa: E402
from common.telemetry import logger  # noqa: E402
from score_batch.scoring import score  # noqa: E402
from support.aws_limits import LIMITS  # noqa: E402
from support.documents import (  # noqa: E402
    WholeTest,
    answer_key,
    index_entry,
    published_subject,
    right,
    student_calendar,
    student_record,
)
from support.memory_s3 import MemoryS3  # noqa: E402

ROUTES = {
    ("POST", "/v1/tests"): "list_tests",
    ("GET", "/v1/test"): "get_test",
    ("GET", "/v1/image"): "get_test",
    ("POST", "/v1/test"): "upload_test",
    ("GET", "/v1/draft"): "draft",
    ("PUT", "/v1/draft"): "draft",
    ("GET", "/v1/student"): "student",
    ("GET", "/v1/review"): "review",
    ("GET", "/v1/class"): "class_view",
    ("GET", "/v1/class/test"): "get_test",
    ("GET", "/v1/class/image"): "get_test",
    ("GET", "/v1/class/results"): "class_view",
    ("GET", "/v1/class/student"): "class_view",
    ("GET", "/v1/class/report"): "class_view",
    ("POST", "/v1/pick-up"): "pick_up",
    ("GET", "/"): "web_page",
    ("GET", "/calendar/{feed}"): "calendar_feed",
    ("GET", "/sw.js"): "web_page",
    ("GET", "/install"): "install",
    ("GET", "/test-time.sh"): "install",
}
METHOD_ARN = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/api/{method}/v1/any"


class LocalApi:
    """The API, served while the `with` block runs.

    `endpoint`: what TEST_TIME_ENDPOINT is set to. `now`: the server's clock, which goes on from
    where it is set. `requests`: `"POST /v1/test"` and so on, in the order they came.
    """

    def __init__(self, port: int = 0) -> None:
        self.s3 = MemoryS3()
        self.bucket = Bucket("data", client=self.s3)
        self.requests: list[str] = []
        self._offset = timedelta(0)
        self._published: dict[str, dict[str, WholeTest]] = {}
        self._roster: dict[str, dict[str, Any]] = {}
        self._handlers = {name: importlib.import_module(f"{name}.handler") for name in {*ROUTES.values(), "authorizer"}}
        self._server = _Server(("127.0.0.1", port), self)
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}/api"
        self._restore: list[tuple[ModuleType, str, Any]] = []
        self._log_level: int | str = logger.log_level

    def __enter__(self) -> Self:
        for module in self._handlers.values():
            if hasattr(module, "BUCKET"):
                self._replace(module, "BUCKET", self.bucket)
            if hasattr(module, "MEMORY"):
                self._replace(module, "MEMORY", Memory())
            if hasattr(module, "KEPT"):
                self._replace(module, "KEPT", type(module.KEPT)())
                self._replace(module, "ROSTER", type(module.ROSTER)())
            if hasattr(module, "count"):
                # Metrics are lines on standard output, which here is a test's or a benchmark's own.
                self._replace(module, "count", lambda *_: None)
        self._replace(clock, "utc_now", lambda: self.now)
        # Logs are lines on standard output too.
        logger.setLevel("WARNING")
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.finish()
        logger.setLevel(self._log_level)
        for module, name, value in reversed(self._restore):
            setattr(module, name, value)

    @property
    def now(self) -> datetime:
        """The server's time."""
        return datetime.now(UTC) + self._offset

    @now.setter
    def now(self, time: datetime) -> None:
        self._offset = time - datetime.now(UTC)

    def add_student(
        self, student: str, name: str, subjects: list[str], deadlines: Mapping[str, str] | None = None, key: str = ""
    ) -> str:
        """Enrol a student; returns the API key."""
        key = key or secrets.token_urlsafe(30)
        record = student_record(student, name, subjects, deadlines)
        self.bucket.put_json(student_key(key), record)
        self.bucket.put_json(calendar_key(calendar_secret(key)), student_calendar(record))
        self._roster[student] = {**record, "email": f"{student}@example.org", "since": {}}
        self.bucket.put(ROSTER, b"".join(canonical_json(entry) + b"\n" for entry in self._roster.values()))
        return key

    def add_trainer(self) -> str:
        """Returns the trainer's API key."""
        key = secrets.token_urlsafe(30)
        self.bucket.put_json(trainer_key(key), {"role": "trainer"})
        return key

    def publish_test(
        self,
        subject: str,
        test: str,
        questions: list[dict[str, Any]],
        closes_at: datetime | None = None,
        title: str = "Kernels",
        shuffle: bool = False,
        drawing: dict[str, Any] | None = None,
        **policies: Any,
    ) -> None:
        """Publish a test, or publish it again. `closes_at`: in two days by default. `policies`: as in the index.

        Questions are as in questions.json; `number`, `type` and `points` may be left out. `right_answer` says what is
        right in them. `drawing`: of a test with pools, `pools` and `salt`.
        """
        asked: Any = [
            {"number": number, "type": "single", "points": 1} | question for number, question in enumerate(questions, 1)
        ]
        closes = format_time(closes_at or self.now + timedelta(days=2))
        entry = index_entry(test, closes, title=title, **{"questionCount": len(asked), **policies})
        key = answer_key(subject, test, *map(right_answer, asked))
        tests = self._published.setdefault(subject, {})
        tests.pop(test, None)
        whole: Any = {**entry, "questions": asked, "key": key, "shuffle": shuffle, **(drawing or {})}
        tests[test] = whole
        for name, body in published_subject(subject, tests.values()).items():
            self.bucket.put(name, body)
        for module in self._handlers.values():
            if hasattr(module, "MEMORY"):
                # So that tests need not wait until the functions have forgotten the old one.
                self._replace(module, "MEMORY", Memory())

    def release(self, subject: str, test: str, *students: str, mean: float | None = 2.5) -> None:
        """Leave what a run does that scores a test once nobody has time left. Students: those who have submitted."""
        published = self._published[subject][test]
        asked = self.bucket.get_json(questions_key(subject, test))
        deadline = published["lastDeadline"]
        times = {"onTimeUntil": deadline, "acceptedUntil": deadline}
        for student in students:
            scored: Any = {"studentId": student, "name": student, "email": "", "over": True, **times}
            attempts = {1: self.bucket.get_json(answers_key(subject, student, test))}
            result = score(subject, published, published["questions"], published["key"], "v", scored, attempts)
            self.bucket.put_json(score_key(subject, test, student), result)
            written = review(asked, published["key"], result, deadline)
            self.bucket.put_json(review_key(subject, test, student), written)
        release = {"subjectName": subject, "testId": test, "lastDeadline": deadline, "complete": True, "mean": mean}
        self.bucket.put_json(release_key(subject, test), release)

    def hand_in(self, subject: str, test: str, student: str, left_out: int) -> None:
        """Make of a released score that of a draft from which one answer was left out."""
        places = score_key(subject, test, student), review_key(subject, test, student)
        result, written = ({**self.bucket.get_json(place), "receiptId": "draft-1"} for place in places)
        self.bucket.put_json(places[0], {**result, "draft": {"leftOut": [str(left_out)]}})
        questions = [{**each, "leftOut": each["number"] == left_out} for each in written["questions"]]
        self.bucket.put_json(places[1], {**written, "handedIn": True, "questions": questions})

    def receipt_of(self, subject: str, test: str, student: str) -> str:
        """The receipt of the student's first attempt."""
        return str(self.bucket.get_json(answers_key(subject, student, test))["receiptId"])

    def objects(self, prefix: str) -> dict[str, Any]:
        """All objects whose keys begin with `prefix`, parsed."""
        return {key: json.loads(body) for key, body in sorted(dict(self.s3.objects).items()) if key.startswith(prefix)}

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """One request as API Gateway handles it: status, headers and body of the answer."""
        url = urlsplit(target)
        path = url.path.removeprefix("/api") or "/"
        self.requests.append(f"{method} {path}")
        resource, found = _resource(path)
        name = ROUTES.get((method, resource))
        if name is None:
            return _gateway_error(403, "Missing Authentication Token")
        if len(body) > LIMITS["apigateway:payload bytes"].value:
            return _gateway_error(413, "Request Too Long")
        event = _event(method, path, url.query, headers, body) | {"resource": resource, "pathParameters": found or None}
        if path.startswith("/v1/") and path != "/v1/pick-up":
            try:
                decision = self._handlers["authorizer"].lambda_handler(
                    {**event, "type": "REQUEST", "methodArn": METHOD_ARN.format(method=method)}, None
                )
            except Exception as error:
                return _gateway_error(401, "Unauthorized") if str(error) == "Unauthorized" else _gateway_error(500, "")
            if decision["policyDocument"]["Statement"][0]["Effect"] != "Allow":
                return _gateway_error(403, "Forbidden")
            if len(json.dumps(decision["context"])) > LIMITS["apigateway:context bytes"].value:
                return _gateway_error(500, "Internal server error")
            event["requestContext"]["authorizer"] = {**decision["context"], "principalId": decision["principalId"]}
        reply = self._handlers[name].lambda_handler(event, None)
        if len(json.dumps(reply)) > LIMITS["lambda:payload bytes"].value:
            return _gateway_error(502, "Internal server error")
        encoded = reply.get("isBase64Encoded")
        return (
            reply["statusCode"],
            reply["headers"],
            base64.b64decode(reply["body"]) if encoded else reply["body"].encode(),
        )

    def _replace(self, module: ModuleType, name: str, value: Any) -> None:
        self._restore.append((module, name, getattr(module, name)))
        setattr(module, name, value)


def right_answer(question: dict[str, Any]) -> AnswerKeyEntry:
    """What is right in a question: option `a`, of a match for every item; an order by the IDs; about -350; `ls*`."""
    letters = "".join(sorted(option["id"] for option in question["options"]))
    numbers = [{"low": "-360", "high": "-340", "value": "-350", "feedback": "Cold."}]
    texts = [{"text": "ls*"}, {"text": "dir", "share": 50, "feedback": "Only on Windows."}]
    in_gaps = {
        "single": {"correct": ["a"], "feedback": {"a": "A it is."}},
        "number": {"numbers": numbers},
        "text": {"texts": texts},
    }
    by_type: dict[str, tuple[str, dict[str, Any]]] = {
        "number": ("", {"numbers": numbers}),
        "text": ("", {"texts": texts}),
        "gaps": ("", {"gaps": {gap["id"]: in_gaps[gap["type"]] for gap in question.get("gaps", [])}}),
        "order": (letters, {}),
        "match": ("", {"pairs": {item["id"]: "a" for item in question.get("items", [])}}),
    }
    correct, more = by_type.get(question["type"], ("a", {}))
    return right(correct, question["points"], explanation="Because of a.", **more)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], api: LocalApi) -> None:
        super().__init__(address, _Connection)
        self.api = api
        self._answering = 0
        self._is_over = False
        self._changed = threading.Condition()

    @contextmanager
    def answering(self) -> Iterator[bool]:
        """While a request is answered; False if the server is over: the handlers may belong to the next one already."""
        with self._changed:
            is_answered = not self._is_over
            self._answering += is_answered
        try:
            yield is_answered
        finally:
            with self._changed:
                self._answering -= is_answered
                self._changed.notify_all()

    def finish(self) -> None:
        """Answer what was asked, and nothing more, on connections that are still open either."""
        self.shutdown()
        self.server_close()
        with self._changed:
            self._is_over = True
            self._changed.wait_for(lambda: not self._answering, timeout=30)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        with self.server.answering() as is_answered:
            if is_answered:
                self._answer()
            else:
                self.close_connection = True

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, headers, content = self.server.api.answer(self.command, self.path, dict(self.headers.items()), body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header goes by the server's clock, as every time does."""
        return format_datetime(self.server.api.now, usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests read `requests` instead."""


def _resource(path: str) -> tuple[str, dict[str, str]]:
    """The resource that a path belongs to, and what stands for its parameters."""
    folder, _, last = path.rpartition("/")
    return ("/calendar/{feed}", {"feed": last}) if folder == "/calendar" else (path, {})


def _event(method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    parameters = parse_qs(query, keep_blank_values=True)
    try:
        text, encoded = body.decode(), False
    except UnicodeDecodeError:
        text, encoded = base64.b64encode(body).decode(), True
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in parameters.items()} or None,
        "multiValueQueryStringParameters": parameters or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {"requestId": secrets.token_hex(8), "stage": "api", "identity": {"sourceIp": "127.0.0.1"}},
        "body": text or None,
        "isBase64Encoded": encoded,
    }


def _gateway_error(status: int, message: str) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, canonical_json({"message": message})


def sample_questions() -> list[dict[str, Any]]:
    """Six questions that begin and end as in the article; one takes several answers."""
    desktop = "Which desktop environment is not used in any linux distribution?"
    texts = [
        ("What is kernel?", ["the core component of an operating system", "a web application", "a web browser"]),
        ("Which command lists processes?", ["ps", "ls", "cd"]),
        ("Which of these are shells?", ["bash", "zsh", "gcc"]),
        ("What does fork() return in the child?", ["0", "the parent's process ID", "-1"]),
        ("What is `PID 1`?", ["the first process", "the kernel", "the shell"]),
        (desktop, ["gnome", "kde", "unity"]),
    ]
    questions: list[dict[str, Any]] = [
        {
            "text": text,
            "options": [
                {"id": letter, "text": option}
                for letter, option in zip("abcd", [*options, "none of the mentioned"], strict=True)
            ],
        }
        for text, options in texts
    ]
    questions[2]["type"] = "multiple"
    return questions


def main() -> None:
    """Serve the sample class until Ctrl-C."""
    with LocalApi(int(sys.argv[1]) if len(sys.argv) > 1 else 0) as api:
        api.publish_test("operating-systems", "test01", sample_questions())
        api.publish_test("operating-systems", "test02", sample_questions(), title="Shells", shuffle=True)
        api.publish_test(
            "networks", "test01", sample_questions(), api.now + timedelta(hours=3), "Packets", attempts="last"
        )
        for student, name in ("s001", "Ada Example"), ("s002", "Bob Example"):
            key = api.add_student(student, name, ["operating-systems", "networks"])
            print(
                f"TEST_TIME_ENDPOINT={api.endpoint} TEST_TIME_API_KEY={key} TEST_TIME_STUDENT_ID={student}", flush=True
            )
        threading.Event().wait()


if __name__ == "__main__":
    main()
