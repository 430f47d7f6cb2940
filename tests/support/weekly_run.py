"""The weekly run in one process: its real functions over an S3 and an SES kept in memory, in the order of the state
machine, under a clock of its own. `killed` calls end the process as a crash would: nothing after them happens.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import io
import json
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from common.run.ledger import Ledger
from common.run.mail import Mailer
from common.shared.deadlines import format_time, parse_time
from common.shared.documents import Batch, Summary
from common.storage import Bucket
from mail_batch.batch import MoreMails, mail_batch
from mail_batch.delivery import Delivery
from mail_batch.letters import Letters
from plan_run.plan import Settings, plan
from report_run.report import Reporter
from score_batch.batch import score_batch

BUCKET = "class-data"
SENDER, TRAINER, TIMEZONE = "sender@example.org", "trainer@example.org", "Europe/Warsaw"


class Killed(BaseException):
    """The process is gone. No `except Exception` may see it, as none would see a kill."""


def aws_error(code: str, status: int, operation: str, message: str = "") -> ClientError:
    """An error as AWS answers it."""
    response: Any = {
        "Error": {"Code": code, "Message": message or code},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, operation)


class Calls:
    """Counts the calls of all clients. `fault(number, name, parameters, real)` may take a call over: it is told the
    call's number, from 0, and answers what the caller gets; by default it makes the real call."""

    def __init__(self) -> None:
        self.count = 0
        self.names: list[str] = []
        self._lock = threading.Lock()
        self.fault: Callable[[int, str, dict[str, Any], Callable[[], Any]], Any] | None = None

    def make(self, name: str, parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        with self._lock:
            number = self.count
            self.count += 1
            self.names.append(name)
        return self.fault(number, name, parameters, real) if self.fault else real()


class MemoryS3:
    """The part of a boto3 S3 client that Bucket uses, with conditional writes decided one after the other.

    `writes`: how often each key was written.
    """

    def __init__(self, calls: Calls) -> None:
        self.objects: dict[str, bytes] = {}
        self.writes: Counter[str] = Counter()
        self._calls = calls
        self._lock = threading.Lock()

    def get_object(self, **parameters: Any) -> Any:
        def get() -> Any:
            body = self.objects.get(parameters["Key"])
            if body is None:
                raise aws_error("NoSuchKey", 404, "GetObject")
            return {"Body": io.BytesIO(body), "ETag": _etag(body)}

        return self._calls.make("s3:GetObject", parameters, get)

    def put_object(self, **parameters: Any) -> Any:
        def put() -> Any:
            with self._lock:
                old = self.objects.get(parameters["Key"])
                if parameters.get("IfNoneMatch") == "*" and old is not None:
                    raise aws_error("PreconditionFailed", 412, "PutObject")
                if "IfMatch" in parameters and old is None:
                    raise aws_error("NoSuchKey", 404, "PutObject")
                if "IfMatch" in parameters and parameters["IfMatch"] != _etag(old or b""):
                    raise aws_error("PreconditionFailed", 412, "PutObject")
                self.objects[parameters["Key"]] = bytes(parameters["Body"])
                self.writes[parameters["Key"]] += 1
            return {"ETag": _etag(parameters["Body"])}

        return self._calls.make("s3:PutObject", parameters, put)

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, **parameters: Any) -> Any:
        def found() -> Any:
            return [
                {"Contents": [{"Key": key} for key in sorted(self.objects) if key.startswith(parameters["Prefix"])]}
            ]

        return self._calls.make("s3:ListObjectsV2", parameters, found)

    def generate_presigned_url(self, _operation: str, Params: dict[str, str], ExpiresIn: int) -> str:
        return f"https://signed.example.org/{Params['Key']}?expires={ExpiresIn}"


class MemorySes:
    """The part of a boto3 SES client that Mailer uses. `sent`: every mail that SES took."""

    def __init__(self, calls: Calls) -> None:
        self.sent: list[email.message.EmailMessage] = []
        self.rejected: set[str] = set()
        self.per_second = 1000.0
        self.daily = 50_000.0
        self._calls = calls

    def get_send_quota(self) -> Any:
        return self._calls.make(
            "ses:GetSendQuota",
            {},
            lambda: {
                "MaxSendRate": self.per_second,
                "Max24HourSend": self.daily,
                "SentLast24Hours": float(len(self.sent)),
            },
        )

    def send_raw_email(self, **parameters: Any) -> Any:
        def send() -> Any:
            message = email.message_from_bytes(parameters["RawMessage"]["Data"], policy=email.policy.default)
            if message["To"] in self.rejected:
                raise aws_error(
                    "MessageRejected", 400, "SendRawEmail", f"Email address is not verified: {message['To']}"
                )
            if len(self.sent) >= self.daily:
                raise aws_error("Throttling", 400, "SendRawEmail", "Daily message quota exceeded.")
            self.sent.append(message)
            return {"MessageId": "m"}

        return self._calls.make("ses:SendRawEmail", parameters, send)

    def to(self, address: str) -> list[email.message.EmailMessage]:
        """The mails that one address got."""
        return [message for message in self.sent if message["To"] == address]


