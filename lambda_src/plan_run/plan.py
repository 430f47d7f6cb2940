"""Find what is due and write the batches of a run."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import Any

from common.errors import BrokenObject
from common.parallel import in_parallel
from common.shared.canonical_json import key_version
from common.shared.deadlines import format_time, own_deadline, parse_time
from common.shared.object_keys import ROSTER, answer_key_key, batch_key, index_key, manifest_key, plan_key, state_key
from common.storage import Bucket
from plan_run.due import (
    MOST_MAILERS,
    InvalidInput,
    RunInput,
    due_reasons,
    in_batches,
    moments,
    read_input,
    scoring_students,
    settle_until,
    students_to_remind,
)


class PlanFailed(Exception):
    """What the class published cannot be read, and nothing else is due. The message names each object."""


@dataclass(frozen=True)
class Settings:
    """`reminder_hours`: 0 for no reminders. `batch_size`: students in a batch."""

    reminder_hours: int
    batch_size: int
    settle_seconds: int


def plan(bucket: Bucket, settings: Settings, run_id: str, started_at: str, given: dict[str, Any]) -> dict[str, Any]:
    """Write the run's plan, batches and manifest; answer what the state machine needs to go on.

        {"runId": "...", "due": 3, "settleUntil": "2026-11-23T22:00:40Z"}

    `due` is the number of batches; with 0 nothing was written. Raises InvalidInput for an input that
    is none, PlanFailed where the roster or a subject's index is broken and nothing else is due.
    """
    run = read_input(started_at, given)
    enrolled = _enrolled(bucket)
    tests, problems = _published_tests(bucket, sorted(enrolled))
    if run.regrade:
        tests = [(subject, test) for subject, test in tests if (subject, test["testId"]) == run.regrade]
        if not tests:
            raise InvalidInput(f"regrade: no test {'/'.join(run.regrade)} is published for an enrolled student")
    looked_at = in_parallel(
        [partial(_due, bucket, settings, run, subject, test, enrolled[subject]) for subject, test in tests]
    )
    found = [due for due in looked_at if due.scoring or due.reminders]
    if not found:
        if problems:
            raise PlanFailed("; ".join(problems))
        return {"runId": run_id, "due": 0, "settleUntil": format_time(run.now)}
    batches = _write_batches(bucket, settings, run_id, run, found)
    bucket.put_json(
        plan_key(run_id),
        {
            "runId": run_id,
            "asOf": format_time(run.as_of),
            "startedAt": format_time(run.now),
            "resendUncertain": run.resend_uncertain,
            "problems": problems,
            "tests": [due.entry for due in found],
        },
    )
    bucket.put_json(manifest_key(run_id), [{"runId": run_id, "batch": number} for number in range(batches)])
    ends = [end for due in found if due.scoring for end in due.ends]
    return {
        "runId": run_id,
        "due": batches,
        "settleUntil": format_time(settle_until(run, ends, settings.settle_seconds)),
    }


@dataclass
class _Due:
    """A test with what is to be done for it; `entry` is what plan.json says of it."""

    subject: str
    test: dict[str, Any]
    ends: list[Any]
    scoring: list[dict[str, Any]]
    reminders: list[dict[str, Any]]
    entry: dict[str, Any]


def _enrolled(bucket: Bucket) -> dict[str, list[dict[str, Any]]]:
    """The roster by subject."""
    lines = bucket.get_bytes(ROSTER)
    if lines is None:
        raise PlanFailed("roster.jsonl is missing: publish the class with ./update-subjects-or-students.sh")
    enrolled: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for number, line in enumerate(lines.splitlines(), 1):
        try:
            student = json.loads(line)
            for subject in student["subjects"]:
                enrolled[subject].append(student)
        except (ValueError, TypeError, KeyError) as error:
            raise PlanFailed(f"roster.jsonl, line {number} is broken: publish the class again") from error
    return enrolled


def _published_tests(bucket: Bucket, subjects: list[str]) -> tuple[list[tuple[str, dict[str, Any]]], list[str]]:
    """All tests of the subjects, and what is wrong with the indexes that cannot be read."""
    tests: list[tuple[str, dict[str, Any]]] = []
    problems: list[str] = []
    for subject in subjects:
        try:
            index = bucket.get_json(index_key(subject))
        except BrokenObject:
            index = None
        try:
            tests += [(subject, test) for test in index["tests"] if parse_time(test["closesAt"])]
        except (TypeError, KeyError, ValueError):
            problems.append(f"{index_key(subject)} is missing or broken: publish the class again")
    return tests, problems


def _due(
    bucket: Bucket,
    settings: Settings,
    run: RunInput,
    subject: str,
    test: dict[str, Any],
    students: list[dict[str, Any]],
) -> _Due:
    test_id = test["testId"]
    state = bucket.get_json(state_key(subject, test_id))
    key = bucket.get_bytes(answer_key_key(subject, test_id))
    version = key_version(key) if key is not None else None
    ends = [end for s in students for end in moments(test, own_deadline(test, subject, s["deadlines"]))]
    reasons = due_reasons(run, ends, state, version)
    if run.regrade and any(end <= run.as_of for end in ends):
        reasons.append("regrade")
    reminders = [] if run.regrade else students_to_remind(run, settings.reminder_hours, subject, test, students, state)
    return _Due(
        subject=subject,
        test=test,
        ends=ends,
        scoring=list(scoring_students(run, subject, test, students)) if reasons else [],
        reminders=reminders,
        entry={
            "subject": subject,
            "test": test,
            "reasons": reasons,
            "keyVersion": version,
            "state": state,
            "batches": [],
            "reminderBatches": [],
        },
    )


def _write_batches(bucket: Bucket, settings: Settings, run_id: str, run: RunInput, found: list[_Due]) -> int:
    """Write all batches, each of one test, and note their numbers in the tests' entries. How many there are."""
    documents: list[dict[str, Any]] = []
    for due in found:
        for kind, students, numbers in (
            ("score", due.scoring, due.entry["batches"]),
            ("reminder", due.reminders, due.entry["reminderBatches"]),
        ):
            for part in in_batches(students, settings.batch_size):
                numbers.append(len(documents))
                documents.append(
                    {
                        "kind": kind,
                        "subject": due.subject,
                        "test": due.test,
                        "asOf": format_time(run.as_of),
                        "showAnswers": run.certain_time >= parse_time(due.test["lastDeadline"]),
                        "resendUncertain": run.resend_uncertain,
                        "students": part,
                    }
                )
    for document in documents:
        document["mailers"] = min(len(documents), MOST_MAILERS)
    in_parallel([partial(bucket.put_json, batch_key(run_id, n), text) for n, text in enumerate(documents)])
    return len(documents)
