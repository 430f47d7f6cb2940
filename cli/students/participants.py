"""Reads the list of participants that a learning management system exports as CSV.

The columns are found by their headers, so their order and further columns do not matter.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.training.test_time.plugins.module_utils.documents.mail_address import (
    address_problem,
    ascii_address,
)
from ansible_collections.training.test_time.plugins.module_utils.documents.yaml_lines import Problem, unreadable
from ansible_collections.training.test_time.plugins.module_utils.shared.harmful_characters import harmless
from ansible_collections.training.test_time.plugins.module_utils.shared.ids import ID_RULE, is_id

MAX_BYTES = 10_000_000
MAX_NAME = 200
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}

# The headers of each kind of column, in lower case: those of Moodle also in German and Polish.
_FIRST = ("first name", "vorname", "imię")
_LAST = ("last name", "surname", "nachname", "nazwisko")
_EMAIL = ("email", "e-mail", "email address", "e-mail address", "e-mail-adresse", "adres e-mail")
_NUMBER = ("id number", "id-nummer", "numer id")
_EXTERNAL = ("external_id", "external id")
_CANVAS_LOGIN = "sis login id"


@dataclass(frozen=True)
class Format:
    """A kind of list. `required`, `optional`: the headers of each field. A list with all the required ones is of it.

    The fields are `name` or `first` and `last`, `email`, `id` (the student's ID here), `number` (the institution's
    number, which becomes the ID if it has the form of one) and `external`.
    """

    name: str
    required: Mapping[str, tuple[str, ...]]
    optional: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_FORMATS = (
    Format(
        "Canvas",
        {"name": ("student",), "external": ("id",), "email": (*_EMAIL, _CANVAS_LOGIN)},
        {"number": ("sis user id",)},
    ),
    Format(
        "Canvas",
        {"last": ("lastname",), "first": ("firstname",), "external": ("id",), "email": (*_EMAIL, _CANVAS_LOGIN)},
        {"number": ("sis user id",)},
    ),
    Format("Moodle", {"first": _FIRST, "last": _LAST, "email": _EMAIL, "number": _NUMBER}),
    Format("Moodle or Google Classroom", {"first": _FIRST, "last": _LAST, "email": _EMAIL}),
    Format("name and email", {"name": ("name", "full name"), "email": _EMAIL}, {"id": ("id",), "external": _EXTERNAL}),
)


@dataclass(frozen=True)
class Participant:
    """A row. `id`: what must become the student's ID, `number`: what may; each is empty if the list has none."""

    row: int
    name: str
    email: str
    id: str = ""
    number: str = ""
    external_id: str = ""

    @property
    def address(self) -> str:
        """The address in the form by which students are matched."""
        return normalised(self.email)


@dataclass
class ParticipantList:
    """What was read. `taken_as` describes the file: its kind, encoding and delimiter."""

    file: str
    taken_as: str = ""
    people: list[Participant] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, row: int, column: str, message: str) -> None:
        """Add a problem. Rows are counted as spreadsheets do, the header is row 1; row 0 is the whole file."""
        self.problems.append(Problem(self.file, row, column, message))


def normalised(address: str) -> str:
    """A valid address in one spelling: upper and lower case, Unicode and Punycode are the same."""
    return ascii_address(address).casefold()


def read_participants(path: Path) -> ParticipantList:
    """The participants in a file, and everything that is wrong with it. Raises nothing for a wrong file."""
    found = ParticipantList(str(path))
    content = _content(path, found)
    if content is None:
        return found
    text, encoding = _decoded(content)
    if text is None or "\0" in text:
        found.problem(0, "", "is not text in UTF-8, UTF-16 or Windows-1250; export it as CSV in UTF-8")
        return found
    text = re.sub(r"\Asep=.\r?\n", "", text)  # Excel's hint to itself
    delimiter = _delimiter(text)
    rows = _rows(text, delimiter, found)
    if rows and not found.problems:
        _read_rows(rows, found, f"{encoding}, separated by {_DELIMITERS[delimiter]}")
    return found


def _content(path: Path, found: ParticipantList) -> bytes | None:
    try:
        if path.exists() and not path.is_file():
            found.problem(0, "", "is not a regular file; give the CSV file that was exported")
        elif path.stat().st_size > MAX_BYTES:
            found.problem(0, "", f"is larger than {MAX_BYTES // 1_000_000} MB; make it smaller")
        else:
            return path.read_bytes()
    except FileNotFoundError:
        found.problem(0, "", "does not exist; check the name")
    except OSError as error:
        found.problem(0, "", unreadable(error))
    return None


def _decoded(content: bytes) -> tuple[str | None, str]:
    """The text and the name of its encoding. Almost any bytes are Windows-1250, so that is tried last."""
    attempts = [("utf-8-sig", "UTF-8"), ("cp1250", "Windows-1250")]
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        attempts = [("utf-16", "UTF-16")]
    for codec, name in attempts:
        try:
            return content.decode(codec), name
        except UnicodeDecodeError:
            continue
    return None, ""


def _delimiter(text: str) -> str:
    """The one that is most frequent in the header, the first line with text."""
    header = next((line for line in text.splitlines() if line.strip("".join(_DELIMITERS) + " ")), "")
    return max(_DELIMITERS, key=header.count)


