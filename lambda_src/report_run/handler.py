"""Last step of the weekly run: the trainer's report.

The contract with the state machine is in templates/weekly-run.asl.json.

Environment: DATA_BUCKET, CLASS_NAME, SENDER_EMAIL, TRAINER_EMAIL, TIMEZONE.

Metrics, each counted once a run that has told the trainer: `ResultsScored`, `FailedResults`, `SentMails`,
`UncertainMails`, `RejectedMails`, `DeferredMails`, and `RunProblems`, the sum of the failed results and the uncertain
and rejected mails. An alarm on RunProblems above 0 reaches the trainer even if SES does not deliver the mail. If SES
does not even accept it, the run fails, which has an alarm of its own.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict

from common.clock import utc_now
from common.parallel import MAX_PARALLEL
from common.run.mail import Mailer
from common.run.unforeseen import without_messages_of_others
from common.settings import data_bucket, setting
from common.telemetry import count, logger
from report_run.links import published_link
from report_run.report import Reporter
from report_run.trainer_mail import TrainerMail

if TYPE_CHECKING:
    from common.shared.documents import Summary

bucket = data_bucket(max_connections=MAX_PARALLEL, lists=True)
trainer_mail = TrainerMail(
    bucket,
    Mailer(),
    utc_now,
    time.sleep,
    link_of=partial(published_link, bucket),
    class_name=setting("CLASS_NAME"),
    sender=setting("SENDER_EMAIL"),
    trainer=setting("TRAINER_EMAIL"),
    timezone=setting("TIMEZONE"),
)
reporter = Reporter(bucket, trainer_mail, utc_now)


class Reported(TypedDict):
    """What the state machine gets."""

    runId: str
    failed: int
    uncertain: int
    deferred: int


@without_messages_of_others
@logger.inject_lambda_context
def lambda_handler(event: dict[str, str], context: Any) -> Reported:
    """`{"runId"}` -> `{"runId", "failed", "uncertain", "deferred"}`. Raises ReportNotSent, StorageError."""
    summary = reporter.report(event["runId"])
    _count(summary)
    answer: Reported = {
        "runId": summary["runId"],
        "failed": summary["failed"],
        "uncertain": summary["uncertain"],
        "deferred": summary["deferred"],
    }
    logger.info("reported a run", **answer)
    return answer


def _count(summary: Summary) -> None:
    mails = [*(test["mails"] for test in summary["tests"]), summary["reminders"]]
    count("ResultsScored", summary["scored"])
    count("FailedResults", summary["failed"])
    count("SentMails", sum(states.get("sent", 0) for states in mails))
    count("UncertainMails", summary["uncertain"])
    count("RejectedMails", summary["rejected"])
    count("DeferredMails", summary["deferred"])
    count("RunProblems", summary["failed"] + summary["uncertain"] + summary["rejected"])
