"""The class's results as an XLSX workbook: a sheet with all students and tests, and one with a row for each of both."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from cli.results.standings import ClassResults
from cli.results.tables import HEAD, Value, long_rows, name_of, student_rows, value_of
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from common.shared.documents import RosterEntry


def as_workbook(results: ClassResults, roster: Iterable[RosterEntry]) -> bytes:
    """The workbook. Points are numbers; everything else is text, which a spreadsheet does not compute."""
    head = ["student", "name", "email", *map(name_of, results["tests"]), "total", "of"]
    matrix = [
        [
            *(row.student["studentId"], row.student["name"], row.student["email"]),
            *map(value_of, row.standings),
            *(round(row.points, 2), round(row.max_points, 2)),
        ]
        for row in student_rows(results, roster)
    ]
    book = Workbook(write_only=True)
    _add_sheet(book, "All tests", head, matrix)
    _add_sheet(book, "Each test", HEAD, long_rows(results))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _add_sheet(book: Any, title: str, head: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, name, bold=True) for name in head])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: Value, *, bold: bool = False) -> Any:
    """A text that begins with `=` would otherwise become a formula."""
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell
