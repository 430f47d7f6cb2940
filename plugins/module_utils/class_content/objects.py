"""Turns a class without problems into the documents that are published. Pure functions."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ..documents.mail_address import ascii_address
from ..shared.calendar_secret import calendar_secret
from ..shared.canonical_json import canonical_json
from ..shared.deadlines import format_time, parse_time
from ..shared.documents import (
    AnswerKey,
    ClassRecord,
    ClosingRules,
    Index,
    IndexEntry,
    Late,
    PublishedImage,
    Questions,
    RosterEntry,
    StudentCalendar,
    StudentRecord,
    SubjectCalendar,
    TimedTest,
)
from ..shared.ids import parse_test_name, test_name
from ..shared.notices import announcement_moments, extension_moment
from ..shared.object_keys import (
    ROSTER,
    answer_key_key,
    calendar_key,
    image_key,
    index_key,
    questions_key,
    student_key,
    subject_calendar_key,
)
from . import written
from .api_keys import ApiKey
from .closing_times import WeeklyDeadline, closing_time, last_deadline, own_deadline, parse_class_time
from .files import ClassFiles
from .frozen_pools import draws_since
from .history import History, TestKey, index_entries
from .images import Images
from .pools import picks, question_count
from .questions import Published, published_questions

if TYPE_CHECKING:
    from .formatted_test import FormattedTest

# The schemas' defaults.
EXTRA_HOURS = 0
SHUFFLE = False


@dataclass(frozen=True)
class Policies:
    """The class's parameters for tests that do not set their own, as written in group_vars/all.yml."""

    attempts: written.AttemptsPolicy
    late: written.LatePolicy
    partial_credit: written.PartialCreditPolicy
    grace_minutes: int
    announce: bool
    unsubmitted_drafts: written.DraftsPolicy = "ignore"


@dataclass
class PublishedClass:
    """The documents: `indexes` by subject, `images` by ID for each test that has any, `roster` by student ID."""

    indexes: dict[str, Index] = field(default_factory=dict)
    questions: dict[TestKey, Questions] = field(default_factory=dict)
    answer_keys: dict[TestKey, AnswerKey] = field(default_factory=dict)
    images: dict[TestKey, dict[str, PublishedImage]] = field(default_factory=dict)
    roster: dict[str, RosterEntry] = field(default_factory=dict)

    def content(self) -> dict[str, bytes]:
        """All objects except the students' records and the calendars, by key."""
        objects = {index_key(subject): canonical_json(index) for subject, index in self.indexes.items()}
        objects |= {questions_key(*key): canonical_json(questions) for key, questions in self.questions.items()}
        objects |= {answer_key_key(*key): canonical_json(answers) for key, answers in self.answer_keys.items()}
        for key, images in self.images.items():
            objects |= {image_key(*key, id): canonical_json(image) for id, image in images.items()}
        objects[ROSTER] = roster_lines(self.roster)
        return objects

    def students(self, api_keys: Mapping[str, ApiKey]) -> dict[str, bytes]:
        """The students' records, by key. `api_keys`: by student ID; students without one are left out."""
        return {
            student_key(api_key.value): canonical_json(student_record(self.roster[id], api_key.receipt_key))
            for id, api_key in api_keys.items()
        }

    def calendars(self, api_keys: Mapping[str, ApiKey], endpoint: str) -> dict[str, bytes]:
        """The calendars of the subjects and of the students who have an API key, by key of the object."""
        objects = {
            subject_calendar_key(subject): canonical_json(_subject_calendar(index, endpoint))
            for subject, index in self.indexes.items()
        }
        for id, api_key in api_keys.items():
            objects[calendar_key(calendar_secret(api_key.value))] = canonical_json(student_calendar(self.roster[id]))
        return objects

    def deadlines(self) -> list[tuple[IndexEntry, datetime]]:
        """Each test's index entry with each deadline that a student has for it."""
        entries = {
            test_name(subject, entry["testId"]): entry
            for subject, index in self.indexes.items()
            for entry in index["tests"]
        }
        found = {(name, entry["closesAt"]) for name, entry in entries.items()}
        found |= {item for student in self.roster.values() for item in student["deadlines"].items()}
        return [(entries[name], parse_time(deadline)) for name, deadline in sorted(found)]

    def notices(self) -> set[datetime]:
        """When a run may have to tell students that a test is open, or that they were given more time."""
        entries = index_entries(self.indexes)
        moments = {moment for entry in entries.values() for moment in announcement_moments(entry)}
        for student in self.roster.values():
            for name, extension in student.get("extended", {}).items():
                if key := parse_test_name(name):
                    moments.update(extension_moment(entries[key], extension))
        return moments


