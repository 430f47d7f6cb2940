"""Start the weekly run, follow it and print the result, for bin/run-scoring.sh."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from cli.class_data import read_class
from cli.command import CommandError, Parser, a_test, errors_as_messages
from cli.parameter import parameter
from cli.rehearsal.run import run_rehearsal
from cli.run_progress import ProgressLine, follow
from cli.run_status import status
from cli.run_summary import as_text, exit_code
from cli.weekly_run import WeeklyRun, run_id_of, weekly_run

from common.clock import utc_now
from common.shared.deadlines import parse_time
from common.shared.documents import RunRequest
from common.shared.ids import parse_test_name
from common.storage import Bucket

PROGRAM = "run-scoring.sh"


def run(runs: WeeklyRun, given: RunRequest, show: Callable[[str], None]) -> int:
    """Start a run, follow it to its end and return the exit code. Raises CommandError."""
    execution = runs.start(given)
    failure = follow(runs, execution, show, time.sleep)
    summary = runs.summary(run_id_of(execution))
    if summary is not None:
        print(as_text(summary))
    if failure is not None:
        raise CommandError(failure)
    if summary is None:
        print("Nothing is due.")
        return 0
    return exit_code(summary)


def a_time(text: str) -> str:
    """`text`, if it is an ISO 8601 time with an offset."""
    try:
        parse_time(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:  # OverflowError: the calendar's last day, west of Greenwich
        raise argparse.ArgumentTypeError(
            f"'{text}' is not an ISO 8601 time with an offset, such as 2026-11-23T22:00:00Z"
        ) from error
    return text


def _input(options: argparse.Namespace) -> RunRequest:
    """What the run is asked to do. Only on the local cloud is a time in the future a trial that emails students."""
    given: RunRequest = {}
    if options.as_of:
        given["asOf"] = options.as_of
    if options.as_of and options.local and not options.rehearsal:
        given["trial"] = True
    if options.resend_uncertain:
        given["resendUncertain"] = True
    if options.regrade:
        given["regrade"] = options.regrade
    return given


def check_regrade(bucket: Bucket, wanted: str) -> None:
    """Raise CommandError if there is no such test, with the tests that there are. Raises StorageError."""
    named = parse_test_name(wanted)
    if named:
        read_class(bucket).test(*named)


def main() -> None:
    """Exit codes: 0 done, 1 error, 2 wrong usage, 3 a result or an email failed or is uncertain."""
    parser = Parser(PROGRAM)
    parser.add_argument("--local", action="store_true")
    parser.add_argument("--as-of", type=a_time)
    parser.add_argument("--rehearsal", action="store_true")
    parser.add_argument("--resend-uncertain", action="store_true")
    parser.add_argument("--regrade", type=a_test)
    parser.add_argument("--status", action="store_true")
    options = parser.parse_args()
    given, now = _input(options), utc_now()
    if options.status and (given or options.rehearsal):
        parser.error("--status cannot be combined with --as-of, --rehearsal, --resend-uncertain or --regrade")
    if "asOf" in given and parse_time(given["asOf"]) > now and not (options.local or options.rehearsal):
        parser.error("--as-of is in the future: add --rehearsal, which emails nobody and stores nothing")
    try:
        with errors_as_messages(PROGRAM, about_people=options.rehearsal):
            sys.exit(_done(options, given, now))
    except KeyboardInterrupt:
        if options.rehearsal:
            print(f"{PROGRAM}: stopped; nothing was sent or stored", file=sys.stderr)
        else:
            print(f"{PROGRAM}: stopped watching; the run continues in the cloud (see --status)", file=sys.stderr)
        sys.exit(130)


def _done(options: argparse.Namespace, given: RunRequest, now: datetime) -> int:
    """Do what the command was asked to; its exit code."""
    stage = options.stage or parameter("stage")
    if options.rehearsal:
        return run_rehearsal(stage, now, given)
    runs = weekly_run(stage)
    if options.status:
        print(status(runs))
        return 0
    if "regrade" in given:
        check_regrade(runs.bucket, given["regrade"])
    return run(runs, given, ProgressLine())


if __name__ == "__main__":
    main()