def _rows(text: str, delimiter: str, found: ParticipantList) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend([_clean(cell) for cell in row] for row in reader)
    except csv.Error as error:
        found.problem(len(rows) + 1, "", f"is not valid CSV: {error}")
    if not any(map(any, rows)):
        found.problem(0, "", "is empty; give a file with a header and a row for each student")
        return []
    return rows


def _clean(cell: str) -> str:
    """Text in one Unicode form, without the spaces around it and repeated ones in it."""
    return " ".join(unicodedata.normalize("NFC", cell).split())


def _read_rows(rows: list[list[str]], found: ParticipantList, encoding: str) -> None:
    top = next(number for number, row in enumerate(rows) if any(row))
    headers = [header.casefold() for header in rows[top]]
    kind = next((each for each in _FORMATS if _columns(each.required, headers).keys() == each.required.keys()), None)
    if kind is None:
        message = (
            "has no header that is known; rename the columns to name and email, or give what Moodle, Canvas or"
            f" Google Classroom export. Found: {', '.join(rows[top])}"
        )
        found.problem(top + 1, "", message)
        return
    columns = _columns({**kind.required, **kind.optional}, headers)
    for number, row in enumerate(rows[top + 1 :], top + 2):
        cells = {name: row[place] for name, place in columns.items() if place < len(row)}
        if not _is_nobody(kind, cells, row):
            if any(row[len(headers) :]):
                message = (
                    f"has {len(row)} cells, but the header has {len(headers)}; put a cell with a delimiter in quotes"
                )
                found.problem(number, "", message)
            else:
                found.people.append(_participant(kind, number, cells))
    if not found.people and not found.problems:
        found.problem(0, "", "has no students below its header; give a list with a row for each student")
    _check(found, rows[top][columns["email"]])
    found.taken_as = f"{kind.name}, {encoding}, {_counted(found.people)}"


def _counted(people: list[Participant]) -> str:
    return f"{len(people)} student{'' if len(people) == 1 else 's'}"


def _columns(wanted: Mapping[str, tuple[str, ...]], headers: list[str]) -> dict[str, int]:
    """The position of each field that the list has. Of several headers for a field, the first in `wanted` is taken."""
    found = {}
    for name, choices in wanted.items():
        place = next((headers.index(choice) for choice in choices if choice in headers), None)
        if place is not None:
            found[name] = place
    return found


def _is_nobody(kind: Format, cells: Mapping[str, str], row: list[str]) -> bool:
    """Whether a row is about nobody: an empty one, or what gradebooks have among the students."""
    if not any(row):
        return True
    if kind.name == "Canvas":
        # "Manual Posting" is in a row without a student.
        return _name(kind, cells) in ("", "Points Possible", "Test Student")
    # Google Classroom's rows "Date", "Points" and "Class average" have the word in the first column only.
    return cells.get("last", "").casefold() in ("date", "points", "class average") and not (
        cells.get("first") or cells.get("email")
    )


def _name(kind: Format, cells: Mapping[str, str]) -> str:
    if kind.name == "Canvas":
        # Canvas writes a name that begins with = as a formula that shows it.
        cells = {field: re.sub(r'\A="(.*)"\Z', r"\1", cell) for field, cell in cells.items()}
    if "name" not in cells:
        return " ".join(part for part in (cells.get("first"), cells.get("last")) if part)
    last, comma, first = cells["name"].partition(", ")
    return f"{first} {last}" if comma and kind.name == "Canvas" else cells["name"]


def _participant(kind: Format, row: int, cells: Mapping[str, str]) -> Participant:
    number = cells.get("number", "")
    external_id = cells.get("external", number)
    return Participant(row, _name(kind, cells), cells.get("email", ""), cells.get("id", ""), number, external_id)


def _check(found: ParticipantList, email_header: str) -> None:
    seen: dict[tuple[str, str], int] = {}
    for person in found.people:
        if not 0 < len(person.name) <= MAX_NAME:
            found.problem(person.row, "name", f"must be 1 to {MAX_NAME} characters on one line")
        elif hidden := next((each for each in person.name if harmless(each) != each), None):
            found.problem(person.row, "name", f"has a character that is not shown (U+{ord(hidden):04X}); remove it")
        problem = _address_problem(person.email, email_header)
        if problem:
            found.problem(person.row, "email", problem)
        if person.id and not is_id(person.id):
            found.problem(person.row, "id", f"must be {ID_RULE}")
        unique = {"id": person.id, "external ID": person.external_id, "email": "" if problem else person.address}
        for name, value in unique.items():
            first = seen.setdefault((name, value.casefold()), person.row) if value else person.row
            if first != person.row:
                found.problem(person.row, name, f"is the same as in row {first}; keep one of the rows")


def _address_problem(address: str, header: str) -> str | None:
    if not address:
        return "is missing; every student needs an address"
    if header.casefold() == _CANVAS_LOGIN and "@" not in address:
        return (
            f"'{address}' in the column {header} is not an address; add a column Email with the addresses to the file"
        )
    return address_problem(address)
