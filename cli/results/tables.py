"""The class's results as tables: for the terminal, and for the gradebooks that import a CSV file. Pure functions."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cli.results.standings import ClassResults, Standing, Standings
from cli.table import as_table

from common.run.mail_text import number
from common.shared.documents import Points, RosterEntry
from common.shared.ids import test_name
from report_run.gradebook import cell

Value = Points | str | None
HEAD = [
    *("subject", "testId", "title", "closesAt", "studentId", "name", "email"),
    *("status", "submittedAt", "points", "maxPoints", "percent", "handedIn"),
]


@dataclass(frozen=True)
class StudentRow:
    """A student with their line for each test; None for a test that they do not take."""

    student: RosterEntry
    standings: list[Standing | None]

    @property
    def points(self) -> float:
        """All points that the student has scored."""
        return sum(each["points"] for each in self.standings if each and "points" in each)

    @property
    def max_points(self) -> float:
        """The most points of the tests that have been scored."""
        return sum(each["maxPoints"] for each in self.standings if each and "maxPoints" in each)


def student_rows(results: ClassResults, roster: Iterable[RosterEntry]) -> list[StudentRow]:
    """The students who take any of the tests, in the order of the roster."""
    by_student = [{each["studentId"]: each for each in test["students"]} for test in results["tests"]]
    found = [StudentRow(student, [of.get(student["studentId"]) for of in by_student]) for student in roster]
    return [row for row in found if any(row.standings)]


def name_of(test: Standings) -> str:
    """`<subject>/<testId>`."""
    return test_name(test["subjectName"], test["testId"])


def value_of(standing: Standing | None) -> Value:
    """What a table of all tests shows of a test: the points or, as long as there are none, the status."""
    if standing is None:
        return None
    return standing.get("points", standing["status"])


def as_text(results: ClassResults, roster: Iterable[RosterEntry]) -> str:
    """A table for each test, then one of all students and tests."""
    parts = [_test_as_text(test) for test in results["tests"]]
    rows = student_rows(results, roster)
    if rows:
        parts.append(f"All tests\n{as_table(_matrix_as_text(results, rows))}")
    return "\n\n".join(parts) or "No test is published."


def _test_as_text(test: Standings) -> str:
    counts = [each["status"] for each in test["students"]]
    summary = ", ".join(f"{counts.count(status)} {status}" for status in dict.fromkeys(sorted(counts)))
    title = f"{name_of(test)}: {test['title']} (closes {test['closesAt']}; {summary or 'no students'})"
    rows = [
        [
            each["studentId"],
            each["name"],
            each["status"],
            each.get("submittedAt", "") + (" (handed in automatically)" if each.get("handedIn") else ""),
            f"{number(each['points'])} of {number(each['maxPoints'])}" if "points" in each else "",
        ]
        for each in test["students"]
    ]
    return f"{title}\n{as_table([['student', 'name', 'status', 'submitted', 'points'], *rows])}"


def _matrix_as_text(results: ClassResults, rows: Iterable[StudentRow]) -> list[list[str]]:
    head = ["student", "name", "email", *map(name_of, results["tests"]), "total", "of"]
    return [
        head,
        *(
            [
                row.student["studentId"],
                row.student["name"],
                row.student["email"],
                *(_shown(value_of(each)) for each in row.standings),
                number(row.points),
                number(row.max_points),
            ]
            for row in rows
        ),
    ]


def _shown(value: Value) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else number(value)


def long_rows(results: ClassResults) -> list[list[Value]]:
    """A row for each test and student, each with every column of HEAD."""
    return [
        [
            *(test["subjectName"], test["testId"], test["title"], test["closesAt"]),
            *(each["studentId"], each["name"], each["email"], each["status"], each.get("submittedAt")),
            *(each.get("points"), each.get("maxPoints"), _percent(each), "yes" if each.get("handedIn") else None),
        ]
        for test in results["tests"]
        for each in test["students"]
    ]


def as_csv(results: ClassResults) -> bytes:
    """UTF-8 with a byte order mark, without which Excel assumes another encoding."""
    return b"\xef\xbb\xbf" + _csv([HEAD, *long_rows(results)])


def as_moodle(results: ClassResults, roster: Iterable[RosterEntry]) -> bytes:
    """What Moodle's gradebook imports (Grades, Import, CSV file): what has been scored.

    An empty cell removes the grade that Moodle has, so tests and students without any score are left out.
    """
    tests, rows = _scored(results, roster)
    head: list[Value] = ["Email address", "ID number", *map(name_of, tests)]
    body = [
        [row.student["email"], _external_id(row.student) or row.student["studentId"], *_points(row)] for row in rows
    ]
    return _csv([head, *body])


def as_canvas(results: ClassResults, roster: Iterable[RosterEntry]) -> bytes:
    """What Canvas's gradebook imports: what has been scored, as for Moodle. The second row has the most points."""
    tests, rows = _scored(results, roster)
    head: list[Value] = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *map(name_of, tests)]
    most: list[Value] = ["Points Possible", "", "", "", "", *map(_most_points, tests)]
    body = [
        [
            row.student["name"],
            _external_id(row.student),
            *(row.student["studentId"], row.student["email"], ""),
            *_points(row),
        ]
        for row in rows
    ]
    return _csv([head, most, *body])


def _scored(results: ClassResults, roster: Iterable[RosterEntry]) -> tuple[list[Standings], list[StudentRow]]:
    """The tests that have been scored, and the students with a score for any of them."""
    tests = [test for test in results["tests"] if _most_points(test) is not None]
    rows = student_rows({"tests": tests}, roster)
    return tests, [row for row in rows if any(each and "points" in each for each in row.standings)]


def _points(row: StudentRow) -> list[Value]:
    return [each.get("points") if each else None for each in row.standings]


def _most_points(test: Standings) -> Points | None:
    return max((each["maxPoints"] for each in test["students"] if "maxPoints" in each), default=None)


def _percent(standing: Standing) -> float | None:
    most = standing.get("maxPoints")
    return round(100 * standing["points"] / most, 2) if most else None


def _external_id(student: RosterEntry) -> str:
    """The student's ID in the learning platform that they were imported from; empty if it is not known."""
    return str(student.get("externalId") or "")


def _csv(rows: Iterable[Sequence[Value]]) -> bytes:
    """As RFC 4180 has it. No text is computed by a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow(["" if value is None else cell(value) if isinstance(value, str) else value for value in row])
    return text.getvalue().encode()
