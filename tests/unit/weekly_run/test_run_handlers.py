"""The four functions as Lambda calls them, with boto3's own clients over moto."""

from __future__ import annotations

import importlib
import json
import random
import sys
import time
import traceback
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import boto3
import pytest
from cli.estimate_cost import LOGGED_BYTES
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from common.shared.deadlines import format_time
from common.shared.object_keys import index_key, manifest_key, score_key
from support.aws_limits import LIMITS
from support.run_handlers import ENVIRONMENT, HANDLERS, REGION, Context
from support.templates import template
from support.weekly_class import SUBJECT, TEST, make_world
from support.weekly_run import BUCKET

BATCH_SIZE = template("trainings-tests")["Parameters"]["BatchSize"]["Default"]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The class of support/weekly_class.py in moto's S3, and SES with a verified sender."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        for key, body in make_world().s3.objects.items():
            s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        boto3.client("ses").verify_email_identity(EmailAddress="sender@example.org")
        yield s3
    for name in HANDLERS:
        sys.modules.pop(name, None)


def call(handler: str, event: dict[str, Any]) -> Any:
    return importlib.import_module(handler).lambda_handler(event, Context())


def test_a_batch_is_sent_by_the_real_clock_after_random_pauses(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = importlib.import_module("mail_batch.handler")
    opened: dict[str, Any] = {}

    def delivery(*_: Any, **options: Any) -> None:
        opened.update(options)

    def mail_batch(_bucket: Any, _letters: Any, open_delivery: Any, *_: Any) -> dict[str, int]:
        open_delivery({"startedAt": "2026-11-23T22:00:05Z", "resendUncertain": False, "mailers": 3})
        return {"batch": 0, "sent": 0, "deferred": 0}

    monkeypatch.setattr(handler, "Delivery", delivery)
    monkeypatch.setattr(handler, "mail_batch", mail_batch)
    call("mail_batch.handler", {"runId": "run-1", "batch": 0})
    assert opened == {"mailers": 3, "monotonic": time.monotonic, "sleep": time.sleep, "jitter": random.random}


def test_the_four_functions_score_and_mail_a_class(
    cloud: Any, log: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    start = {"runId": "run-1", "startedAt": "2026-11-23T22:00:04.312Z", "input": {}}
    planned = call("plan_run.handler", start)
    published_at = cloud.head_object(Bucket=BUCKET, Key=index_key(SUBJECT))["LastModified"]
    settle_until = format_time(published_at + timedelta(seconds=1 + 60 + 40))
    assert planned == {"runId": "run-1", "due": 2, "settleUntil": settle_until}
    manifest = json.loads(cloud.get_object(Bucket=BUCKET, Key=manifest_key("run-1"))["Body"].read())
    assert [call("score_batch.handler", item) for item in manifest] == [
        {"batch": 0, "rows": 3, "failed": 0},
        {"batch": 1, "rows": 2, "failed": 0},
    ]
    assert call("mail_batch.handler", {"runId": "run-1"}) == {"runId": "run-1"}
    assert [call("mail_batch.handler", item) for item in manifest] == [
        {"batch": 0, "sent": 3, "deferred": 0},
        {"batch": 1, "sent": 1, "deferred": 0},
    ]
    assert call("report_run.handler", {"runId": "run-1"}) == {
        "runId": "run-1",
        "failed": 0,
        "uncertain": 0,
        "deferred": 0,
    }
    sent = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    assert len(sent) == 5
    assert call("plan_run.handler", {**start, "runId": "run-2"})["due"] == 0

    printed = capsys.readouterr()
    text = log.getvalue() + printed.out + printed.err
    assert all(len(line) <= LIMITS["logs:event bytes"].value for line in text.splitlines())
    metrics = metrics_in(printed.out)
    assert metrics["ResultsScored"] == metrics["SentMails"] == 4
    assert metrics["RunProblems"] == 0
    assert "scored a batch" in text
    for secret in ("@", "Student", "s1", "R-s1", '"a"'):
        assert secret not in text, secret


def test_what_a_run_logs_for_each_batch_is_too_little_to_be_paid_for(
    cloud: Any, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bill of cli/estimate_cost.py leaves it out: less than a hundredth of what the submissions themselves log."""
    run = "11111111-2222-4333-8444-666666666666_77777777-2222-4333-8444-666666666666"
    call("plan_run.handler", {"runId": run, "startedAt": "2026-11-23T22:00:04.312Z", "input": {}})
    call("mail_batch.handler", {"runId": run})
    monkeypatch.setattr(Context, "aws_request_id", "11111111-2222-4333-8444-666666666666")
    monkeypatch.setattr(Context, "invoked_function_arn", f"arn:aws:lambda:eu-central-1:{'1' * 12}:function:{'x' * 30}")
    before = len(log.getvalue())
    for step in ("score_batch.handler", "mail_batch.handler"):
        call(step, {"runId": run, "batch": 0})
    entries = log.getvalue()[before:].splitlines()
    assert len(entries) == 2
    assert sum(len(entry) + 26 for entry in entries) / BATCH_SIZE < LOGGED_BYTES / 100


@pytest.mark.parametrize("field", ["failed", "uncertain", "rejected"])
def test_whatever_a_run_left_undone_is_counted_as_a_problem_of_the_stack(
    cloud: Any, log: StringIO, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    summary = {
        "runId": "run-1",
        "tests": [{"mails": {"sent": 2, "uncertain": 1}}, {"mails": {"sent": 1}}],
        "reminders": {"sent": 3},
        **dict.fromkeys(("scored", "failed", "uncertain", "rejected", "deferred"), 0),
        field: 2,
    }
    importlib.import_module("report_run.handler")
    monkeypatch.setattr("report_run.handler.reporter.report", lambda _run_id: summary)
    call("report_run.handler", {"runId": "run-1"})
    metrics = metrics_in(capsys.readouterr().out)
    assert (metrics["RunProblems"], metrics["SentMails"]) == (2, 6)


def metrics_in(printed: str) -> dict[str, float]:
    """The metrics that a function printed, all of which must be its stack's."""
    found = {}
    for line in printed.splitlines():
        entry = json.loads(line)
        [definition] = entry["_aws"]["CloudWatchMetrics"]
        assert (definition["Namespace"], definition["Dimensions"]) == ("TestTime", [["service"]])
        assert entry["service"] == ENVIRONMENT["POWERTOOLS_SERVICE_NAME"]
        [metric] = definition["Metrics"]
        [found[metric["Name"]]] = entry[metric["Name"]]
    return found


@pytest.mark.parametrize(
    ("handler", "work"),
    [*zip(HANDLERS, ("plan", "score_batch", "mail_batch", "reporter.report"), strict=True)],
)
def test_an_unforeseen_errors_words_reach_no_log_and_no_execution(
    cloud: Any,
    log: StringIO,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    handler: str,
    work: str,
) -> None:
    """Step Functions logs the Cause of a failure even if execution data is left out of the log."""

    def fail(*_: Any) -> None:
        raise KeyError("ada@example.org")

    importlib.import_module(handler)
    monkeypatch.setattr(f"{handler}.{work}", fail)
    with pytest.raises(Exception, match=f"KeyError: see the log of {handler}") as raised:
        call(handler, {"runId": "run-1", "batch": 0, "startedAt": "2026-11-23T22:00:04Z", "input": {}})
    printed = capsys.readouterr()
    shown = "".join(traceback.format_exception(raised.value))
    assert '"the step failed"' in log.getvalue()
    assert "KeyError at" in log.getvalue()
    assert "ada@" not in log.getvalue() + printed.out + printed.err + shown


def test_an_error_of_the_project_keeps_its_name_and_words(cloud: Any) -> None:
    with pytest.raises(Exception, match="run run-1 has no batch 7") as raised:
        call("score_batch.handler", {"runId": "run-1", "batch": 7})
    assert type(raised.value).__name__ == "BatchMissing"


def test_a_handler_names_the_setting_that_is_missing(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BATCH_SIZE")
    with pytest.raises(RuntimeError, match="BATCH_SIZE"):
        call("plan_run.handler", {})


def test_scores_in_s3_carry_the_encryption_the_bucket_demands(cloud: Any) -> None:
    call("plan_run.handler", {"runId": "r", "startedAt": "2026-11-23T22:00:00Z", "input": {}})
    call("score_batch.handler", {"runId": "r", "batch": 0})
    head = cloud.head_object(Bucket=BUCKET, Key=score_key(SUBJECT, TEST, "s1"))
    assert head["ServerSideEncryption"] == "AES256"
