"""First step of the weekly run: what is due? Writes the batches that the other steps work on.

The contract between the state machine and the four functions of the run is in the Comments of
`templates/weekly-run.asl.json`, what each function may read and write in `templates/functions.json`, and what is in the
objects in docs/data-model.md.

Environment: DATA_BUCKET, REMINDER_HOURS, RETENTION_DAYS, BATCH_SIZE, AUTHORIZER_TTL_SECONDS, SETTLE_SECONDS.
"""

from __future__ import annotations

from typing import Any, TypedDict

from common.parallel import MAX_PARALLEL
from common.run.unforeseen import without_messages_of_others
from common.settings import data_bucket, setting
from common.telemetry import logger
from plan_run.plan import Planned, Settings, plan

bucket = data_bucket(max_connections=MAX_PARALLEL, lists=True)
settings = Settings(
    reminder_hours=int(setting("REMINDER_HOURS")),
    retention_days=int(setting("RETENTION_DAYS")),
    batch_size=int(setting("BATCH_SIZE")),
    authorizer_ttl_seconds=int(setting("AUTHORIZER_TTL_SECONDS")),
    settle_seconds=int(setting("SETTLE_SECONDS")),
)


class Start(TypedDict):
    """The execution that the state machine has started. `input`: what it was given, not checked yet."""

    runId: str
    startedAt: str
    input: dict[str, Any]


@without_messages_of_others
@logger.inject_lambda_context
def lambda_handler(event: Start, context: Any) -> Planned:
    """`{"runId", "startedAt", "input"}` -> `{"runId", "due", "settleUntil"}`.

    Raises InvalidInput, PlanFailed, StorageError.
    """
    answer = plan(bucket, settings, event["runId"], event["startedAt"], event["input"])
    logger.info("planned", run_id=answer["runId"], batches=answer["due"])
    return answer
