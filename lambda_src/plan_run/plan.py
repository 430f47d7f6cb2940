"""Find what is due and write the batches of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from common.errors import BrokenObject
from common.parallel import in_parallel
from common.run.own_times import OwnTimes, answers_may_be_shown, own_times, read_roster
from common.run.states import change_state, state_key_of
from common.shared.canonical_json import key_version
from common.shared.deadlines import answers_deleted_from, format_time, parse_time
from common.shared.ids import test_name
from common.shared.object_keys import (
    ROSTER,
    answer_key_key,
    batch_key,
    index_key,
    manifest_key,
    plan_key,
    questions_key,
    roster_key,
    state_key,
)
from common.storage import Bucket
from plan_run.due import (
    MOST_MAILERS,
    due_reasons,
    fingerprint,
    in_batches,
    reminder_fingerprint,
    scoring_students,
    settle_until,
    students_to_remind,
)
from plan_run.run_input import InvalidInput, RunInput, read_input

if TYPE_CHECKING:
    from common.shared.documents import (
        Batch,
        BatchHead,
        Index,
        IndexEntry,
        ManifestItem,
        Plan,
        PlanEntry,
        ReminderKind,
        RosterEntry,
        ScoringStudent,
        StudentToRemind,
        TestState,
    )


class PlanFailed(Exception):
    """The published class cannot be read, and nothing else is due. The message names each object."""


class Planned(TypedDict):
    """What the state machine gets. `due`: the number of batches. `settleUntil`: when scoring may begin."""

    runId: str
    due: int
    settleUntil: str


@dataclass(frozen=True)
class Settings:
    """`reminder_hours`: 0 for no reminders. `retention_days`: how long answers are kept. `batch_size`: students in a
    batch. The others: see `settle_until`.
    """

    reminder_hours: int
    retention_days: int
    batch_size: int
    authorizer_ttl_seconds: int
    settle_seconds: int


def plan(bucket: Bucket, settings: Settings, run_id: str, started_at: str, given: Mapping[str, object]) -> Planned:
    """Write the run's plan, batches and manifest; if nothing is due (`due` is 0), write nothing.

    Raises InvalidInput if the execution's input is not valid, PlanFailed if the roster is broken, or if a subject's
    index is broken and nothing else is due.
    """
    run = read_input(started_at, given)
    enrolled, roster_tag = _enrolled(bucket, run.only[0] if run.only else None)
    tests, problems = _published_tests(bucket, sorted(enrolled))
    if run.only:
        tests = [_the_one("only", run.only, tests)]
    if run.regrade:
        tests = [_to_regrade(run, run.regrade, settings.retention_days, tests)]
    looked_at = in_parallel(
        [partial(_due_or_problem, bucket, settings, run, each, enrolled[each.subject]) for each in tests]
    )
    problems += [problem for problem in looked_at if isinstance(problem, str)]
    found = [due for due in looked_at if isinstance(due, _Due) and (due.scoring or due.reminders)]
    if not found:
        if problems:
            raise PlanFailed("; ".join(problems))
        return {"runId": run_id, "due": 0, "settleUntil": format_time(run.now)}
    in_parallel([partial(_take_back, bucket, run_id, due.entry) for due in found if due.scoring])
    batches = _batches(run, found, roster_tag)
    in_parallel([partial(bucket.put_json, batch_key(run_id, number), batch) for number, batch in enumerate(batches)])
    scored_from = format_time(_settle_until(run, settings, found))
    written: Plan = {
        "runId": run_id,
        "asOf": format_time(run.as_of),
        "startedAt": format_time(run.now),
        "certainAt": format_time(run.certain_time),
        "settleUntil": scored_from,
        "resendUncertain": run.resend_uncertain,
        "problems": problems,
        "tests": [due.entry for due in found],
    }
    bucket.put_json(plan_key(run_id), written)
    manifest: list[ManifestItem] = [{"runId": run_id, "batch": number} for number in range(len(batches))]
    bucket.put_json(manifest_key(run_id), manifest)
    return {"runId": run_id, "due": len(batches), "settleUntil": scored_from}


class _Published(NamedTuple):
    """A test that is published, not checked yet. `published_at`: when its subject's index was written."""

    subject: str
    test: IndexEntry
    published_at: datetime


