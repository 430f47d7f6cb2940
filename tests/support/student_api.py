"""The API as its students reach it, in process: authorizer first, then the route's function."""

# The functions read their environment when they are imported: it has to be there first.

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from support.events import load_event
from support.s3_as_on_aws import S3AsOnAws

os.environ |= {
    "DATA_BUCKET": "data",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "POWERTOOLS_SERVICE_NAME": "test",
    "POWERTOOLS_METRICS_NAMESPACE": "TestTime",
}

import authorizer.handler
import get_test.handler
import list_tests.handler
import student.handler
import upload_test.handler
from common.shared.documents import Questions
from common.shared.object_keys import answer_key_key, answers_key, index_key, questions_key, score_key, student_key
from common.storage import Bucket

KEYS = {"s001": "key-of-ada-0123456789", "s002": "key-of-ben-0123456789"}
OPEN = datetime(2026, 11, 23, 21, 58, 10, tzinfo=UTC)
SECRET = "RIGHT-ANSWER-EXPLAINED"
HANDLERS = {
    "POST /v1/tests": list_tests.handler,
    "GET /v1/test": get_test.handler,
    "POST /v1/test": upload_test.handler,
    "GET /v1/student": student.handler,
}

FUNCTIONS = (authorizer.handler, *HANDLERS.values())


def entry(test: str, **changes: Any) -> dict[str, Any]:
    """An entry of a subject's index: closes on Monday 23:00 in Warsaw."""
    return {
        "testId": test,
        "title": f"Title of {test}",
        "questionCount": 3,
        "closesAt": "2026-11-23T22:00:00Z",
        "graceMinutes": 0,
        "attempts": "1",
        "late": None,
        "lastDeadline": "2026-11-23T22:00:00Z",
        **changes,
    }


def questions(subject: str, test: str, shuffle: bool = False) -> Questions:
    """Question 1 has one right option, 2 several, 3 one."""
    return {
        "subjectName": subject,
        "testId": test,
        "title": f"Title of {test}",
        "shuffle": shuffle,
        "questions": [
            {
                "number": number,
                "text": f"Question {number}?",
                "type": "multiple" if number == 2 else "single",
                "points": 1,
                "options": [{"id": option, "text": f"Option {option}"} for option in "abcd"],
            }
            for number in (1, 2, 3)
        ],
    }


@dataclass
class Api:
    """The deployed API, in process. `now` is the server's clock."""

    bucket: Bucket
    s3: S3AsOnAws
    now: datetime = OPEN
    events: list[dict[str, Any]] = field(default_factory=list)

    def publish(self, subject: str, *entries: dict[str, Any], shuffle: bool = False) -> None:
        """A subject with these tests, their questions and right answers."""
        index = {"subjectName": subject, "title": subject.title(), "tests": list(entries)}
        self.bucket.put_json(index_key(subject), index)
        for test in entries:
            name = test["testId"]
            self.bucket.put_json(questions_key(subject, name), questions(subject, name, shuffle))
            right = {"1": {"correct": ["a"], "points": 1, "explanation": SECRET}}
            self.bucket.put_json(answer_key_key(subject, name), {"questions": right})

    def enrol(self, student_id: str, *subjects: str, **deadlines: str) -> None:
        """A student, and own deadlines given as subject__test=time with - for _."""
        own = {name.replace("__", "/").replace("_", "-"): time for name, time in deadlines.items()}
        record = {"studentId": student_id, "name": f"Name of {student_id}", "subjects": subjects, "deadlines": own}
        self.bucket.put_json(student_key(KEYS[student_id]), record)

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
        event = load_event("api_post_test" if method == "POST" else "api_get_test")
        event |= {"resource": path, "path": path}
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
        return answer["statusCode"], json.loads(answer["body"])

    def call(
        self, route: str, student_id: str = "s001", body: Any = None, query: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """`event` and `send` in one."""
        return self.send(self.event(route, student_id, body, query))

    def upload(self, answers: Any, test: str = "test01", student_id: str = "s001") -> tuple[int, Any]:
        """Submit answers to a test of operating-systems."""
        body = {"subjectName": "operating-systems", "testId": test, "studentId": student_id, "answers": answers}
        return self.call("POST /v1/test", student_id, body)

    def stored(self, test: str = "test01", attempt: int = 1, student_id: str = "s001") -> Any:
        """What lies in the bucket as the student's attempt."""
        return self.bucket.get_json(answers_key("operating-systems", student_id, test, attempt))

    def score(self, test: str, student_id: str, points: float) -> None:
        """Leave the score that a run would."""
        value = {
            "points": points,
            "maxPoints": 3,
            "late": False,
            "receiptId": "R-0000000000000001",
            "submittedAt": "2026-11-22T10:00:00Z",
            "questions": {"1": {"answer": ["b"], "correct": [SECRET]}},
        }
        self.bucket.put_json(score_key("operating-systems", test, student_id), value)
