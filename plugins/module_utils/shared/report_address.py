"""Where the trainer's page shows a report.

Used by the functions (report_run, for the trainer's email) and by the trainer's side (`run-scoring.sh --status`).
"""

from __future__ import annotations

from .object_keys import REPORTS


def report_address(endpoint: str, page_key: str) -> str:
    """The address at which the trainer's page (`class_start.js`) asks for the trainer's key, then shows the report.

    `page_key`: the report's `report_page_key`. It consists of IDs, so nothing has to be quoted.
    """
    report, _, _page = page_key.removeprefix(REPORTS).rpartition("/")
    return f"{endpoint}/?trainer#report={report}"