@dataclass
class _Due:
    """A test with what is to be done for it: the students to score and to remind, in batches."""

    times: list[OwnTimes]
    published_at: datetime
    show_answers: bool
    scoring: list[list[ScoringStudent]]
    reminders: list[tuple[ReminderKind, list[StudentToRemind]]]
    entry: PlanEntry


def _enrolled(bucket: Bucket, only: str | None) -> tuple[dict[str, list[RosterEntry]], str]:
    """The roster by subject, and its ETag. `only`: the only subject to look at, if not all of them are."""
    roster = roster_key(only) if only else ROSTER
    found = bucket.get_tagged(roster)
    if found is None:
        raise PlanFailed(f"{roster} is missing: publish the class with ./update-subjects-or-students.sh")
    lines, tag = found
    enrolled: dict[str, list[RosterEntry]] = defaultdict(list)
    try:
        for student in read_roster(lines):
            for subject in student["subjects"]:
                if only in (None, subject):
                    enrolled[subject].append(student)
    except ValueError as error:
        raise PlanFailed(f"{roster}, {error} is broken: publish the class again") from error
    return enrolled, tag


def _published_tests(bucket: Bucket, subjects: list[str]) -> tuple[list[_Published], list[str]]:
    """All tests of the subjects, and what is wrong with the indexes that cannot be read."""
    tests: list[_Published] = []
    problems: list[str] = []
    for subject in subjects:
        try:
            tests += _tests_of(bucket, subject)
        except (BrokenObject, TypeError, KeyError):
            problems.append(f"{index_key(subject)} is missing or broken: publish the class again")
    return tests, problems


def _tests_of(bucket: Bucket, subject: str) -> list[_Published]:
    """The tests in a subject's index. Raises KeyError if there is none, and what reading a broken one raises."""
    found: tuple[Index, datetime] | None = bucket.get_dated(index_key(subject))
    if found is None:
        raise KeyError(subject)
    index, published_at = found
    return [_Published(subject, test, published_at) for test in index["tests"] if test["testId"]]


def _the_one(field: str, wanted: tuple[str, str], tests: Iterable[_Published]) -> _Published:
    """The test that a field of the input names. Raises InvalidInput if there is no such test."""
    found = next((each for each in tests if (each.subject, each.test["testId"]) == wanted), None)
    if found is None:
        raise InvalidInput(f"{field}: no test {test_name(*wanted)} is published for an enrolled student")
    return found


def _to_regrade(run: RunInput, wanted: tuple[str, str], retention_days: int, tests: Iterable[_Published]) -> _Published:
    """The test that the run was asked to score again. Raises InvalidInput if it cannot be."""
    found = _the_one("regrade", wanted, tests)
    try:
        deleted_from = answers_deleted_from(found.test, retention_days)
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        where = f"its entry in {index_key(found.subject)}"
        raise InvalidInput(f"regrade: {test_name(*wanted)}: {where} is broken: publish the class again") from error
    if deleted_from <= run.now:
        raise InvalidInput(
            f"regrade: since {deleted_from:%Y-%m-%d}, answers to {test_name(*wanted)} may have been deleted, which are"
            f" kept for {retention_days} days (retention_days); the scores stay as they are"
        )
    return found


def _due_or_problem(
    bucket: Bucket, settings: Settings, run: RunInput, found: _Published, students: list[RosterEntry]
) -> _Due | str | None:
    """A test with what is to be done for it, or what is wrong with its objects: other tests do not depend on them.

    None if its answers may have been deleted.
    """
    subject, test = found.subject, found.test
    name = test_name(subject, test["testId"])
    key = state_key(subject, test["testId"])
    try:
        state = _state(bucket, key)
    except (BrokenObject, AttributeError, TypeError, KeyError, ValueError):
        return (
            f"{name}: the state file {key} is broken: remove it from the data bucket,"
            " and the next run scores the test again"
        )
    try:
        if not isinstance(test["title"], str):
            raise TypeError
        if answers_deleted_from(test, settings.retention_days) <= run.now:
            return None
        return _due(bucket, settings, run, found, students, state)
    except (AttributeError, TypeError, KeyError, ValueError):
        return f"{name}: its entry in {index_key(subject)} is broken: publish the class again"


def _state(bucket: Bucket, key: str) -> TestState | None:
    """A test's state, None before its first run. Raises what reading a broken one raises."""
    state: TestState | None = bucket.get_json(key)
    if state is not None and (not isinstance(state, dict) or "told" in state):
        parse_time(state["toldAt"])
    return state


