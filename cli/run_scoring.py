"""Start the weekly run, follow it and print what came of it, for bin/run-scoring.sh."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn

import boto3
from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from ansible_collections.training.test_time.plugins.module_utils.deployment.names import root_stack
from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import describe, outputs
from botocore.exceptions import BotoCoreError, ClientError
from cli.parameter import parameter

PROGRAM = "run-scoring.sh"
POLL_SECONDS = 1.0
SILENT_SECONDS = 10
SHOWN_RUNS = 10
LINK_SECONDS = 12 * 3600
SOMETHING_FAILED = 3


class ScoringError(Exception):
    """The run cannot be started, or it failed. The message says what to do."""


@dataclass
class Progress:
    """How far a run is. `batches` is None until it is planned."""

    batches: int | None = None
    scored: int = 0
    mailed: int = 0
    mails_sent: int = 0
    failures: int = 0

    def __str__(self) -> str:
        if self.batches is None:
            return "planning"
        return (
            f"batches: {self.batches}, scored: {self.scored}, mailed: {self.mailed}; "
            f"mails sent: {self.mails_sent}, failures: {self.failures}"
        )


@dataclass
class Deployment:
    """The weekly run of one stage, and the bucket it works on."""

    states: Any
    s3: Any
    machine: str
    bucket: str
    _mails_seen: set[str] = field(default_factory=set)

    def start(self, given: Mapping[str, Any]) -> str:
        """Start an execution; its ARN. The name is the run's ID."""
        name = f"manual-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}"
        reply = self.states.start_execution(stateMachineArn=self.machine, name=name, input=json.dumps(given))
        return str(reply["executionArn"])

    def json(self, key: str) -> Any:
        """An object of the bucket, or None."""
        try:
            return json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise

    def link(self, key: str) -> str:
        """A link to an object that works without credentials."""
        return str(
            self.s3.generate_presigned_url(
                "get_object", Params={"Bucket": self.bucket, "Key": key}, ExpiresIn=LINK_SECONDS
            )
        )

    def update(self, progress: Progress, run_id: str) -> None:
        """Look how far a run is, from the files that its steps leave."""
        if progress.batches is None:
            manifest = self.json(f"runs/{run_id}/manifest.json")
            progress.batches = None if manifest is None else len(manifest)
        keys = list(self._keys(f"runs/{run_id}/"))
        progress.scored = sum("/results/" in key for key in keys)
        progress.failures = sum("/failures/" in key for key in keys)
        for key in keys:
            if "/mails/" in key and key not in self._mails_seen:
                self._mails_seen.add(key)
                progress.mailed += 1
                progress.mails_sent += sum(row["state"] == "sent" for row in self.json(key)["rows"])

    def _keys(self, prefix: str) -> Iterator[str]:
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            for item in page.get("Contents", []):
                yield item["Key"]


def follow(
    deployment: Deployment, execution: str, show: Callable[[str], None], sleep: Callable[[float], None]
) -> str | None:
    """Wait until the execution ends and show its progress; why it failed, or None where it did not."""
    run_id = _run_id(execution)
    progress = Progress()
    try:
        while True:
            state = deployment.states.describe_execution(executionArn=execution)
            deployment.update(progress, run_id)
            show(str(progress))
            if state["status"] != "RUNNING":
                break
            sleep(POLL_SECONDS)
    finally:
        show("")
    if state["status"] == "SUCCEEDED":
        return None
    return f"the run {run_id} {state['status'].lower().replace('_', ' ')}: {_cause(state)}"


def _run_id(execution: str) -> str:
    """The execution's name, from its ARN."""
    return execution.rsplit(":", 1)[-1]


def _cause(state: Mapping[str, Any]) -> str:
    """Why an execution failed: what the function said, or else Step Functions' own words."""
    try:
        return str(json.loads(state["cause"])["errorMessage"])
    except (KeyError, ValueError, TypeError):
        return " ".join(part for part in (state.get("error"), state.get("cause")) if part) or "no reason was given"


