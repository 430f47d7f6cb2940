"""Find what is due and write the batches of a run."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypedDict

from common.errors import BrokenObject
from common.parallel import in_parallel
from common.shared.canonical_json import key_version
from common.shared.deadlines import format_time, own_deadline, parse_time
from common.shared.ids import test_name
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

if TYPE_CHECKING:
    from common.shared.documents import (
        Batch,
        BatchHead,
        Index,
        IndexEntry,
        ManifestItem,
        Plan,
        PlanEntry,
        RosterEntry,
        ScoringStudent,
        StudentToRemind,
        TestState,
    )


class PlanFailed(Exception):
    """The published class cannot be read, and nothing else is due. The message names each object."""


class Planned(TypedDict):
    """What the state machine is told. `due`: the number of batches. `settleUntil`: when scoring may begin."""

    runId: str
    due: int
    settleUntil: str


@dataclass(frozen=True)
class Settings:
    """`reminder_hours`: 0 for no reminders. `batch_size`: students in a batch. `settle_seconds`: see `settle_until`."""

    reminder_hours: int
    batch_size: int
    settle_seconds: int


def plan(bucket: Bucket, settings: Settings, run_id: str, started_at: str, given: Mapping[str, object]) -> Planned:
    """Write the run's plan, batches and manifest; if nothing is due (`due` is 0), write nothing.

    Raises InvalidInput if the execution's input is not valid, PlanFailed if the roster is broken, or if a subject's
    index is broken and nothing else is due.
    """
    run = read_input(started_at, given)
    enrolled = _enrolled(bucket)
    tests, problems = _published_tests(bucket, sorted(enrolled))
    if run.regrade:
        tests = [(subject, test) for subject, test in tests if (subject, test["testId"]) == run.regrade]
        if not tests:
            raise InvalidInput(f"regrade: no test {test_name(*run.regrade)} is published for an enrolled student")
    looked_at = in_parallel(
        [partial(_due, bucket, settings, run, subject, test, enrolled[subject]) for subject, test in tests]
    )
    found = [due for due in looked_at if due.scoring or due.reminders]
    if not found:
        if problems:
            raise PlanFailed("; ".join(problems))
        return {"runId": run_id, "due": 0, "settleUntil": format_time(run.now)}
    batches = _batches(run, found)
    in_parallel([partial(bucket.put_json, batch_key(run_id, number), batch) for number, batch in enumerate(batches)])
    written: Plan = {
        "runId": run_id,
        "asOf": format_time(run.as_of),
        "startedAt": format_time(run.now),
        "resendUncertain": run.resend_uncertain,
        "problems": problems,
        "tests": [due.entry for due in found],
    }
    bucket.put_json(plan_key(run_id), written)
    manifest: list[ManifestItem] = [{"runId": run_id, "batch": number} for number in range(len(batches))]
    bucket.put_json(manifest_key(run_id), manifest)
    ends = [end for due in found if due.scoring for end in due.ends]
    return {
        "runId": run_id,
        "due": len(batches),
        "settleUntil": format_time(settle_until(run, ends, settings.settle_seconds)),
    }


@dataclass
class _Due:
    """A test with what is to be done for it: the students to score and to remind, in batches."""

    ends: list[datetime]
    scoring: list[list[ScoringStudent]]
    reminders: list[list[StudentToRemind]]
    entry: PlanEntry


def _enrolled(bucket: Bucket) -> dict[str, list[RosterEntry]]:
    """The roster by subject."""
    lines = bucket.get_bytes(ROSTER)
    if lines is None:
        raise PlanFailed(f"{ROSTER} is missing: publish the class with ./update-subjects-or-students.sh")
    enrolled: dict[str, list[RosterEntry]] = defaultdict(list)
    for number, line in enumerate(lines.splitlines(), 1):
        try:
            student: RosterEntry = json.loads(line)
            for subject in student["subjects"]:
                enrolled[subject].append(student)
        except (ValueError, TypeError, KeyError) as error:
            raise PlanFailed(f"{ROSTER}, line {number} is broken: publish the class again") from error
    return enrolled


def _published_tests(bucket: Bucket, subjects: list[str]) -> tuple[list[tuple[str, IndexEntry]], list[str]]:
    """All tests of the subjects, and what is wrong with the indexes that cannot be read."""
    tests: list[tuple[str, IndexEntry]] = []
    problems: list[str] = []
    for subject in subjects:
        try:
            index: Index = bucket.get_json(index_key(subject))
            tests += [(subject, test) for test in index["tests"] if parse_time(test["closesAt"])]
        except (BrokenObject, TypeError, KeyError, ValueError):
            problems.append(f"{index_key(subject)} is missing or broken: publish the class again")
    return tests, problems


def _due(
    bucket: Bucket,
    settings: Settings,
    run: RunInput,
    subject: str,
    test: IndexEntry,
    students: list[RosterEntry],
) -> _Due:
    test_id = test["testId"]
    state: TestState | None = bucket.get_json(state_key(subject, test_id))
    key = bucket.get_bytes(answer_key_key(subject, test_id))
    version = key_version(key) if key is not None else None
    ends = [end for s in students for end in moments(test, own_deadline(test, subject, s["deadlines"]))]
    reasons = due_reasons(run, ends, state, version)
    if run.regrade and any(end <= run.as_of for end in ends):
        reasons.append("regrade")
    scoring = list(scoring_students(run, subject, test, students)) if reasons else []
    reminders = [] if run.regrade else students_to_remind(run, settings.reminder_hours, subject, test, students, state)
    return _Due(
        ends=ends,
        scoring=in_batches(scoring, settings.batch_size),
        reminders=in_batches(reminders, settings.batch_size),
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


def _batches(run: RunInput, found: list[_Due]) -> list[Batch]:
    """The batches, each of one test. Their numbers are added to the tests' entries in the plan."""
    mailers = min(sum(len(due.scoring) + len(due.reminders) for due in found), MOST_MAILERS)
    batches: list[Batch] = []
    for due in found:
        head: BatchHead = {
            "subject": due.entry["subject"],
            "test": due.entry["test"],
            "asOf": format_time(run.as_of),
            "showAnswers": run.certain_time >= parse_time(due.entry["test"]["lastDeadline"]),
            "resendUncertain": run.resend_uncertain,
            "mailers": mailers,
        }
        for students in due.scoring:
            due.entry["batches"].append(len(batches))
            batches.append({"kind": "score", "students": students, **head})
        for to_remind in due.reminders:
            due.entry["reminderBatches"].append(len(batches))
            batches.append({"kind": "reminder", "students": to_remind, **head})
    return batches
