"""Checks a class's files against their schemas, and against the rules that a schema cannot express.

A check finds every problem, not only the first one, unless the structure of a file has too many of them to be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from pathlib import Path, PurePath
from typing import Any
from zoneinfo import ZoneInfo

from ..documents.mail_address import address_problem, ascii_address
from ..documents.schema_check import SCHEMAS, check, validator
from ..documents.yaml_lines import Document, FieldPath, Problem, field_name
from ..shared import probe
from ..shared.deadlines import answers_deleted_from, parse_time
from ..shared.documents import IndexEntry
from ..shared.object_keys import CLASS, FOLDERS
from .closing_times import WeeklyDeadline, closing_time, parse_class_time
from .files import ClassFiles
from .images import Images
from .pool_rules import PoolRules, QuestionSchema
from .pools import PICK, is_pool
from .question_rules import QuestionRules

# The schema has the same limit, without the questions of pools.
MAX_QUESTIONS = 200
# Of one student to a test: as many texts fit into an upload.
MAX_ANSWERS = 200
# For how long after a test's last deadline its answers must still be there, to be scored again.
ANSWERS_NEEDED_DAYS = 30
# IAM's `*` stands for slashes too: a deployer's right to write `*/code/*` would be one to write
# `answers/code/s001/test01.json`, and one to read `*/class.json` would be one to read `scores/os/test01/class.json`.
# `code` and `templates` are the folders of the artifact bucket.
RESERVED_IDS = frozenset(
    (*(folder.rstrip("/") for folder in FOLDERS), CLASS.removesuffix(".json"), "code", "templates", probe.SUBJECT)
)
_RESERVED = "Test time uses this name itself; choose another"


def class_problems(files: ClassFiles, weekly: WeeklyDeadline, schemas: Path = SCHEMAS) -> list[Problem]:
    """What is wrong in a class's files, sorted by file and line. Of a file with many problems, the first ones."""
    students_schema, test_schema = validator("students", schemas), validator("test", schemas)
    question_schema = QuestionSchema(schemas)
    if _was_read(files.students) and check(files.students, students_schema):
        _check_students(files.students, files)
    _check_names(files)
    enrolled = _enrolments(files.students)
    for (subject, _), test in files.tests.items():
        if _was_read(test) and check(test, test_schema):
            rules = _TestRules(test, subject, enrolled, weekly, question_schema, files.images.get(subject, Images()))
            rules.check()
    found = set(files.problems)
    for document in (files.students, *files.tests.values()):
        found.update(document.first_problems())
    return sorted(found)


def extension_problems(
    files: ClassFiles, closes_at: Mapping[tuple[str, str], datetime], timezone: str
) -> list[Problem]:
    """Extensions that end before their test does. `class_problems` cannot find them if only publishing sets that time.

    The files have no other problems.
    """
    for key, test in files.tests.items():
        for student, text in test.data.get("extensions", {}).items():
            _check_extension(test, student, parse_class_time(text, timezone), closes_at[key])
    return sorted(problem for test in files.tests.values() for problem in test.first_problems())


def retention_problems(
    files: ClassFiles, tests: Mapping[tuple[str, str], IndexEntry], retention_days: int, timezone: str
) -> list[Problem]:
    """Tests whose answers might be deleted before they are scored, or within ANSWERS_NEEDED_DAYS after.

    S3 deletes an answer `retention_days` after it was uploaded, and the first may be uploaded as soon as the test is
    published. `tests`: the tests' entries in the indexes. The files have no other problems.
    """
    for key, test in files.tests.items():
        last = parse_time(tests[key]["lastDeadline"])
        needed_until = last + timedelta(days=ANSWERS_NEEDED_DAYS)
        deleted_from = answers_deleted_from(tests[key], retention_days)
        if needed_until > deleted_from:
            enough = retention_days + ceil((needed_until - deleted_from) / timedelta(days=1))
            place = _latest_time(test, timezone)
            message = (
                f"students have time until {last:%Y-%m-%d}, so answers are needed until {needed_until:%Y-%m-%d}, but"
                f" from {deleted_from:%Y-%m-%d} on they may be deleted; let the test end earlier, or set retention_days"
                f" to {enough} or more and deploy"
            )
            test.problem(place, field_name(place), message)
    return sorted(problem for test in files.tests.values() for problem in test.problems)


def _latest_time(test: Document, timezone: str) -> FieldPath:
    """The field with the latest time that a test's file gives; the whole file if it gives none."""
    times: dict[FieldPath, datetime] = {
        ("extensions", student): parse_class_time(text, timezone)
        for student, text in test.data.get("extensions", {}).items()
    }
    if "closes" in test.data:
        times["closes",] = parse_class_time(test.data["closes"], timezone)
    return max(times, key=lambda place: times[place], default=())


