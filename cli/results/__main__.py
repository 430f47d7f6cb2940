"""Who has submitted and who scored what, for bin/results.sh."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from cli.class_data import ClassData, read_class, stage_bucket
from cli.command import CommandError, Parser, a_test, errors_as_messages
from cli.elapsed import elapsed_seconds_shown
from cli.parameter import parameter
from cli.private_file import write_private
from cli.results.reading import read_results
from cli.results.standings import ClassResults
from cli.results.tables import as_canvas, as_csv, as_moodle, as_text
from cli.results.workbook import as_workbook

from common.clock import utc_now
from common.shared.documents import IndexEntry, RosterEntry
from common.shared.ids import parse_test_name
from common.storage import Bucket

PROGRAM = "results.sh"
FORMATS: dict[str, Callable[[ClassResults, Sequence[RosterEntry]], bytes]] = {
    "text": lambda results, roster: as_text(results, roster).encode() + b"\n",
    "json": lambda results, _: json.dumps(results, indent=2, ensure_ascii=False).encode() + b"\n",
    "csv": lambda results, _: as_csv(results),
    "xlsx": as_workbook,
    "moodle": as_moodle,
    "canvas": as_canvas,
}


def results(bucket: Bucket, wanted: str | None, student: str | None, style: str) -> bytes:
    """The results in one of FORMATS. Raises CommandError for an unknown test or student; StorageError."""
    data = read_class(bucket)
    if student is not None and student not in {each["studentId"] for each in data.roster}:
        raise CommandError(f"there is no student {student} in the published class: check the ID")
    found = read_results(bucket, data, _tests(data, wanted), student, utc_now())
    tests = [test for test in found if test["students"] or student is None]
    return FORMATS[style]({"tests": tests}, data.roster)


def _tests(data: ClassData, wanted: str | None) -> list[tuple[str, IndexEntry]]:
    """All tests, or the one that is wanted."""
    named = parse_test_name(wanted)
    return [(named[0], data.test(*named))] if named else data.tests


def main() -> None:
    """Run the command. Exit codes: 0 done, 1 error, 2 wrong usage."""
    parser = Parser(PROGRAM)
    parser.add_argument("--test", type=a_test)
    parser.add_argument("--student")
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    with errors_as_messages(PROGRAM, about_people=True):
        bucket = stage_bucket(options.stage or parameter("stage"))
        with elapsed_seconds_shown():
            content = results(bucket, options.test, options.student, options.format)
        if options.output is None:
            sys.stdout.buffer.write(content)
        else:
            write_private(options.output, content)


if __name__ == "__main__":
    main()
