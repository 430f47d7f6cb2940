"""The steps of the weekly run, one after the other, in this process: those of templates/weekly-run.asl.json."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cli.command import CommandError
from cli.run_progress import ProgressLine

from common.errors import BrokenObject
from common.run.ledger import Ledger
from common.run.mail import Mailer
from common.shared.deadlines import format_time, parse_time
from common.shared.documents import Batch, RunRequest, Summary
from common.storage import Bucket
from mail_batch.allowance import ask_ses
from mail_batch.batch import mail_batch
from mail_batch.delivery import Delivery
from mail_batch.letters import Letters
from plan_run.plan import PlanFailed, Settings, plan
from plan_run.run_input import InvalidInput
from report_run.report import Reporter
from report_run.trainer_mail import TrainerMail
from score_batch.batch import PublishedMeanwhile, score_batch

# AWS Lambda's longest call. Nothing waits here, so no step comes near it.
_SECONDS = 900.0


@dataclass(frozen=True)
class Stage:
    """The settings of a stage's functions."""

    plan: Settings
    class_name: str
    sender: str
    trainer: str
    timezone: str


def stage_of(parameters: dict[str, str]) -> Stage:
    """The settings, from the parameters of the root stack, where the functions get them from."""
    return Stage(
        plan=Settings(
            reminder_hours=int(parameters["ReminderHours"]),
            retention_days=int(parameters["RetentionDays"]),
            batch_size=int(parameters["BatchSize"]),
            authorizer_ttl_seconds=int(parameters["AuthorizerTtlSeconds"]),
            settle_seconds=int(parameters["SettleSeconds"]),
        ),
        class_name=parameters["ClassName"],
        sender=parameters["SenderEmail"],
        trainer=parameters["TrainerEmail"],
        timezone=parameters["Timezone"],
    )


def rehearse(
    bucket: Bucket,
    mailer: Mailer,
    stage: Stage,
    run_id: str,
    now: datetime,
    given: RunRequest,
    link_of: Callable[[str], str],
    show: Callable[[str], None] | None = None,
) -> Summary | None:
    """Do what a run that starts at `now` would do; its summary, or None if nothing is due.

    `link_of`: where a report can be read, by its `report_page_key`.
    Raises CommandError if the run would fail, and StorageError.
    """
    show = show or ProgressLine()
    started = format_time(now)
    show("planning")
    try:
        planned = plan(bucket, stage.plan, run_id, started, dict(given))
        ended = max(now, parse_time(planned["settleUntil"]))
        for number in range(planned["due"]):
            show(f"scoring batch {number + 1} of {planned['due']}")
            score_batch(bucket, run_id, number)
        if planned["due"] == 0:
            return None
        ask_ses(bucket, mailer, run_id)
        for number in range(planned["due"]):
            show(f"writing the emails of batch {number + 1} of {planned['due']}")
            _mail(bucket, mailer, stage, run_id, number, ended)
        return _report(bucket, mailer, stage, run_id, ended, link_of)
    except (InvalidInput, PlanFailed, BrokenObject) as error:
        raise CommandError(f"the run would fail: {error}") from error
    except PublishedMeanwhile as error:
        raise CommandError("the class was published during the rehearsal: start it again") from error
    finally:
        show("")


def _mail(bucket: Bucket, mailer: Mailer, stage: Stage, run_id: str, number: int, now: datetime) -> None:
    letters = Letters(stage.class_name, stage.sender, stage.timezone)

    def open_delivery(batch: Batch) -> Delivery:
        return Delivery(
            Ledger(bucket, run_id, batch["startedAt"], lambda: now, batch["resendUncertain"]),
            mailer,
            lambda: _SECONDS,
            mailers=batch["mailers"],
            monotonic=time.monotonic,
            sleep=lambda _: None,
            jitter=lambda: 0.0,
        )

    mail_batch(bucket, letters, open_delivery, run_id, number, time.monotonic)


def _report(
    bucket: Bucket, mailer: Mailer, stage: Stage, run_id: str, now: datetime, link_of: Callable[[str], str]
) -> Summary:
    trainer_mail = TrainerMail(
        bucket,
        mailer,
        lambda: now,
        lambda _: None,
        link_of=link_of,
        class_name=stage.class_name,
        sender=stage.sender,
        trainer=stage.trainer,
        timezone=stage.timezone,
    )
    return Reporter(bucket, trainer_mail, lambda: now).report(run_id)