def _was_read(document: Document) -> bool:
    return document.data is not None


def _listed(data: object, name: str) -> list[Any]:
    """The entries of a list in a document that may still have any shape."""
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, list) else []


def _students(document: Document) -> Iterator[tuple[int, dict[str, object]]]:
    for position, student in enumerate(_listed(document.data, "students")):
        if isinstance(student, dict):
            yield position, student


def _check_names(files: ClassFiles) -> None:
    """Subjects, and tests of a subject, whose names differ only in case: some file systems keep only one of them.

    And those with a reserved name.
    """
    subjects: dict[str, str] = {}
    tests: dict[tuple[str, str], str] = {}
    for (subject, test_id), test in files.tests.items():
        file = PurePath(test.file)
        if subject.lower() in RESERVED_IDS:
            files.problems.append(Problem(str(file.parent), 0, "", _RESERVED))
        if test_id.lower() in RESERVED_IDS:
            files.problems.append(Problem(test.file, 0, "", _RESERVED))
        first_subject = subjects.setdefault(subject.lower(), subject)
        if first_subject != subject:
            files.problems.append(_twin(str(file.parent), f"the subject {first_subject}"))
        first_test = tests.setdefault((subject, test_id.lower()), file.name)
        if first_test != file.name:
            files.problems.append(_twin(test.file, first_test))


def _twin(file: str, other: str) -> Problem:
    return Problem(file, 0, "", f"differs from {other} only in upper and lower case; rename one of them")


def _enrolments(document: Document) -> dict[str, set[str]]:
    """Subjects by student ID, of entries with a valid shape."""
    return {
        student_id: {name for name in _listed(student, "subjects") if isinstance(name, str)}
        for _, student in _students(document)
        if isinstance(student_id := student.get("id"), str)
    }


def _check_students(document: Document, files: ClassFiles) -> None:
    if _has_problem(document, ("students",)):
        return  # too many to be checked in reasonable time, or no list, or two
    subjects = {subject for subject, _ in files.tests}
    ids: dict[str, FieldPath] = {}
    addresses: dict[str, FieldPath] = {}
    external_ids: dict[str, FieldPath] = {}
    for position, student in _students(document):
        place: FieldPath = ("students", position)
        _check_unique(document, (*place, "id"), student.get("id"), ids)
        if str(student.get("id")).lower() in RESERVED_IDS:
            document.problem((*place, "id"), field_name((*place, "id")), _RESERVED)
        _check_address(document, (*place, "email"), student.get("email"), addresses)
        _check_unique(document, (*place, "external_id"), student.get("external_id"), external_ids)
        for number, subject in enumerate(_listed(student, "subjects")):
            if isinstance(subject, str) and subject not in subjects:
                message = f"'{subject}' has no tests; add subjects/{subject}/<testId>.yml or correct the name"
                document.problem((*place, "subjects", number), field_name((*place, "subjects", number)), message)


def _check_address(document: Document, place: FieldPath, address: object, seen: dict[str, FieldPath]) -> None:
    if not isinstance(address, str):
        return
    problem = address_problem(address)
    if problem:
        document.problem(place, field_name(place), problem)
    else:
        _check_unique(document, place, ascii_address(address), seen)


def _check_unique(document: Document, place: FieldPath, value: object, seen: dict[str, FieldPath]) -> None:
    """IDs and addresses that differ only in case count as the same. The message does not repeat an address."""
    if not isinstance(value, str):
        return
    first = seen.setdefault(value.casefold(), place)
    if first != place:
        message = f"already belongs to another student (line {document.line(first)}); give each student their own"
        document.problem(place, field_name(place), message)


