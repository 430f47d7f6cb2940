"""Turns a checked class into the objects that are published (docs/data-model.md). Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..shared.canonical_json import canonical_json
from ..shared.deadlines import format_time, parse_time
from ..shared.object_keys import ROSTER, answer_key_key, index_key, questions_key, student_key
from .closing_times import WeeklyDeadline, closing_time, last_deadline, own_deadline, parse_class_time
from .files import ClassFiles

TestKey = tuple[str, str]


@dataclass(frozen=True)
class Policies:
    """The class's parameters that tests fall back to, as group_vars/all.yml has them."""

    attempts: int | str
    late: Mapping[str, Any] | str | bool | None
    partial_credit: str | bool
    grace_minutes: int


@dataclass
class PublishedClass:
    """Objects by meaning. `roster` has one entry a student, by ID: what students/<sha256>.json has, and `email`."""

    indexes: dict[str, dict[str, Any]] = field(default_factory=dict)
    questions: dict[TestKey, dict[str, Any]] = field(default_factory=dict)
    answer_keys: dict[TestKey, dict[str, Any]] = field(default_factory=dict)
    roster: dict[str, dict[str, Any]] = field(default_factory=dict)

    def content(self) -> dict[str, bytes]:
        """All objects but the students' own, by key."""
        objects = {index_key(subject): canonical_json(index) for subject, index in self.indexes.items()}
        objects |= {questions_key(*key): canonical_json(questions) for key, questions in self.questions.items()}
        objects |= {answer_key_key(*key): canonical_json(answers) for key, answers in self.answer_keys.items()}
        objects[ROSTER] = b"".join(canonical_json(self.roster[student]) + b"\n" for student in sorted(self.roster))
        return objects

    def students(self, api_keys: Mapping[str, str]) -> dict[str, bytes]:
        """The students' objects, by key. `api_keys` has API keys by student ID; who has none gets no object."""
        objects = {}
        for student_id, api_key in api_keys.items():
            student = {name: value for name, value in self.roster[student_id].items() if name != "email"}
            objects[student_key(api_key)] = canonical_json(student)
        return objects

    def deadlines(self) -> list[tuple[Mapping[str, Any], datetime]]:
        """Each test's index entry with each deadline that some student has for it."""
        entries = {
            f"{subject}/{entry['testId']}": entry for subject, index in self.indexes.items() for entry in index["tests"]
        }
        found = {(name, entry["closesAt"]) for name, entry in entries.items()}
        found |= {item for student in self.roster.values() for item in student["deadlines"].items()}
        return [(entries[name], parse_time(deadline)) for name, deadline in sorted(found)]


def closing_times(
    files: ClassFiles, weekly: WeeklyDeadline, previous: Mapping[TestKey, str], now: datetime
) -> dict[TestKey, datetime]:
    """When each test closes. `previous` has the `closesAt` of tests that are published already."""
    times = {}
    for key, test in files.tests.items():
        closes_at = closing_time(test.data, weekly, previous.get(key), now)
        assert closes_at is not None  # noqa: S101  # `now` is given
        times[key] = closes_at
    return times


def build_class(
    files: ClassFiles, policies: Policies, timezone: str, closes_at: Mapping[TestKey, datetime]
) -> PublishedClass:
    """The objects of a class whose files have no problems."""
    published = PublishedClass()
    tests = {key: test.data for key, test in sorted(files.tests.items())}
    extensions = {key: _extensions(test, timezone) for key, test in tests.items()}
    own = _own_deadlines(files.students.data["students"], closes_at, extensions)
    for student in files.students.data["students"]:
        published.roster[student["id"]] = _roster_entry(student, own[student["id"]])
    latest = _latest(own)
    for key, test in tests.items():
        published.questions[key] = _questions(key, test)
        published.answer_keys[key] = _answer_key(key, test, policies)
        entry = _index_entry(key, test, policies, closes_at[key])
        entry["lastDeadline"] = format_time(last_deadline(entry, latest.get(key, [])))
        index = {"subjectName": key[0], "title": subject_title(key[0]), "tests": []}
        published.indexes.setdefault(key[0], index)["tests"].append(entry)
    return published


def subject_title(subject: str) -> str:
    """`operating-systems` as people read it: `Operating systems`."""
    words = subject.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _extensions(test: Mapping[str, Any], timezone: str) -> dict[str, datetime]:
    return {student: parse_class_time(text, timezone) for student, text in test.get("extensions", {}).items()}


def _own_deadlines(
    students: list[dict[str, Any]],
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
                deadline = own_deadline(closes_at[key], extension, student.get("extra_hours", 0))
                if deadline != closes_at[key]:
                    own[student["id"]][key] = deadline
    return own


def _latest(own: Mapping[str, Mapping[TestKey, datetime]]) -> dict[TestKey, list[datetime]]:
    deadlines: dict[TestKey, list[datetime]] = {}
    for of_student in own.values():
        for key, deadline in of_student.items():
            deadlines.setdefault(key, []).append(deadline)
    return deadlines


def _roster_entry(student: Mapping[str, Any], own: Mapping[TestKey, datetime]) -> dict[str, Any]:
    return {
        "studentId": student["id"],
        "name": student["name"],
        "email": student["email"],
        "subjects": sorted(student["subjects"]),
        "deadlines": {f"{subject}/{test}": format_time(deadline) for (subject, test), deadline in own.items()},
    }


def _index_entry(key: TestKey, test: Mapping[str, Any], policies: Policies, closes_at: datetime) -> dict[str, Any]:
    return {
        "testId": key[1],
        "title": test["title"],
        "questionCount": len(test["questions"]),
        "closesAt": format_time(closes_at),
        "graceMinutes": test.get("grace_minutes", policies.grace_minutes),
        "attempts": str(test.get("attempts", policies.attempts)),
        "late": _late(test.get("late", policies.late)),
    }


def _late(policy: Any) -> dict[str, Any] | None:
    """None for `none`, `null` and YAML's false."""
    if not isinstance(policy, Mapping):
        return None
    return {"untilHours": policy["until_hours"], "credit": policy["credit"]}


def _questions(key: TestKey, test: Mapping[str, Any]) -> dict[str, Any]:
    questions = [
        {
            "number": number,
            "text": question["text"].rstrip("\n"),
            "type": "multiple" if isinstance(question["answer"], list) else "single",
            "points": question.get("points", 1),
            "options": [{"id": option, "text": text.rstrip("\n")} for option, text in question["options"].items()],
        }
        for number, question in enumerate(test["questions"], 1)
    ]
    return {
        "subjectName": key[0],
        "testId": key[1],
        "title": test["title"],
        "shuffle": test.get("shuffle", False),
        "questions": questions,
    }


def _answer_key(key: TestKey, test: Mapping[str, Any], policies: Policies) -> dict[str, Any]:
    """YAML reads a bare `off` as false; both mean it."""
    partial_credit = test.get("partial_credit", policies.partial_credit) or "off"
    questions = {str(number): _answer(question) for number, question in enumerate(test["questions"], 1)}
    return {"subjectName": key[0], "testId": key[1], "partialCredit": partial_credit, "questions": questions}


def _answer(question: Mapping[str, Any]) -> dict[str, Any]:
    right = question["answer"]
    answer = {"correct": right if isinstance(right, list) else [right], "points": question.get("points", 1)}
    if "explanation" in question:
        answer["explanation"] = question["explanation"].rstrip("\n")
    if "correction" in question:
        names = {"reason": "reason", "drop": "drop", "all_credit": "allCredit", "also_accept": "alsoAccept"}
        answer["correction"] = {names[name]: value for name, value in question["correction"].items()}
    return answer
