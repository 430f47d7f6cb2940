"""Asks SES once a run how much may be sent, and mails the students of one batch.

The contract with the state machine is in templates/weekly-run.asl.json.

Environment: DATA_BUCKET, CLASS_NAME, SENDER_EMAIL, TIMEZONE. The function's timeout must leave room for
mails above delivery.RESERVE_SECONDS: at least 240 s, better the longest that Lambda has.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, TypedDict, cast

from common.clock import utc_now
from common.parallel import MAX_PARALLEL
from common.run.ledger import Ledger
from common.run.mail import Mailer
from common.run.unforeseen import without_messages_of_others
from common.settings import data_bucket, setting
from common.telemetry import logger
from mail_batch.allowance import ask_ses
from mail_batch.batch import BatchMailed, mail_batch
from mail_batch.delivery import Delivery
from mail_batch.letters import Letters

if TYPE_CHECKING:
    from common.shared.documents import Batch, ManifestItem

bucket = data_bucket(max_connections=MAX_PARALLEL, lists=True)
mailer = Mailer(max_connections=MAX_PARALLEL)
letters = Letters(setting("CLASS_NAME"), setting("SENDER_EMAIL"), setting("TIMEZONE"))


class Run(TypedDict):
    """A run whose sending limits are to be asked for, or have been."""

    runId: str


@without_messages_of_others
@logger.inject_lambda_context
def lambda_handler(event: ManifestItem | Run, context: Any) -> BatchMailed | Run:
    """`{"runId"}` -> `{"runId"}`. Raises MailUnreachable, SendingClosed, StorageError.

    `{"runId", "batch"}` -> `{"batch", "sent", "deferred"}`. Raises MoreMails, StorageError.
    """
    if "batch" in event:
        return _mail_batch(cast("ManifestItem", event), context)
    ask_ses(bucket, mailer, event["runId"])
    logger.info("asked SES for its sending limits", run_id=event["runId"])
    return {"runId": event["runId"]}


def _mail_batch(event: ManifestItem, context: Any) -> BatchMailed:
    def open_delivery(batch: Batch) -> Delivery:
        return Delivery(
            Ledger(bucket, event["runId"], batch["startedAt"], utc_now, batch["resendUncertain"]),
            mailer,
            lambda: float(context.get_remaining_time_in_millis() / 1000),
            mailers=batch["mailers"],
            monotonic=time.monotonic,
            sleep=time.sleep,
            jitter=random.random,
        )

    answer = mail_batch(bucket, letters, open_delivery, event["runId"], event["batch"], time.monotonic)
    logger.info("mailed a batch", run_id=event["runId"], **answer)
    return answer