@dataclass
class _TestRules:
    """The rules of one test's file."""

    test: Document
    subject: str
    enrolled: Mapping[str, set[str]]
    weekly: WeeklyDeadline
    question_schema: QuestionSchema
    images: Images

    def check(self) -> None:
        if not isinstance(self.test.data, dict):
            return
        opens_at = self._time(("opens",), self.test.data.get("opens"))
        closes_at = None if "opens" in self.test.data and not opens_at else self._closes_at()
        if opens_at and closes_at and opens_at >= closes_at:
            message = f"is not before the test closes ({closes_at:%Y-%m-%d %H:%M} UTC); correct one of them"
            self.test.problem(("opens",), "opens", message)
        extensions = self.test.data.get("extensions")
        for student, text in (extensions if isinstance(extensions, dict) else {}).items():
            self._check_student(student)
            moment = self._time(("extensions", student), text)
            if moment and closes_at:
                _check_extension(self.test, student, moment, closes_at)
        self._check_questions()
        if self.test.data.get("format") == "markdown":
            self._check_formatting()
        elif "math" in self.test.data:
            self.test.problem(("math",), "math", "is only for tests with format: markdown; add that, or remove math")

    def _check_questions(self) -> None:
        count = 0
        names: dict[str, int] = {}
        for position, entry in enumerate(_listed(self.test.data, "questions")):
            place: FieldPath = ("questions", position)
            if not isinstance(entry, dict):
                continue
            if not is_pool(entry):
                QuestionRules(self.test, place, entry).check()
                count += 1
                continue
            count += PoolRules(self.test, place, entry, self.question_schema).check()
            first = names.setdefault(str(entry.get("pool")), position)
            if first != position and "pool" in entry:
                message = f"is already the name of questions[{first + 1}]; give each pool its own"
                self.test.problem((*place, "pool"), field_name((*place, "pool")), message)
        if count > MAX_QUESTIONS:
            message = f"has {count} questions, those of pools included, and a test can have {MAX_QUESTIONS}"
            self.test.problem(("questions",), "questions", message)
        entries = [entry for entry in _listed(self.test.data, "questions") if isinstance(entry, dict)]
        answers = sum(map(_most_answers, entries))
        if count <= MAX_QUESTIONS and answers > MAX_ANSWERS:
            message = f"ask a student for {answers} answers, with one for each gap, and a test can for {MAX_ANSWERS}"
            self.test.problem(("questions",), "questions", message)

    def _check_formatting(self) -> None:
        from .formatted_test import check_formatting  # noqa: PLC0415  # costs 150 ms

        check_formatting(self.test, self.images)

    def _closes_at(self) -> datetime | None:
        """When the test closes, if its file says so and without a problem."""
        closes = self._time(("closes",), self.test.data.get("closes"))
        if ("closes" in self.test.data and not closes) or not self._session_is_a_date():
            return None
        session = self.test.data.get("session_date")
        # Days are compared, because some days do not have a midnight: clocks in Cairo go from 00:00 to 01:00.
        if (
            closes
            and session
            and closes.astimezone(ZoneInfo(self.weekly.timezone)).date() < date.fromisoformat(session)
        ):
            self.test.problem(("closes",), "closes", f"is before the session ({session}); correct one of them")
        return closing_time(self.test.data, self.weekly, previous=None, now=None)

    def _session_is_a_date(self) -> bool:
        if "session_date" not in self.test.data:
            return True
        if _has_problem(self.test, ("session_date",)):
            return False
        session = self.test.data["session_date"]
        try:
            date.fromisoformat(session)
        except ValueError:
            self.test.problem(("session_date",), "session_date", f"{session} is not a date in the calendar; correct it")
            return False
        return True

    def _check_student(self, student: str) -> None:
        subjects = self.enrolled.get(student)
        if subjects is None:
            message = f"no student has the ID {student}; correct the ID or remove the line"
        elif self.subject not in subjects:
            message = f"{student} is not enrolled in {self.subject}; enrol them in students.yml or remove the line"
        else:
            return
        self.test.problem(("extensions", student), field_name(("extensions", student)), message)

    def _time(self, place: FieldPath, text: object) -> datetime | None:
        if not isinstance(text, str) or _has_problem(self.test, place):
            return None
        try:
            return parse_class_time(text, self.weekly.timezone)
        except ValueError as error:
            self.test.problem(place, field_name(place), str(error))
            return None


def _most_answers(entry: Mapping[str, Any]) -> int:
    """How many answers a student gives to a question, with one for each gap, or at most to those drawn from a pool."""
    if is_pool(entry):
        pick = entry.get("pick", PICK)
        members = _listed(entry, "questions") or [entry.get("question")]
        most = max((_most_answers(member) for member in members if isinstance(member, dict)), default=0)
        return pick * most if isinstance(pick, int) else most
    gaps = entry.get("gaps")
    return len(gaps) if isinstance(gaps, dict) else 1


def _has_problem(document: Document, place: FieldPath) -> bool:
    return field_name(place) in document.faulty


def _check_extension(test: Document, student: str, moment: datetime, closes_at: datetime) -> None:
    if moment < closes_at:
        place = ("extensions", student)
        message = f"is before the test closes ({closes_at:%Y-%m-%d %H:%M} UTC); an extension must end later"
        test.problem(place, field_name(place), message)
