"""The API as its students reach it, in process: authorizer first, then the route's function."""

# The functions read their environment when they are imported: it has to be there first.

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from support.documents import (
    WholeTest,
    answer_key,
    index_entry,
    published_subject,
    questions,
    right,
    student_calendar,
    student_record,
)
from support.events import load_event
from support.memory_s3 import MemoryS3
from support.permissions import ClientOf, Role

os.environ |= {
    "DATA_BUCKET": "data",
    "CLASS_NAME": "Test class",
    "SHOW_CLASS_MEAN": "true",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "POWERTOOLS_SERVICE_NAME": "test",
    "POWERTOOLS_METRICS_NAMESPACE": "TestTime",
}

import authorizer.handler
import calendar_feed.handler
import class_view.handler
import draft.handler
import get_test.handler
import install.handler
import list_tests.handler
import pick_up.handler
import review.handler
import student.handler
import upload_test.handler
from class_view.kept import Kept
from class_view.roster import Roster
from common import clock
from common.api.memory import Memory
from common.run.review import review as review_of
from common.shared.calendar_secret import calendar_path, calendar_secret
from common.shared.canonical_json import canonical_json
from common.shared.documents import IndexEntry, RosterEntry, Score
from common.shared.object_keys import (
    ROSTER,
    answer_key_key,
    answers_key,
    calendar_key,
    index_key,
    questions_key,
    release_key,
    review_key,
    score_key,
    student_key,
    trainer_key,
)
from common.storage import Bucket

TRAINER = "trainer"
KEYS = {"s001": "key-of-ada-0123456789", "s002": "key-of-ben-0123456789", TRAINER: "key-of-trainer-0123456789"}
OPEN = datetime(2026, 11, 23, 21, 58, 10, tzinfo=UTC)
SECRET = "RIGHT-ANSWER-EXPLAINED"
HANDLERS = {
    "POST /v1/tests": list_tests.handler,
    "GET /v1/test": get_test.handler,
    "GET /v1/image": get_test.handler,
    "POST /v1/test": upload_test.handler,
    "GET /v1/draft": draft.handler,
    "PUT /v1/draft": draft.handler,
    "GET /v1/student": student.handler,
    "GET /v1/review": review.handler,
    "POST /v1/pick-up": pick_up.handler,
    "GET /install": install.handler,
    "GET /test-time.sh": install.handler,
    "GET /calendar/{feed}": calendar_feed.handler,
    "GET /v1/class": class_view.handler,
    "GET /v1/class/test": get_test.handler,
    "GET /v1/class/image": get_test.handler,
    "GET /v1/class/results": class_view.handler,
    "GET /v1/class/student": class_view.handler,
    "GET /v1/class/report": class_view.handler,
}

FUNCTIONS = (authorizer.handler, *dict.fromkeys(HANDLERS.values()))


def deployed(patch: pytest.MonkeyPatch, *, missing_is_denied: bool = True) -> Api:
    """The API of a class of two students, each function with the credentials of its own role.

    operating-systems with test01 is for both students; s001 alone has computer-networks too. `missing_is_denied`: as on
    AWS; else as in emulators, which do not ask what a role grants.
    """
    s3 = MemoryS3(missing_is_denied=missing_is_denied, clock=lambda: api.now)
    roles = {module: Role(module.__name__.split(".")[0]) for module in FUNCTIONS}
    api = Api(Bucket("data", s3), s3, [*roles.values()])
    for module, role in roles.items():
        patch.setattr(module, "BUCKET", Bucket("data", ClientOf(s3, role)) if missing_is_denied else api.bucket)
        if hasattr(module, "MEMORY"):
            patch.setattr(module, "MEMORY", Memory())
    patch.setattr(class_view.handler, "KEPT", Kept())
    patch.setattr(class_view.handler, "ROSTER", Roster())
    patch.setattr(clock, "utc_now", lambda: api.now)
    api.publish("operating-systems", index_entry("test01"))
    api.publish("computer-networks", index_entry("test01"))
    api.enrol("s001", "operating-systems", "computer-networks")
    api.enrol("s002", "operating-systems")
    api.bucket.put_json(trainer_key(KEYS[TRAINER]), {"role": "trainer"})
    return api