class World:
    """A class, its bucket, its mail, and a clock that only a test or a wait moves.

    `repeats_killed`: whether a kill ends one function, which the state machine calls again, or the whole run.
    """

    def __init__(self, *, batch_size: int = 2, reminder_hours: int = 0) -> None:
        self.calls = Calls()
        self.s3 = MemoryS3(self.calls)
        self.ses = MemorySes(self.calls)
        self.bucket = Bucket(BUCKET, self.s3, lists=True)
        self.mailer = Mailer(self.ses)
        self.now = datetime(2026, 11, 23, 22, 0, 5, tzinfo=UTC)
        self.settings = Settings(reminder_hours=reminder_hours, batch_size=batch_size, settle_seconds=40)
        self.function_seconds = 900.0
        self.repeats_killed = False
        self.given: dict[str, Any] = {}
        self._runs = 0

    # --- the class ---

    def publish(self, subject: str, tests: list[dict[str, Any]], students: list[dict[str, Any]]) -> None:
        """Publish one subject. A test: an entry of its index with `questions` and `key` besides."""
        self.put(
            f"subjects/{subject}/index.json",
            {
                "subjectName": subject,
                "tests": [{n: v for n, v in test.items() if n not in {"questions", "key"}} for test in tests],
            },
        )
        for test in tests:
            self.put(f"subjects/{subject}/{test['testId']}/questions.json", {"questions": test["questions"]})
            self.put(f"answer-keys/{subject}/{test['testId']}.json", test["key"])
        self.s3.objects["roster.jsonl"] = "".join(json.dumps(student) + "\n" for student in students).encode()

    def put(self, key: str, value: Any) -> None:
        self.s3.objects[key] = json.dumps(value).encode()

    def get(self, key: str) -> Any:
        return json.loads(self.s3.objects[key])

    def submit(
        self, subject: str, test: str, student: str, answers: Any, at: str = "2026-11-23T20:00:00Z", attempt: int = 1
    ) -> None:
        suffix = "" if attempt == 1 else f"~{attempt}"
        self.put(
            f"answers/{subject}/{student}/{test}{suffix}.json",
            {
                "subjectName": subject,
                "testId": test,
                "studentId": student,
                "answers": answers,
                "submittedAt": at,
                "receiptId": f"R-{student}-{attempt}",
            },
        )

    def scores(self) -> dict[str, bytes]:
        """All score objects."""
        return {key: body for key, body in self.s3.objects.items() if key.startswith("scores/")}

    def ledger(self, kind: str = "") -> dict[str, Any]:
        """All ledger entries of a kind, by key."""
        return {
            key: json.loads(body) for key, body in self.s3.objects.items() if key.startswith(f"notifications/{kind}")
        }

    # --- the state machine ---

    def run(self, given: dict[str, Any] | None = None, run_id: str | None = None) -> Summary | None:
        """Start an execution now and let it end. The report's summary, or None when nothing was due.

        `given`: the execution's input; by default the world's own.
        """
        given = self.given if given is None else given
        self._runs += 1
        run_id = run_id or f"run-{self._runs}"
        planned = self._surely(lambda: plan(self.bucket, self.settings, run_id, format_time(self.now), given))
        if planned["due"] == 0:
            return None
        self.now = max(self.now, parse_time(planned["settleUntil"]))
        manifest = self._surely(lambda: self.bucket.get_json(f"runs/{run_id}/manifest.json"))
        for item in manifest:
            self._step(run_id, f"{item['batch']}", partial(score_batch, self.bucket, run_id, item["batch"]))
        for item in manifest:
            self._step(run_id, f"mail-{item['batch']}", partial(self.mail, run_id, item["batch"]))
        summary: Summary = self._surely(lambda: self.report(run_id))
        return summary

    def mail(self, run_id: str, batch: int) -> Any:
        """One call of mail_batch."""
        ends = self.now + timedelta(seconds=self.function_seconds)
        letters = Letters("Demo", SENDER, TIMEZONE)

        def open_delivery(batch: Batch) -> Delivery:
            return Delivery(
                Ledger(self.bucket, run_id, lambda: self.now, batch["resendUncertain"]),
                self.mailer,
                lambda: (ends - self.now).total_seconds(),  # noqa: PLW0108 - the clock moves
                mailers=batch["mailers"],
                monotonic=self.seconds,
                sleep=self.sleep,
            )

        return mail_batch(self.bucket, letters, open_delivery, run_id, batch)

    def report(self, run_id: str) -> Summary:
        """One call of report_run."""
        return Reporter(
            self.bucket,
            self.mailer,
            lambda: self.now,
            class_name="Demo",
            sender=SENDER,
            trainer=TRAINER,
            timezone=TIMEZONE,
        ).report(run_id)

    def seconds(self) -> float:
        """The clock's reading in seconds."""
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def _surely(self, step: Callable[[], Any]) -> Any:
        """A step without a Catch: its failure is the run's. Repeated where the state machine outlives its function."""
        try:
            return step()
        except Killed:
            if not self.repeats_killed:
                raise
            return step()

    def _step(self, run_id: str, failure: str, step: Callable[[], Any]) -> None:
        """As the state machine does: three tries, MoreMails at once and often, then the failure is recorded."""
        failed = 0
        for _ in range(60):
            try:
                step()
                return
            except MoreMails as error:
                last: BaseException = error
            except (Exception, Killed) as error:
                if isinstance(error, Killed) and not self.repeats_killed:
                    raise
                last, failed = error, failed + 1
                if failed == 3:
                    break
        cause = json.dumps({"errorMessage": str(last), "errorType": type(last).__name__})
        self.put(f"runs/{run_id}/failures/{failure}.json", {"Error": type(last).__name__, "Cause": cause})


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body).hexdigest()}"'