def as_table(rows: list[list[str]]) -> str:
    """Columns as wide as their widest cell; the first row is the head. Numbers stand to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    numeric = [all(row[column].isdigit() for row in rows[1:]) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in rows
    )


def as_text(summary: Mapping[str, Any]) -> str:
    """A run's summary (docs/data-model.md) for people: a table, whose score changed, and what went wrong."""
    head = ["test", "students", "scored", "missing", "open", "failed", "mails sent", "waiting", "uncertain", "rejected"]
    rows = [
        [
            f"{test['subject']}/{test['testId']}",
            *(str(test[name]) for name in ("students", "scored", "missing", "open", "failed")),
            *_mail_cells(test["mails"]),
        ]
        for test in summary["tests"]
    ]
    if summary["reminders"]:
        rows.append(["reminders", "", "", "", "", "", *_mail_cells(summary["reminders"])])
    lines = [as_table([head, *rows])] if rows else []
    for test in summary["tests"]:
        lines += _changes(test)
    lines += [f"problem: {problem}" for problem in summary["problems"]]
    for test in [*summary["tests"], {"subject": "", "testId": "", "problems": summary["reminderProblems"]}]:
        where = f"{test['subject']}/{test['testId']}: " if test["subject"] else ""
        for problem in test["problems"]:
            parts = (problem["kind"], problem["studentId"], problem["reason"])
            lines.append(f"problem: {where}{': '.join(part for part in parts if part)}")
    lines.append(f"trainer's mail: {_trainer_mail(summary)}")
    return "\n".join(lines)


def _mail_cells(states: Mapping[str, int]) -> list[str]:
    waiting = states.get("deferred", 0) + states.get("pending", 0)
    return [str(n) for n in (states.get("sent", 0), waiting, states.get("uncertain", 0), states.get("rejected", 0))]


def _changes(test: Mapping[str, Any]) -> list[str]:
    name = f"{test['subject']}/{test['testId']}"
    if not test["changes"]:
        return [f"{name}: no student's score changed"] if "regrade" in test["reasons"] else []
    return [
        f"{name}: {change['studentId']} had {_points(change['before'])}, now {_points(change['after'])}"
        for change in test["changes"]
    ]


def _points(pair: list[float]) -> str:
    return f"{pair[0]:g} of {pair[1]:g}"


def _trainer_mail(summary: Mapping[str, Any]) -> str:
    told = {
        "sent": "sent",
        "sent earlier": "sent earlier; nothing has changed since",
        "uncertain": "uncertain: it may or may not have gone out (send it again with --resend-uncertain)",
        "elsewhere": "another run is sending it",
        "none": "none needed",
    }
    return str(told.get(summary["trainerMail"]) or summary["trainerMailFailure"])


def exit_code(summary: Mapping[str, Any]) -> int:
    """0, or SOMETHING_FAILED where a result or a mail failed or is uncertain."""
    return SOMETHING_FAILED if summary["failed"] or summary["uncertain"] or summary["rejected"] else 0


def run(deployment: Deployment, given: Mapping[str, Any], show: Callable[[str], None]) -> int:
    """Start a run and follow it to its end. The exit code. Raises ScoringError."""
    execution = deployment.start(given)
    failure = follow(deployment, execution, show, time.sleep)
    summary = deployment.json(f"runs/{_run_id(execution)}/summary.json")
    if failure is not None:
        if summary is not None:
            print(as_text(summary))
        raise ScoringError(failure)
    if summary is None:
        print("Nothing is due.")
        return 0
    print(as_text(summary))
    return exit_code(summary)


def status(deployment: Deployment) -> str:
    """The last runs, newest first, and links to the reports of the newest that has any."""
    found = deployment.states.list_executions(stateMachineArn=deployment.machine, maxResults=SHOWN_RUNS)
    if not found["executions"]:
        return "There was no run yet."
    rows = [["started", "run", "status", "scored", "failed", "uncertain", "rejected", "waiting"]]
    links: list[str] = []
    for execution in found["executions"]:
        summary = deployment.json(f"runs/{execution['name']}/summary.json")
        state = execution["status"].lower().replace("_", " ")
        rows.append(
            [
                f"{execution['startDate'].astimezone(UTC):%Y-%m-%d %H:%M:%SZ}",
                execution["name"],
                "nothing due" if summary is None and state == "succeeded" else state,
                *(
                    str(summary[n]) if summary else "-"
                    for n in ("scored", "failed", "uncertain", "rejected", "deferred")
                ),
            ]
        )
        if summary and not links:
            links = [f"{t['subject']}/{t['testId']}: {deployment.link(t['report'])}" for t in summary["tests"]]
    return "\n".join(
        [as_table(rows), *(["", f"Reports (links work for {LINK_SECONDS // 3600} hours):"] if links else []), *links]
    )