def class_record(endpoint: str, name: str, folder: str) -> ClassRecord:
    """Which class is published. `folder`: as the parameters name it; `class/` and `./class` are the same."""
    return {"endpoint": endpoint, "className": name, "classDir": posixpath.normpath(folder)}


def roster_lines(roster: Mapping[str, RosterEntry]) -> bytes:
    """The roster as it is stored."""
    return b"".join(canonical_json(roster[student]) + b"\n" for student in sorted(roster))


def closing_times(
    files: ClassFiles, weekly: WeeklyDeadline, previous: Mapping[TestKey, str], now: datetime
) -> dict[TestKey, datetime]:
    """When each test closes. `previous`: the `closesAt` of tests that are already published."""
    times = {}
    for key, test in files.tests.items():
        closes_at = closing_time(test.data, weekly, previous.get(key), now)
        assert closes_at is not None  # noqa: S101  # `now` is given
        times[key] = closes_at
    return times


def build_class(
    files: ClassFiles, policies: Policies, timezone: str, closes_at: Mapping[TestKey, datetime], history: History
) -> PublishedClass:
    """The documents of a class whose files have no problems. `history`: what was published before."""
    published = PublishedClass()
    tests: dict[TestKey, written.Test] = {key: test.data for key, test in sorted(files.tests.items())}
    students: list[written.Student] = files.students.data["students"]
    extended = {key: extensions(test, timezone) for key, test in tests.items()}
    own = _own_deadlines(students, closes_at, extended)
    for student in students:
        since = history.since(student["id"], student["subjects"])
        published.roster[student["id"]] = _roster_entry(student, own[student["id"]], since)
    latest = _latest(own)
    other_own_times = history.other_own_times(published.roster)
    for key, test in tests.items():
        formatted = _read_formatted(key, test, files) if test.get("format") == "markdown" else None
        questions = published_questions(formatted.test if formatted else test, history.questions.get(key))
        published.questions[key] = _questions(key, test, questions, history.salt(key))
        published.answer_keys[key] = _answer_key(key, test, policies, questions)
        if formatted:
            published.images[key] = formatted.add_nodes(published.questions[key], published.answer_keys[key])
        index: Index = {"subjectName": key[0], "title": subject_title(key[0]), "tests": []}
        rules = _closing_rules(test, policies, timezone, closes_at[key])
        entry = _index_entry(key, test, rules, policies, latest.get(key, []))
        entry["revisedAt"] = history.revised_at(key[0], entry, other_own_times)
        entry["publishedAt"] = history.published_at(*key)
        if "pools" in published.questions[key]:
            entry["drawsSince"] = draws_since(entry, history.published_entry(key), history.now)
        published.indexes.setdefault(key[0], index)["tests"].append(entry)
    history.settle_debts(published.roster, published.indexes)
    history.note_extensions(published.roster, published.indexes)
    return published


def _read_formatted(key: TestKey, test: written.Test, files: ClassFiles) -> FormattedTest:
    from .formatted_test import read_formatted  # noqa: PLC0415  # costs 150 ms

    return read_formatted(test, files.images.get(key[0], Images()))


def subject_title(subject: str) -> str:
    """A subject's name for people: `Operating systems` for `operating-systems`."""
    words = subject.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def extensions(test: written.Test, timezone: str) -> dict[str, datetime]:
    """The extensions that a test's file gives, by student ID."""
    return {student: parse_class_time(text, timezone) for student, text in test.get("extensions", {}).items()}


def _own_deadlines(
    students: list[written.Student],
    closes_at: Mapping[TestKey, datetime],
    extensions: Mapping[TestKey, Mapping[str, datetime]],
) -> dict[str, dict[TestKey, datetime]]:
    """By student ID: the deadlines that differ from the test's."""
    by_subject: dict[str, list[TestKey]] = {}
    for key in closes_at:
        by_subject.setdefault(key[0], []).append(key)
    own: dict[str, dict[TestKey, datetime]] = {}
    for student in students:
        own[student["id"]] = {}
        for subject in student["subjects"]:
            for key in by_subject[subject]:
                extension = extensions[key].get(student["id"])
                deadline = own_deadline(closes_at[key], extension, student.get("extra_hours", EXTRA_HOURS))
                if deadline != closes_at[key]:
                    own[student["id"]][key] = deadline
    return own


def _latest(own: Mapping[str, Mapping[TestKey, datetime]]) -> dict[TestKey, list[datetime]]:
    deadlines: dict[TestKey, list[datetime]] = {}
    for of_student in own.values():
        for key, deadline in of_student.items():
            deadlines.setdefault(key, []).append(deadline)
    return deadlines


