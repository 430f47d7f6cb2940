"""A rehearsal of the weekly run, for `run-scoring.sh --rehearsal`: the run's code over a bucket that is only read."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import outputs, parameters
from botocore.config import Config
from cli.deployed_stage import deployed_stack
from cli.rehearsal.folder import report_path, save
from cli.rehearsal.mailbox import Mailbox
from cli.rehearsal.overlay import Overlay
from cli.rehearsal.steps import Stage, rehearse, stage_of
from cli.run_summary import as_text, exit_code

from common.parallel import MAX_PARALLEL
from common.run.mail import Mailer
from common.shared.deadlines import format_time, parse_time
from common.shared.documents import RunRequest
from common.storage import Bucket

REHEARSALS = Path(__file__).parents[2] / ".build" / "rehearsal"


def run_rehearsal(stage: str, now: datetime, given: RunRequest) -> int:
    """Rehearse a run of a deployed stage, print what it would do, and return the exit code that it would have.

    Raises CommandError, StorageError, and the SDK's errors.
    """
    stack = deployed_stack(stage)
    s3 = boto3.client("s3", config=Config(max_pool_connections=MAX_PARALLEL))
    return shown(s3, outputs(stack)["DataBucketName"], stage_of(parameters(stack)), now, given, REHEARSALS)


def shown(s3: Any, bucket: str, stage: Stage, now: datetime, given: RunRequest, folder: Path) -> int:
    """Rehearse a run and save it under `folder`. A run of a time in the future is one that starts at that time."""
    starts = max(now, parse_time(given["asOf"])) if "asOf" in given else now
    folder = folder / f"{now:%Y%m%dT%H%M%SZ}"
    overlay = Overlay(s3, starts)
    mailbox = Mailbox()
    run_id = f"rehearsal-{now:%Y%m%dT%H%M%SZ}"
    summary = rehearse(
        Bucket(bucket, overlay, lists=True),
        Mailer(mailbox),
        stage,
        run_id,
        starts,
        given,
        lambda key: report_path(folder, key).absolute().as_uri(),
    )
    if summary is None:
        print("Nothing would be due.")
        return 0
    text = as_text(summary)
    title = f"Rehearsal of a run at {format_time(starts)}"
    print(f"{text}\n\nNothing was sent or stored. What would go out:")
    print(save(folder, title, text, mailbox.mails, overlay.written))
    return exit_code(summary)