@dataclass
class Api:
    """The deployed API, in process. `now` is the server's clock."""

    bucket: Bucket
    s3: MemoryS3
    roles: list[Role]
    now: datetime = OPEN
    _roster: dict[str, RosterEntry] = field(default_factory=dict)

    def publish(self, subject: str, *entries: IndexEntry, shuffle: bool = False) -> None:
        """A subject with these tests, their questions and right answers."""
        for key, body in published_subject(subject, [_whole(subject, entry, shuffle) for entry in entries]).items():
            self.bucket.put(key, body)

    def enrol(self, student_id: str, *subjects: str, since: str = "", **deadlines: str) -> None:
        """A student, and own deadlines given as subject__test=time with - for _. `since`: when they came, if late."""
        own = {name.replace("__", "/").replace("_", "-"): time for name, time in deadlines.items()}
        record = student_record(student_id, f"Name of {student_id}", subjects, own)
        self.bucket.put_json(student_key(KEYS[student_id]), record)
        self.bucket.put_json(calendar_key(calendar_secret(KEYS[student_id])), student_calendar(record))
        came = dict.fromkeys(subjects, since) if since else {}
        self._roster[student_id] = cast(RosterEntry, {**record, "email": f"{student_id}@example.org", "since": came})
        self.bucket.put(ROSTER, b"".join(canonical_json(entry) + b"\n" for entry in self._roster.values()))

    def authorize(self, student_id: str) -> dict[str, Any]:
        """What the authorizer answers to the student's key."""
        event = load_event("api_authorizer_request")
        event["headers"]["X-Api-Key"] = KEYS[student_id]
        answer: dict[str, Any] = authorizer.handler.lambda_handler(event, None)
        return answer

    def event(
        self, route: str, student_id: str, body: Any = None, query: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """The event of a request. A body that is no text is sent as JSON."""
        method, path = route.split(" ")
        event = load_event("api_get_test" if method == "GET" else "api_post_test")
        event |= {"httpMethod": method, "resource": path, "path": path}
        for name in ("X-Api-Key", "x-api-key"):
            if name in event["headers"]:
                event["headers"][name] = KEYS[student_id]
                event["multiValueHeaders"][name] = [KEYS[student_id]]
        context = self.authorize(student_id)
        event["requestContext"]["authorizer"] = {"principalId": context["principalId"], **context["context"]}
        event["body"] = body if body is None or isinstance(body, str) else json.dumps(body)
        if query:
            event["queryStringParameters"] = query
            event["multiValueQueryStringParameters"] = {name: [value] for name, value in query.items()}
        return event

    def send(self, event: dict[str, Any]) -> tuple[int, Any]:
        """The status and the parsed body of the answer to an event."""
        route = f"{event['httpMethod']} {event['resource']}"
        answer = HANDLERS[route].lambda_handler(event, None)
        body = answer["body"] or "null"
        return answer["statusCode"], json.loads(body) if "json" in answer["headers"]["Content-Type"] else body

    def call(
        self, route: str, student_id: str = "s001", body: Any = None, query: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """`event` and `send` in one."""
        return self.send(self.event(route, student_id, body, query))

    def pick_up(self, id: Any) -> tuple[int, Any]:
        """Ask for the share of an invitation, without a key."""
        return self.send(self.open_event("POST /v1/pick-up", json.dumps({"id": id})))

    def open_event(self, route: str, body: str | None = None) -> dict[str, Any]:
        """The event of a request without a key."""
        method, path = route.split(" ")
        event = load_event("api_post_test" if method == "POST" else "api_get_test")
        event |= {"resource": path, "path": path, "body": body}
        event |= {"queryStringParameters": None, "multiValueQueryStringParameters": None}
        for headers in (event["headers"], event["multiValueHeaders"]):
            for name in [name for name in headers if name.lower() == "x-api-key"]:
                del headers[name]
        event["requestContext"].pop("authorizer", None)
        return event

    def calendar(self, path: str = "", **headers: str) -> dict[str, Any]:
        """The function's reply to a calendar app, which has no key. `path`: that of s001's calendar by default."""
        path = path or calendar_path(KEYS["s001"])
        event = load_event("api_get_test")
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        event |= {
            "resource": "/calendar/{feed}",
            "path": path,
            "pathParameters": {"feed": path.rpartition("/")[2]},
            "headers": sent,
            "multiValueHeaders": {name: [value] for name, value in sent.items()},
        }
        event["requestContext"].pop("authorizer", None)
        reply: dict[str, Any] = calendar_feed.handler.lambda_handler(event, None)
        return reply

    def upload(self, answers: Any, test: str = "test01", student_id: str = "s001", **optional: Any) -> tuple[int, Any]:
        """Submit answers to a test of operating-systems. `optional`: `replaces`."""
        body = {"subjectName": "operating-systems", "testId": test, "studentId": student_id, "answers": answers}
        body |= optional
        return self.call("POST /v1/test", student_id, body)

    def save(self, answers: Any, version: Any, test: str = "test01", student_id: str = "s001") -> tuple[int, Any]:
        """Save a draft of a test of operating-systems."""
        body = {"subjectName": "operating-systems", "testId": test, "answers": answers, "version": version}
        return self.call("PUT /v1/draft", student_id, body)

    def draft(self, test: str = "test01", student_id: str = "s001") -> tuple[int, Any]:
        """The student's draft of a test of operating-systems."""
        return self.call("GET /v1/draft", student_id, query={"subjectName": "operating-systems", "testId": test})

    def stored(self, test: str = "test01", attempt: int = 1, student_id: str = "s001") -> Any:
        """What lies in the bucket as the student's attempt."""
        return self.bucket.get_json(answers_key("operating-systems", student_id, test, attempt))

    def score(self, test: str, student_id: str, points: float, **more: Any) -> None:
        """Leave the score that a run would. `more`: further fields of it."""
        value = {
            "points": points,
            "maxPoints": 3,
            "late": False,
            "receiptId": "R-0000000000000001",
            "submittedAt": "2026-11-22T10:00:00Z",
            "questions": {"1": {"answer": ["b"], "correct": [SECRET]}},
            **more,
        }
        self.bucket.put_json(score_key("operating-systems", test, student_id), value)

    def release(self, test: str, *students: str, mean: float | None = None) -> None:
        """Leave what a run does that scores a test after everybody's time: these students' reviews, and the release."""
        index = self.bucket.get_json(index_key("operating-systems"))
        entry = next(entry for entry in index["tests"] if entry["testId"] == test)
        asked = self.bucket.get_json(questions_key("operating-systems", test))
        key = self.bucket.get_json(answer_key_key("operating-systems", test))
        for student_id in students:
            self.bucket.put_json(
                review_key("operating-systems", test, student_id),
                review_of(asked, key, _score(test, student_id), entry["lastDeadline"]),
            )
        release = {"subjectName": "operating-systems", "testId": test, "lastDeadline": entry["lastDeadline"]}
        self.bucket.put_json(release_key("operating-systems", test), {**release, "complete": True, "mean": mean})


def _score(test: str, student_id: str) -> Score:
    """b chosen everywhere, where a is right."""
    return {
        "subjectName": "operating-systems",
        "testId": test,
        "studentId": student_id,
        "points": 0,
        "maxPoints": 3,
        "late": False,
        "credit": 1,
        "attempt": 1,
        "submittedAt": "2026-11-22T10:00:00Z",
        "receiptId": f"R-{student_id}",
        "keyVersion": "1a2b",
        "questions": {str(number): {"answer": ["b"], "points": 0, "maxPoints": 1} for number in (1, 2, 3)},
    }


def _whole(subject: str, entry: IndexEntry, shuffle: bool) -> WholeTest:
    asked = questions(subject, entry["testId"])["questions"]
    key = answer_key(subject, entry["testId"], *(right("a", explanation=SECRET) for _ in asked))
    return {**entry, "questions": asked, "key": key, "shuffle": shuffle}
