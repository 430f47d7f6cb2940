"""First step of the weekly run: what is due? Writes the batches that the other steps work on.

The contract between the state machine and the four functions of the run; everything that is not
tiny goes through S3 under `runs/<runId>/` (docs/data-model.md).

- Plan calls plan_run with `{"runId": $$.Execution.Name, "startedAt": $$.Execution.StartTime,
  "input": $$.Execution.Input}` and gets `{"runId", "due": <number of batches>, "settleUntil"}`.
- Choice: with `due` 0 the run ends, successfully. Wait: until `settleUntil`, which may lie in the past.
- ScoreAll calls score_batch for each item `{"runId", "batch"}` of `runs/<runId>/manifest.json` and gets
  `{"batch", "rows", "failed"}`.
- MailAll calls mail_batch for each item of the same manifest, at most due.MOST_MAILERS at a time, and gets
  `{"batch", "sent", "pending"}`.
- Report calls report_run with `{"runId"}` and gets `{"runId", "failed", "uncertain", "deferred"}`.

A batch that fails for good never stops the run: a Catch writes `{"Error": ..., "Cause": ...}` to
`runs/<runId>/failures/<n>.json` (ScoreAll) or `runs/<runId>/failures/mail-<n>.json` (MailAll) and the
run goes on; report_run names it. Plan and Report have no such Catch: their failure is the run's.

Retries: every step may be repeated at any time. mail_batch raises `MoreMails` when its time runs
out before its mails do; retry that at once (IntervalSeconds 1, BackoffRate 1, MaxAttempts 60).
Do not retry `InvalidInput` and `PlanFailed`: another try ends alike.

Permissions: plan_run reads `roster.jsonl`, `subjects/*`, `answer-keys/*`, `states/*`, writes `runs/*`;
score_batch reads `runs/*`, `subjects/*`, `answer-keys/*`, `answers/*`, reads and writes `scores/*`, writes `runs/*`;
mail_batch reads `runs/*`, `subjects/*`, `answer-keys/*`, reads and writes `notifications/*`, writes `runs/*`,
`ses:SendRawEmail` as the sender, `ses:GetSendQuota` (which AWS grants on `*` alone);
report_run reads `runs/*`, `subjects/*`, `answer-keys/*`, reads and writes `notifications/*`, `reports/*` and
`states/*`, writes `runs/*`, the same `ses:` actions. All four have `s3:ListBucket` on the bucket without a prefix
condition: with one, S3 answers 403 for a missing object, and a broken policy could not be told from a class that handed
nothing in.

Environment: DATA_BUCKET, REMINDER_HOURS, BATCH_SIZE, SETTLE_SECONDS.
"""

from __future__ import annotations

from typing import Any

from common.parallel import MAX_PARALLEL
from common.settings import data_bucket, setting
from common.telemetry import logger
from plan_run.plan import Settings, plan

bucket = data_bucket(max_connections=MAX_PARALLEL, lists=True)
settings = Settings(
    reminder_hours=int(setting("REMINDER_HOURS")),
    batch_size=int(setting("BATCH_SIZE")),
    settle_seconds=int(setting("SETTLE_SECONDS")),
)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Plan a run. Event and answer: see above. Raises InvalidInput, PlanFailed, StorageError."""
    answer = plan(bucket, settings, event["runId"], event["startedAt"], event["input"])
    logger.info("planned", run_id=answer["runId"], batches=answer["due"])
    return answer
