"""Publishes a class without problems: finds what differs, describes it in short lines and writes it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ..documents.yaml_lines import Problem
from ..shared.canonical_json import canonical_json
from ..shared.deadlines import answers_deleted_from, is_announced
from ..shared.documents import ClassRecord, IndexEntry
from ..shared.object_keys import CLASS
from .api_keys import KeyState, list_api_keys, sort_out
from .changes import POSTPONED, UNSCORED, change_lines, student_changes, test_changes
from .closing_times import WeeklyDeadline, run_moments
from .files import ClassFiles
from .frozen_pools import frozen_pool_problems
from .history import History, TestKey, index_entries
from .losses import Losses, given_away, is_other_class, losses
from .objects import Policies, PublishedClass, build_class, closing_times, extensions, roster_lines
from .outlook import Outlook
from .run_schedules import ScheduleTarget, ScheduleUpdate, apply_schedules, compare_schedules, existing_schedules
from .store import (
    Published,
    Update,
    apply,
    compare,
    questions_to_carry_over,
    read_published,
    returned_students,
    rewritten_parts,
)
from .validation import extension_problems, retention_problems


class InvalidClass(Exception):
    """The class's files have `problems`."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Clients:
    """The SDK's clients."""

    s3: Any
    apigateway: Any
    scheduler: Any


@dataclass(frozen=True)
class Deployment:
    """The names of the deployment's resources, and the class's parameters."""

    bucket: str
    usage_plan_id: str
    api_key_prefix: str
    schedules: ScheduleTarget
    weekly: WeeklyDeadline
    reminder_hours: int
    policies: Policies
    retention_days: int
    record: ClassRecord


@dataclass
class Publication:
    """What publishing would do. `lines` describes it for people, and is empty only if there is nothing to do.

    `outlook`: the tests' times. `losses`: what has to be confirmed before.
    """

    lines: list[str]
    outlook: Outlook
    losses: Losses | None
    keys: KeyState
    objects: Update
    schedules: ScheduleUpdate


def plan_publication(clients: Clients, deployment: Deployment, files: ClassFiles) -> Publication:
    """Compare a class without problems with what is published. Writes nothing.

    Raises InvalidClass for an extension that ends before its test, for a test that ends too long after its publication
    and for pools that change after their test has opened; and the SDK's errors.
    """
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(read_published, clients.s3, deployment.bucket)
        listing = pool.submit(list_api_keys, clients.apigateway, deployment.usage_plan_id, deployment.api_key_prefix)
        existing = pool.submit(existing_schedules, clients.scheduler, deployment.schedules).result()
        published, api_keys = reading.result(), listing.result()
    now = published.read_at
    is_new_class = is_other_class(published.record, deployment.record)
    wanted, history = wanted_class(
        clients.s3,
        deployment.bucket,
        files,
        published,
        deployment.weekly,
        deployment.policies,
        deployment.retention_days,
        is_new_class=is_new_class,
    )
    entries = index_entries(wanted.indexes)
    others = given_away(published.roster, files.students.data["students"], is_new_class)
    keys = sort_out(api_keys, wanted.roster.keys(), published.etags.keys(), others)
    first_roster = roster_lines(history.roster_until_all_is_written(wanted.roster, wanted.indexes))
    record = {CLASS: canonical_json(deployment.record)}
    people = wanted.students(keys.current) | wanted.calendars(keys.current, deployment.record["endpoint"])
    objects = compare(published, wanted.content() | record | people, first_roster)
    moments = run_moments(wanted.deadlines(), deployment.weekly, deployment.reminder_hours, now, wanted.notices())
    schedules = compare_schedules(existing, deployment.schedules, moments, now)
    notes = _notes(published, entries, deployment.retention_days)
    lines = _lines(published, wanted, notes, keys, objects, schedules)
    lost = losses(
        published.record,
        deployment.record,
        published.roster,
        files.students.data["students"],
        published.tests.keys(),
        entries.keys(),
    )
    outlook = Outlook(
        {} if is_new_class else published.tests,
        entries,
        published.roster,
        wanted.roster,
        {key: extensions(test.data, deployment.weekly.timezone) for key, test in files.tests.items()},
        deployment.weekly.timezone,
        now,
        others,
    )
    return Publication(lines, outlook, lost, keys, objects, schedules)