def _due(
    bucket: Bucket,
    settings: Settings,
    run: RunInput,
    found: _Published,
    students: list[RosterEntry],
    state: TestState | None,
) -> _Due:
    subject, test, test_id = found.subject, found.test, found.test["testId"]
    key = bucket.get_bytes(answer_key_key(subject, test_id))
    version = key_version(key) if key is not None else None
    questions = bucket.etag(questions_key(subject, test_id))
    times = own_times(subject, test, students)
    show_answers = answers_may_be_shown(test, times, run.certain_time)
    wanted = fingerprint(test, questions, times, run.as_of, answers_shown=show_answers)
    certain = fingerprint(test, questions, times, run.certain_time, answers_shown=show_answers)
    reasons = due_reasons(run, wanted, state, version)
    if run.regrade and wanted:
        reasons.append("regrade")
    scoring = scoring_students(run, times) if reasons else []
    reminders, reminded = _reminders(run, settings.reminder_hours, found, times, state)
    return _Due(
        times=times,
        published_at=found.published_at,
        show_answers=show_answers,
        scoring=in_batches(scoring, settings.batch_size),
        reminders=[
            (kind, batch) for kind, students in reminders.items() for batch in in_batches(students, settings.batch_size)
        ],
        entry={
            "subject": subject,
            "test": test,
            "reasons": reasons,
            "told": wanted if wanted == certain else "",
            "keyVersion": version,
            "questionsTag": questions,
            "reminded": reminded,
            "batches": [],
            "reminderBatches": [],
        },
    )


def _settle_until(run: RunInput, settings: Settings, found: list[_Due]) -> datetime:
    """When scoring may begin."""
    ttl, settle = settings.authorizer_ttl_seconds, settings.settle_seconds
    times = [settle_until(run, due.times, due.published_at, ttl, settle) for due in found if due.scoring]
    return max(times, default=run.now)


def _take_back(bucket: Bucket, run_id: str, entry: PlanEntry) -> None:
    """Note that what a test's students were told may be about to change: if the run dies, the test stays due.

    It does so too if a run that began earlier ends later, for this run's scores may be stored over that run's.
    """

    def taken_back(state: TestState) -> TestState:
        after: TestState = {**state, "plannedBy": run_id, "disturbed": False}
        if "told" in after:
            after["told"] = ""
        return after

    change_state(bucket, state_key_of(entry), taken_back)


def _reminders(
    run: RunInput, hours: int, found: _Published, times: list[OwnTimes], state: TestState | None
) -> tuple[dict[ReminderKind, list[StudentToRemind]], dict[ReminderKind, str]]:
    """Whom to email about their time, unless the last run has, and the fingerprints of it, both by kind of email.

    A run that is to send uncertain and rejected emails again asks the ledger about each student.
    """
    students = {} if run.regrade else students_to_remind(run, hours, found.subject, found.test, times)
    wanted = {kind: reminder_fingerprint(each) for kind, each in students.items()}
    done = state.get("reminded") if state is not None and not run.resend_uncertain else None
    if not isinstance(done, dict):  # an earlier version noted reminders only, as a text
        done = {}
    return {kind: each for kind, each in students.items() if done.get(kind) != wanted[kind]}, wanted


def _batches(run: RunInput, found: list[_Due], roster_tag: str) -> list[Batch]:
    """The batches, each of one test. Their numbers are added to the tests' entries in the plan."""
    mailers = min(sum(len(due.scoring) + len(due.reminders) for due in found), MOST_MAILERS)
    batches: list[Batch] = []
    for due in found:
        head: BatchHead = {
            "subject": due.entry["subject"],
            "test": due.entry["test"],
            "rosterTag": roster_tag,
            "asOf": format_time(run.as_of),
            "startedAt": format_time(run.now),
            "certainAt": format_time(run.certain_time),
            "showAnswers": due.show_answers,
            "resendUncertain": run.resend_uncertain,
            "mailers": mailers,
        }
        for students in due.scoring:
            due.entry["batches"].append(len(batches))
            batches.append({"kind": "score", "students": students, **head})
        for kind, to_remind in due.reminders:
            due.entry["reminderBatches"].append(len(batches))
            batches.append({"kind": kind, "students": to_remind, **head})
    return batches
