"""Scores one batch of a run. The contract with the state machine is in templates/weekly-run.asl.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from common.parallel import MAX_PARALLEL
from common.run.unforeseen import without_messages_of_others
from common.settings import data_bucket
from common.telemetry import logger
from score_batch.batch import BatchScored, score_batch

if TYPE_CHECKING:
    from common.shared.documents import ManifestItem

bucket = data_bucket(max_connections=MAX_PARALLEL, lists=True)


@without_messages_of_others
@logger.inject_lambda_context
def lambda_handler(event: ManifestItem, context: Any) -> BatchScored:
    """`{"runId", "batch"}` -> `{"batch", "rows", "failed"}`. Raises StorageError, BatchMissing, PublishedMeanwhile."""
    answer = score_batch(bucket, event["runId"], event["batch"])
    logger.info("scored a batch", run_id=event["runId"], **answer)
    return answer