def wanted_class(
    s3: Any,
    bucket: str,
    files: ClassFiles,
    published: Published,
    weekly: WeeklyDeadline,
    policies: Policies,
    retention_days: int,
    *,
    is_new_class: bool,
) -> tuple[PublishedClass, History]:
    """The documents of a class without problems, as they would be published now, and what they carry over.

    `is_new_class`: whether another class is published, of which nothing is carried over.
    Raises InvalidClass as `plan_publication` does, and the SDK's errors.
    """
    previous = {} if is_new_class else {key: entry["closesAt"] for key, entry in published.tests.items()}
    closes_at = closing_times(files, weekly, previous, published.read_at)
    problems = extension_problems(files, closes_at, weekly.timezone)
    if problems:
        raise InvalidClass(problems)
    tests = {} if is_new_class else {key: test.data for key, test in files.tests.items()}
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(questions_to_carry_over, s3, bucket, published, tests)
        returned = returned_students(s3, bucket, published, files.students.data["students"])
        questions = reading.result()
    history = History(
        published.read_at, published.tests, published.roster, returned, published.roster_lost, is_new_class, questions
    )
    wanted = build_class(files, policies, weekly.timezone, closes_at, history)
    problems = retention_problems(files, index_entries(wanted.indexes), retention_days, weekly.timezone)
    problems = problems or frozen_pool_problems(files, wanted.questions, history)
    if problems:
        raise InvalidClass(problems)
    return wanted, history


def publish(clients: Clients, deployment: Deployment, publication: Publication) -> None:
    """Write what the plan says, except API keys.

    `api_keys` deletes foreign keys and creates missing ones before, and deletes surplus ones after.

    Raises the SDK's errors. After one, planning and publishing again completes the work.
    """
    apply(clients.s3, deployment.bucket, publication.objects)
    apply_schedules(clients.scheduler, deployment.schedules, publication.schedules)


def _notes(published: Published, entries: Mapping[TestKey, IndexEntry], retention_days: int) -> dict[TestKey, str]:
    """What the lines of some tests say besides what differs."""
    now, before = published.read_at, published.tests
    unscored = [key for key, entry in entries.items() if answers_deleted_from(entry, retention_days) <= now]
    announced = [key for key, entry in entries.items() if is_announced(entry, now)]
    postponed = [key for key in announced if key in before and not is_announced(before[key], now)]
    return dict.fromkeys(unscored, UNSCORED) | dict.fromkeys(postponed, POSTPONED)


def _lines(
    published: Published,
    wanted: PublishedClass,
    notes: Mapping[TestKey, str],
    keys: KeyState,
    objects: Update,
    schedules: ScheduleUpdate,
) -> list[str]:
    entries = index_entries(wanted.indexes)
    rewritten = rewritten_parts(published, wanted.content(), entries)
    changes = test_changes(published.tests, entries, rewritten, notes)
    changes += student_changes(published.roster, wanted.roster, keys.missing)
    lines = change_lines(changes)
    return lines or _unnamed(keys, objects, schedules)


def _unnamed(keys: KeyState, objects: Update, schedules: ScheduleUpdate) -> list[str]:
    """What differs if no test or student does: after an interruption, an upgrade or a change of parameters."""
    lines = []
    written = objects.puts.keys() | objects.first_roster.keys()
    if written or objects.deletes:
        lines.append(f"~ stored objects ({len(written)} written, {len(objects.deletes)} removed)")
    if keys.surplus:
        lines.append(f"~ API keys ({len(keys.surplus)} removed)")
    if schedules.missing or schedules.obsolete:
        lines.append(f"~ scheduled runs ({len(schedules.missing)} added, {len(schedules.obsolete)} removed)")
    return lines
