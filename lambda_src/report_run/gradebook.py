"""The gradebook as CSV: every enrolled student, one line each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from report_run.results import Row

# A spreadsheet treats a cell that begins with one of these as a formula (OWASP, "CSV Injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def gradebook(subject: str, test_id: str, numbers: Sequence[str], rows: Iterable[Row]) -> bytes:
    """UTF-8 with a byte order mark, without which Excel assumes another encoding; lines end in CR LF (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [
            *(
                "subject",
                "testId",
                "studentId",
                "name",
                "status",
                "points",
                "maxPoints",
                "percent",
                "late",
                "handedIn",
                "submittedAt",
            ),
            *(f"question {number}" for number in numbers),
        ]
    )
    for row in rows:
        percent = row.percent
        writer.writerow(
            [
                *(cell(value) for value in (subject, test_id, row.student_id, row.name, row.status)),
                "" if row.points is None else row.points,
                "" if row.max_points is None else row.max_points,
                "" if percent is None else f"{percent:.2f}",
                "yes" if row.late else "",
                "yes" if row.handed_in else "",
                row.submitted_at,
                *row.marks,
            ]
        )
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def cell(text: str) -> str:
    """`text` as a spreadsheet shows it and never computes it: an apostrophe before what would be a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