def deployment_of(stage: str) -> Deployment:
    """The stage's weekly run. Raises ScoringError where it is not deployed, and the SDK's errors."""
    found = outputs(describe(boto3.client("cloudformation"), root_stack(stage)))
    if "StateMachineArn" not in found:
        raise ScoringError(f"stage '{stage}' is not deployed here: run ./deploy-api-gateway.sh first")
    return Deployment(
        boto3.client("stepfunctions"), boto3.client("s3"), found["StateMachineArn"], found["DataBucketName"]
    )


def a_time(text: str) -> str:
    """`text`, if it is an ISO 8601 time with an offset."""
    try:
        given = datetime.fromisoformat(text.replace("Z", "+00:00"))
        if given.tzinfo is not None and given.astimezone(UTC):
            return text
    except (ValueError, OverflowError):  # the second: the calendar's last day, west of Greenwich
        pass
    raise argparse.ArgumentTypeError(f"'{text}' is no ISO 8601 time with an offset, such as 2026-11-23T22:00:00Z")


def a_test(text: str) -> str:
    """`text`, if it is `<subject>/<testId>`."""
    if len([part for part in text.split("/") if part]) == 2 and text.count("/") == 1:
        return text
    raise argparse.ArgumentTypeError(f"'{text}' is no SUBJECT/TEST, such as operating-systems/test01")


class ProgressLine:
    """Progress on stderr: in a terminal one line that counts seconds and goes at the end, else a line for each
    change and, so that a run that waits is not taken for dead, every 10 seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun = self._shown_at = clock()
        self._shown = ""

    def __call__(self, text: str) -> None:
        """Show how far it is; nothing: it has ended."""
        now = self._clock()
        if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            line = f"{text} ({now - self._begun:.0f} s)" if text else ""
            print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
        elif text and (text != self._shown or now - self._shown_at >= SILENT_SECONDS):
            print(text if text != self._shown else f"{text} ({now - self._begun:.0f} s)", file=sys.stderr, flush=True)
            self._shown, self._shown_at = text, now


class _Parser(argparse.ArgumentParser):
    """Refuses in one line, as every script here does."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{PROGRAM}: {message} (see {PROGRAM} --help)\n")


def main() -> None:
    """Exit codes: 0 done, 1 error, 2 wrong usage, 3 a result or a mail failed or is uncertain."""
    parser = _Parser(prog=PROGRAM, add_help=False)
    parser.add_argument("--stage")
    parser.add_argument("--as-of", type=a_time)
    parser.add_argument("--resend-uncertain", action="store_true")
    parser.add_argument("--regrade", type=a_test)
    parser.add_argument("--status", action="store_true")
    options = parser.parse_args()
    given = {
        name: value
        for name, value in (
            ("asOf", options.as_of),
            ("resendUncertain", options.resend_uncertain),
            ("regrade", options.regrade),
        )
        if value
    }
    if options.status and given:
        parser.error("--status stands alone")
    try:
        deployment = deployment_of(options.stage or parameter("stage"))
        if options.status:
            print(status(deployment))
            return
        code = run(deployment, given, ProgressLine())
    except (ScoringError, ValueError) as error:
        sys.exit(f"{PROGRAM}: {error}")
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"{PROGRAM}: {explained(error)}")
    except KeyboardInterrupt:
        print(f"{PROGRAM}: stopped watching; the run goes on in the cloud (see --status)", file=sys.stderr)
        sys.exit(130)
    sys.exit(code)


if __name__ == "__main__":
    main()
