"""What Lambda gives the four functions of the weekly run."""

from __future__ import annotations

from support.weekly_run import BUCKET

REGION = "eu-central-1"
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "DATA_BUCKET": BUCKET,
    "CLASS_NAME": "Demo",
    "SENDER_EMAIL": "sender@example.org",
    "TRAINER_EMAIL": "trainer@example.org",
    "TIMEZONE": "Europe/Warsaw",
    "REMINDER_HOURS": "24",
    "RETENTION_DAYS": "365",
    "BATCH_SIZE": "3",
    "AUTHORIZER_TTL_SECONDS": "60",
    "SETTLE_SECONDS": "40",
    "POWERTOOLS_METRICS_NAMESPACE": "TestTime",
    "POWERTOOLS_SERVICE_NAME": "run",
}
HANDLERS = ("plan_run.handler", "score_batch.handler", "mail_batch.handler", "report_run.handler")


class Context:
    function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "x"

    def get_remaining_time_in_millis(self) -> int:
        return 900_000
