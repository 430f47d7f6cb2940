"""The weekly run in one process: its real functions over an S3 and an SES kept in memory, in the order of the state
machine, under a clock of its own. `killed` calls end the process as a crash would: nothing after them happens.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from common.api.receipt import Receipt
from common.run.ledger import Ledger
from common.run.mail import Mailer
from common.shared.canonical_json import canonical_json
from common.shared.deadlines import format_time, parse_time
from common.shared.documents import Batch, ClassRecord, RosterEntry, Summary
from common.shared.object_keys import (
    CLASS,
    NOTIFICATIONS,
    SCORES,
    answers_key,
    failure_keys,
    manifest_key,
    sending_limits_failure_key,
)
from common.storage import RECEIPT_TAG, Bucket
from mail_batch.allowance import ask_ses
from mail_batch.batch import MoreMails, mail_batch
from mail_batch.delivery import Delivery
from mail_batch.letters import Letters
from plan_run.plan import Settings, plan
from report_run.links import published_link
from report_run.report import Reporter
from report_run.trainer_mail import TrainerMail
from score_batch.batch import score_batch
from support.aws_calls import Calls
from support.aws_limits import LIMITS
from support.documents import WholeTest, published_roster, published_subject, submission
from support.memory_s3 import MemoryS3
from support.memory_ses import MemorySes
from support.permissions import SENDER, ClientOf, Role
from support.templates import template

BUCKET = "class-data"
ENDPOINT = "https://a1b2c3.execute-api.eu-central-1.amazonaws.com/api"
STATES = template("weekly-run.asl")["States"]
TRAINER, TIMEZONE = "trainer@example.org", "Europe/Warsaw"
STEPS = ("plan_run", "score_batch", "mail_batch", "report_run")


class Killed(BaseException):
    """The process is gone. No `except Exception` may see it, as none would see a kill."""


class World:
    """A class, its bucket, its mail, and a clock that only a test or a wait moves.

    Each function has the credentials of its own role (`bucket_of`, `mailer_of`), a test those of nobody (`bucket`).
    `repeats_killed`: whether a kill ends one function, which the state machine calls again, or the whole run.
    """

    def __init__(self, *, batch_size: int = 2, reminder_hours: int = 0) -> None:
        self.calls = Calls()
        self.s3 = MemoryS3(self.calls, clock=self.clock)
        self.ses = MemorySes(self.calls, self.clock)
        self.bucket = Bucket(BUCKET, ClientOf(self.s3, None), lists=True)
        self.roles = {step: Role(step) for step in STEPS}
        self.bucket_of = {
            step: Bucket(BUCKET, ClientOf(self.s3, role), lists=True) for step, role in self.roles.items()
        }
        self.mailer = Mailer(ClientOf(self.ses, None))
        self.mailer_of = {step: Mailer(ClientOf(self.ses, role)) for step, role in self.roles.items()}
        self.now = datetime(2026, 11, 23, 22, 0, 5, tzinfo=UTC)
        self.settings = Settings(
            reminder_hours=reminder_hours,
            retention_days=365,
            batch_size=batch_size,
            authorizer_ttl_seconds=60,
            settle_seconds=40,
        )
        self.function_seconds = 900.0
        self.repeats_killed = False
        self.jitter = 0.5
        self.letters = Letters("Demo", SENDER, TIMEZONE)
        self.trainer_mail = TrainerMail(
            self.bucket_of["report_run"],
            self.mailer_of["report_run"],
            self.clock,
            self.sleep,
            link_of=partial(published_link, self.bucket_of["report_run"]),
            class_name="Demo",
            sender=SENDER,
            trainer=TRAINER,
            timezone=TIMEZONE,
        )
        self.given: dict[str, Any] = {}
        self._runs = 0

    def copy(self) -> World:
        """Another world in the same state, with no fault in it."""
        other = World()
        other.settings, other.now, other.given, other._runs = self.settings, self.now, dict(self.given), self._runs
        other.s3.objects.update(self.s3.objects)
        other.s3.written.update(self.s3.written)
        other.s3.tags.update(self.s3.tags)
        other.ses.sent += self.ses.sent
        return other

    # --- the class ---

    def publish(self, subject: str, tests: list[WholeTest], students: list[RosterEntry]) -> None:
        """Publish a class of one subject now."""
        record: ClassRecord = {"endpoint": ENDPOINT, "className": "Demo", "classDir": "class"}
        objects = published_subject(subject, tests) | published_roster(students) | {CLASS: canonical_json(record)}
        self.s3.objects.update(objects)
        self.s3.written.update(dict.fromkeys(objects, self.now))

    def put(self, key: str, value: Any) -> None:
        self.s3.objects[key] = canonical_json(value)

    def get(self, key: str) -> Any:
        return json.loads(self.s3.objects[key])

    def submit(
        self, subject: str, test: str, student: str, answers: Any, at: str = "2026-11-23T20:00:00Z", attempt: int = 1
    ) -> None:
        receipt = f"R-{student}-{attempt}"
        key = answers_key(subject, student, test, attempt)
        self.put(key, submission(subject, test, student, answers, at, receipt))
        self.s3.written[key] = parse_time(at)
        self.s3.tags[key] = urlencode({RECEIPT_TAG: Receipt(receipt, at, "0" * 32).to_tag()})

    def scores(self) -> dict[str, bytes]:
        """All score objects."""
        return {key: body for key, body in self.s3.objects.items() if key.startswith(SCORES)}

    def ledger(self, kind: str = "") -> dict[str, Any]:
        """All ledger entries of a kind, by key."""
        return {key: json.loads(body) for key, body in self.s3.objects.items() if key.startswith(NOTIFICATIONS + kind)}

    # --- the state machine ---

    def run(self, given: dict[str, Any] | None = None, run_id: str | None = None) -> Summary | None:
        """Start an execution now and let it end. The report's summary, or None when nothing was due.

        `given`: the execution's input; by default the world's own.
        """
        given = self.given if given is None else given
        self._runs += 1
        run_id = run_id or f"run-{self._runs}"
        planned = self._surely(
            lambda: plan(self.bucket_of["plan_run"], self.settings, run_id, format_time(self.now), given)
        )
        if planned["due"] == 0:
            return None
        self.now = max(self.now, parse_time(planned["settleUntil"]))
        manifest = self._surely(lambda: self.bucket.get_json(manifest_key(run_id)))
        for item in map(payload, manifest):
            scoring_failure, _ = failure_keys(run_id, item["batch"])
            self._step(scoring_failure, partial(score_batch, self.bucket_of["score_batch"], run_id, item["batch"]))
        self._sending_limits(run_id)
        for item in manifest:
            _, mailing_failure = failure_keys(run_id, item["batch"])
            self._step(mailing_failure, partial(self.mail, run_id, item["batch"]))
        summary: Summary = self._surely(lambda: self.report(run_id))
        return summary

    def mail(self, run_id: str, batch: int) -> Any:
        """One call of mail_batch."""
        bucket = self.bucket_of["mail_batch"]
        ends = self.now + timedelta(seconds=self.function_seconds)

        def open_delivery(batch: Batch) -> Delivery:
            return Delivery(
                Ledger(bucket, run_id, batch["startedAt"], self.clock, batch["resendUncertain"]),
                self.mailer_of["mail_batch"],
                lambda: (ends - self.now).total_seconds(),  # noqa: PLW0108 - the clock moves
                mailers=batch["mailers"],
                monotonic=self.seconds,
                sleep=self.sleep,
                jitter=lambda: self.jitter,
            )

        return mail_batch(bucket, self.letters, open_delivery, run_id, batch, self.seconds)

    def ask_ses(self, run_id: str) -> None:
        """One call of mail_batch that asks SES for its limits."""
        ask_ses(self.bucket_of["mail_batch"], self.mailer_of["mail_batch"], run_id)

    def report(self, run_id: str) -> Summary:
        """One call of report_run."""
        return Reporter(self.bucket_of["report_run"], self.trainer_mail, self.clock).report(run_id)

    def clock(self) -> datetime:
        """The clock's time."""
        return self.now

    def seconds(self) -> float:
        """The clock's reading in seconds."""
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def _sending_limits(self, run_id: str) -> None:
        """As the state machine does: asks SES again after a pause, and records a failure instead of failing."""
        *others, rule = STATES["SendingLimits"]["Retry"]
        final = [name for other in others if not other["MaxAttempts"] for name in other["ErrorEquals"]]
        pauses = [rule["IntervalSeconds"] * rule["BackoffRate"] ** n * self.jitter for n in range(rule["MaxAttempts"])]
        self._step(sending_limits_failure_key(run_id), partial(self.ask_ses, run_id), pauses, final)

    def _surely(self, step: Callable[[], Any]) -> Any:
        """A step without a Catch: its failure is the run's. Repeated where the state machine outlives its function."""
        try:
            return payload(step())
        except Killed:
            if not self.repeats_killed:
                raise
            return payload(step())

    def _step(
        self, failure_key: str, step: Callable[[], Any], pauses: Sequence[float] = (0, 0), final: Sequence[str] = ()
    ) -> None:
        """As the state machine does: tries again after each pause, MoreMails often, then records the failure.

        `final`: the errors after which it does not try again.
        """
        failed = 0
        for _ in range(60):
            try:
                payload(step())
                return
            except MoreMails as error:
                last: BaseException = error
            except (Exception, Killed) as error:
                if isinstance(error, Killed) and not self.repeats_killed:
                    raise
                last, failed = error, failed + 1
                if failed > len(pauses) or type(error).__name__ in final:
                    break
                self.sleep(pauses[failed - 1])
        cause = json.dumps({"errorMessage": str(last), "errorType": type(last).__name__})
        self.put(failure_key, {"Error": type(last).__name__, "Cause": cause})


def payload(answer: Any) -> Any:
    """What a function is given or answers, if it is not more than Step Functions takes."""
    assert len(canonical_json(answer)) <= LIMITS["states:payload bytes"].value
    return answer