def _roster_entry(student: written.Student, own: Mapping[TestKey, datetime], since: dict[str, str]) -> RosterEntry:
    entry: RosterEntry = {
        "studentId": student["id"],
        "name": student["name"],
        "email": ascii_address(student["email"]),
        "subjects": sorted(student["subjects"]),
        "deadlines": {test_name(*key): format_time(deadline) for key, deadline in own.items()},
        "since": since,
    }
    if "external_id" in student:
        entry["externalId"] = student["external_id"]
    return entry


def student_record(entry: RosterEntry, receipt_key: str | None) -> StudentRecord:
    """The record of a student in the roster. `receipt_key`: if their API key was replaced."""
    record: StudentRecord = {
        "studentId": entry["studentId"],
        "name": entry["name"],
        "subjects": entry["subjects"],
        "deadlines": entry["deadlines"],
    }
    if receipt_key:
        record["receiptKey"] = receipt_key
    return record


def student_calendar(entry: RosterEntry) -> StudentCalendar:
    """The calendar of a student in the roster."""
    return {"studentId": entry["studentId"], "subjects": entry["subjects"], "deadlines": entry["deadlines"]}


def _subject_calendar(index: Index, endpoint: str) -> SubjectCalendar:
    return {
        "subjectName": index["subjectName"],
        "title": index["title"],
        "page": f"{endpoint}/",
        "tests": [_test_times(entry) for entry in index["tests"]],
    }


def _test_times(entry: IndexEntry) -> TimedTest:
    times: TimedTest = {
        "testId": entry["testId"],
        "title": entry["title"],
        "closesAt": entry["closesAt"],
        "graceMinutes": entry["graceMinutes"],
        "late": entry["late"],
    }
    if "opensAt" in entry:
        times["opensAt"] = entry["opensAt"]
    return times


def _closing_rules(test: written.Test, policies: Policies, timezone: str, closes_at: datetime) -> ClosingRules:
    rules: ClosingRules = {
        "closesAt": format_time(closes_at),
        "graceMinutes": test.get("grace_minutes", policies.grace_minutes),
        "late": _late(test.get("late", policies.late)),
    }
    if "opens" in test:
        rules["opensAt"] = format_time(parse_class_time(test["opens"], timezone))
    return rules


def _late(policy: written.LatePolicy) -> Late | None:
    """None for `none`, `null` and YAML's false."""
    if not isinstance(policy, Mapping):
        return None
    return {"untilHours": policy["until_hours"], "credit": policy["credit"]}


def _index_entry(
    key: TestKey, test: written.Test, rules: ClosingRules, policies: Policies, own: list[datetime]
) -> IndexEntry:
    """`own`: the deadlines of students who have their own. The caller fills in `revisedAt` and `publishedAt`."""
    entry: IndexEntry = {
        "testId": key[1],
        "title": test["title"],
        "questionCount": question_count(test),
        "closesAt": rules["closesAt"],
        "graceMinutes": rules["graceMinutes"],
        "attempts": "last" if test.get("attempts", policies.attempts) == "last" else "1",
        "late": rules["late"],
        "lastDeadline": format_time(last_deadline(rules, own)),
        "revisedAt": "",
        "publishedAt": "",
    }
    if "opensAt" in rules:
        entry["opensAt"] = rules["opensAt"]
    if test.get("announce", policies.announce):
        entry["announce"] = True
    if test.get("unsubmitted_drafts", policies.unsubmitted_drafts) == "submit":
        entry["unsubmittedDrafts"] = "submit"
    return entry


def _questions(key: TestKey, test: written.Test, questions: list[Published], salt: str) -> Questions:
    """`salt`: for what is drawn for each student, if the test has pools."""
    published: Questions = {
        "subjectName": key[0],
        "testId": key[1],
        "title": test["title"],
        "shuffle": test.get("shuffle", SHUFFLE),
        "questions": [each.question for each in questions],
    }
    pools = picks(test)
    return {**published, "pools": pools, "salt": salt} if pools else published


def _answer_key(key: TestKey, test: written.Test, policies: Policies, questions: list[Published]) -> AnswerKey:
    """YAML reads a bare `off` as false; both mean the same."""
    partial_credit = test.get("partial_credit", policies.partial_credit) or "off"
    answers = {str(published.question["number"]): published.answer for published in questions}
    return {"subjectName": key[0], "testId": key[1], "partialCredit": partial_credit, "questions": answers}
