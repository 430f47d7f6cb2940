"""Start the weekly run, follow it and print the result, for bin/run-scoring.sh."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC
from typing import NoReturn

from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from ansible_collections.training.test_time.plugins.module_utils.shared.deadlines import parse_time
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import RunRequest
from ansible_collections.training.test_time.plugins.module_utils.shared.ids import parse_test_name
from botocore.exceptions import BotoCoreError, ClientError
from cli.parameter import parameter
from cli.run_progress import ProgressLine, follow
from cli.run_status import status
from cli.run_summary import as_text, exit_code
from cli.weekly_run import ScoringError, WeeklyRun, run_id_of, weekly_run

PROGRAM = "run-scoring.sh"


def run(runs: WeeklyRun, given: RunRequest, show: Callable[[str], None]) -> int:
    """Start a run, follow it to its end and return the exit code. Raises ScoringError."""
    execution = runs.start(given)
    failure = follow(runs, execution, show, time.sleep)
    summary = runs.summary(run_id_of(execution))
    if summary is not None:
        print(as_text(summary))
    if failure is not None:
        raise ScoringError(failure)
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


def a_test(text: str) -> str:
    """`text`, if it is `<subject>/<testId>`."""
    if parse_test_name(text):
        return text
    raise argparse.ArgumentTypeError(f"'{text}' is not of the form SUBJECT/TEST, such as operating-systems/test01")


class _Parser(argparse.ArgumentParser):
    """Reports wrong usage in one line, like all the scripts here."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{PROGRAM}: {message} (see {PROGRAM} --help)\n")


def _input(options: argparse.Namespace) -> RunRequest:
    given: RunRequest = {}
    if options.as_of:
        given["asOf"] = options.as_of
    if options.resend_uncertain:
        given["resendUncertain"] = True
    if options.regrade:
        given["regrade"] = options.regrade
    return given


def main() -> None:
    """Exit codes: 0 done, 1 error, 2 wrong usage, 3 a result or an email failed or is uncertain."""
    parser = _Parser(prog=PROGRAM, add_help=False)
    parser.add_argument("--stage")
    parser.add_argument("--as-of", type=a_time)
    parser.add_argument("--resend-uncertain", action="store_true")
    parser.add_argument("--regrade", type=a_test)
    parser.add_argument("--status", action="store_true")
    options = parser.parse_args()
    given = _input(options)
    if options.status and given:
        parser.error("--status cannot be combined with --as-of, --resend-uncertain or --regrade")
    try:
        runs = weekly_run(options.stage or parameter("stage"))
        if options.status:
            print(status(runs))
            return
        code = run(runs, given, ProgressLine())
    except (ScoringError, ValueError) as error:
        sys.exit(f"{PROGRAM}: {error}")
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"{PROGRAM}: {explained(error)}")
    except KeyboardInterrupt:
        print(f"{PROGRAM}: stopped watching; the run continues in the cloud (see --status)", file=sys.stderr)
        sys.exit(130)
    sys.exit(code)


if __name__ == "__main__":
    main()
