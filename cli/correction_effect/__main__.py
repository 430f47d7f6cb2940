"""The effect on students' scores of what would be published, for `update-subjects-or-students.sh --check`.

Without the rights of docs/people-policy.json, the text says so, and the command succeeds; with `--json` it fails.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
from ansible_collections.training.test_time.plugins.module_utils.class_content.closing_times import WeeklyDeadline
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.losses import is_other_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.objects import Policies, class_record
from ansible_collections.training.test_time.plugins.module_utils.class_content.publishing import (
    InvalidClass,
    wanted_class,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.store import (
    PARALLEL_CALLS,
    read_published,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.written import Parameters
from ansible_collections.training.test_time.plugins.module_utils.documents.parameter_validation import load_parameters
from botocore.config import Config
from botocore.exceptions import ClientError
from cli.class_data import stage_bucket
from cli.command import NEEDS_PEOPLE_POLICY, CommandError, Parser, errors_as_messages, lacks_permission
from cli.correction_effect.compare import Change, Effect, Failure
from cli.correction_effect.effects import Effects, effects
from cli.elapsed import elapsed_seconds_shown

from common.errors import StorageError
from common.run.mail_text import number
from common.shared.documents import Points
from common.shared.ids import test_name

PROGRAM = "update-subjects-or-students.sh"
ROOT = Path(__file__).parents[2]


def as_text(found: Effects, *, verbose: bool) -> str:
    """A line for each test; `verbose`: and one for each student whose score changes."""
    lines = []
    for test in found.tests:
        lines.append(_line(test))
        if verbose:
            lines += [f"  {change.name} ({change.student_id}): {_difference(change)}" for change in test.changes]
            lines += [f"  {failure.name} ({failure.student_id}): {_reason(failure)}" for failure in test.failures]
    if found.skipped:
        tests = "test that does not change was" if found.skipped == 1 else "tests that do not change were"
        lines.append(f"{found.skipped} {tests} not scored again: there are too many submissions")
    return "\n".join(lines)


def as_json(found: Effects, *, verbose: bool) -> str:
    """`{"tests": [...], "skippedTests": 0}`. Students are in it only if `verbose`, by ID."""
    return json.dumps(
        {"tests": [_entry(test, verbose) for test in found.tests], "skippedTests": found.skipped}, indent=2
    )


def _line(test: Effect) -> str:
    name = test_name(test.subject, test.test_id)
    besides = f"; {test.unreadable} cannot be scored" if test.unreadable else ""
    if test.broken_scores:
        broken = "stored scores are" if test.broken_scores != 1 else "stored score is"
        them = "them" if test.broken_scores != 1 else "it"
        besides += f"; {test.broken_scores} {broken} broken: ./bin/run-scoring.sh --regrade {name} writes {them} again"
    if test.reopened:
        besides += f"; {test.reopened} with a score would have time again, and are scored when it ends"
    if not test.changes:
        return f"{name}: no score changes ({test.scored} scored again{besides})"
    gain = f"{test.gain} {'students gain' if test.gain != 1 else 'student gains'}"
    return f"{name}: {gain}, {test.lose} lose, mean {_signed(test.mean)}{'%' if test.in_percent else ''}{besides}"


def _signed(value: float) -> str:
    return f"{'-' if value < 0 else '+'}{number(abs(value))}"


def _difference(change: Change) -> str:
    return f"{_score(change.before)} becomes {_score(change.after)}"


def _reason(failure: Failure) -> str:
    return "the stored score is broken" if failure.is_broken_score else "the answers cannot be scored"


def _score(score: tuple[Points, Points]) -> str:
    return f"{number(score[0])} of {number(score[1])}"


def _entry(test: Effect, verbose: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "subjectName": test.subject,
        "testId": test.test_id,
        "scored": test.scored,
        "unreadable": test.unreadable,
        "brokenScores": test.broken_scores,
        "reopened": test.reopened,
        "gain": test.gain,
        "lose": test.lose,
        "mean": round(test.mean, 2),
        "unit": "percent" if test.in_percent else "points",
    }
    if verbose:
        entry["students"] = [
            {"studentId": each.student_id, "before": list(each.before), "after": list(each.after)}
            for each in test.changes
        ]
    return entry


def find(stage: str) -> Effects:
    """The effect of publishing the stage's class now; none on the tests of another class.

    Raises CommandError, StorageError and the SDK's errors.
    """
    document = load_parameters(ROOT, stage)
    if document.problems:
        raise CommandError("\n".join(map(str, document.problems)))
    given: Parameters = document.data
    bucket = stage_bucket(stage)
    s3 = boto3.client("s3", config=Config(max_pool_connections=PARALLEL_CALLS))
    published = read_published(s3, bucket.name)
    files = load_class(ROOT / given["class_dir"], given["class_dir"])
    weekly = WeeklyDeadline(given["deadline_weekday"], given["deadline_time"], given["timezone"])
    policies = Policies(
        given["attempts"],
        given["late"],
        given["partial_credit"],
        given["grace_minutes"],
        given["announce"],
        given["unsubmitted_drafts"],
    )
    if is_other_class(published.record, class_record("", given["class_name"], given["class_dir"])):
        return Effects()
    try:
        wanted, _ = wanted_class(
            s3, bucket.name, files, published, weekly, policies, given["retention_days"], is_new_class=False
        )
    except InvalidClass as error:
        raise CommandError(str(error)) from error
    return effects(bucket, published, wanted, given["retention_days"])


def main() -> None:
    """Run the command. Exit codes: 0 done, 1 error, 2 wrong usage."""
    parser = Parser(PROGRAM)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with errors_as_messages(PROGRAM, about_people=True):
        try:
            with elapsed_seconds_shown():
                found = find(options.stage)
        except (StorageError, ClientError) as error:
            if options.json or not lacks_permission(error):
                raise
            print(f"The effect on the scores is not known: {NEEDS_PEOPLE_POLICY}")
            return
        text = (as_json if options.json else as_text)(found, verbose=options.verbose)
        if text:
            print(text)


if __name__ == "__main__":
    main()
