"""Where a student stands with a test. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from common.api.receipt import Receipt
from common.api.student import Student
from common.shared.deadlines import accepted_until, format_time, on_time_until, own_deadline


def standing(
    index: Mapping[str, Any],
    entry: Mapping[str, Any],
    student: Student,
    now: datetime,
    *,
    submitted: bool,
    receipt: Receipt | None,
    score: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """A test, an entry of its subject's index, as its student sees it.

    `{"subjectName", "subjectTitle", "testId", "title", "questionCount", "closesAt", "attempts", "state",
    "receiptId", "submittedAt", "points", "maxPoints", "late", "mayResubmit", "lateUntil", "lateCredit"}`;
    what does not apply is null.

    `state`: `scored` once there is a score; else `submitted`; else `open` while answers are taken
    (grace and late time included), `closed` after. `attempts`: `1` when the first upload is final, `last` when
    another one replaces it. `late`: the scored attempt was. `lateUntil` and
    `lateCredit`: until when late work is taken and which share of its points it gets.
    """
    subject = index["subjectName"]
    deadline = own_deadline(entry, subject, student.deadlines)
    accepted = now <= accepted_until(entry, deadline)
    if score is not None:
        state = "scored"
    elif submitted:
        state = "submitted"
    else:
        state = "open" if accepted else "closed"
    late = entry["late"]
    return {
        "subjectName": subject,
        "subjectTitle": index["title"],
        "testId": entry["testId"],
        "title": entry["title"],
        "questionCount": entry["questionCount"],
        "closesAt": format_time(deadline),
        "attempts": entry["attempts"],
        "state": state,
        "receiptId": score["receiptId"] if score else receipt and receipt.id,
        "submittedAt": score["submittedAt"] if score else receipt and receipt.submitted_at,
        "points": score and score["points"],
        "maxPoints": score and score["maxPoints"],
        "late": score and score["late"],
        "mayResubmit": submitted and accepted and entry["attempts"] == "last",
        "lateUntil": late and format_time(on_time_until(entry, deadline) + timedelta(hours=late["untilHours"])),
        "lateCredit": late and late["credit"],
    }
