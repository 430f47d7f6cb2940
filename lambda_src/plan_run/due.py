"""Which tests a run has to score, and whom it has to remind. Pure functions.

What the students of a test should have been told follows from its answer key, its rules and their own times. The
*fingerprint* of all that is kept in the test's state once a run has told them. A test is due if today's fingerprint
differs, whatever made it differ: a time that has ended, an extension that was given or withdrawn, a correction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from common.index import LONGEST_KEPT
from common.run.own_times import OwnTimes
from common.shared.canonical_json import canonical_json
from common.shared.deadlines import format_time, parse_time
from common.shared.ids import test_name
from common.shared.notices import is_mailed, needs_reminder, open_from, reminded_from
from plan_run.run_input import RunInput

if TYPE_CHECKING:
    from common.shared.documents import IndexEntry, Reason, ReminderKind, ScoringStudent, StudentToRemind, TestState

# The state machine's MailAll runs this many mailing functions at a time; each keeps to its share of SES's rate.
MOST_MAILERS = 10

T = TypeVar("T")


def fingerprint(
    test: IndexEntry, questions: str | None, times: Iterable[OwnTimes], moment: datetime, *, answers_shown: bool
) -> str:
    """Identifies what a test's students should have been told at a moment, apart from the answer key.

    `questions`: the ETag of the questions, whose types and options decide what answers are worth.

    Empty before the first student's time has ended: then there is nothing to tell. It contains no student's ID.
    """
    over = [
        [
            own.student["studentId"],
            format_time(own.on_time_until),
            format_time(own.accepted_until),
            own.accepted_until <= moment,
        ]
        for own in times
        if own.on_time_until <= moment
    ]
    if not over:
        return ""
    rules: list[object] = [questions, test.get("revisedAt"), test["attempts"], test["late"], answers_shown]
    if "unsubmittedDrafts" in test:
        rules.append(test["unsubmittedDrafts"])
    return hashlib.sha256(canonical_json([rules, sorted(over)])).hexdigest()[:32]


def due_reasons(run: RunInput, wanted: str, state: TestState | None, key_version: str | None) -> list[Reason]:
    """Why a test has to be scored now; an empty list if it does not.

    `wanted`: the fingerprint at `run.as_of`. `state`: what the students were told last, None before the first run.
    `key_version`: None if there is no answer key, which by itself is not a reason to score again.

    - `deadline`: a time has ended, or a publication has changed something, that no run has told the students about.
      A trial of a time that has not come yet tells nobody for certain, so it does not count.
    - `answer key`: it has changed since the students were told.
    - `mails`: some mails are waiting for the daily quota, or mailing was interrupted.
    - `resend`: some mails are uncertain or were rejected, and the run was asked to send those again.

    plan_run adds `regrade` if the run was asked to score the test again.
    """
    if not wanted:
        return []
    if state is None or "told" not in state:
        return ["deadline"]
    reasons: list[Reason] = []
    if run.certain_time >= parse_time(state["toldAt"]) and wanted != state["told"]:
        reasons.append("deadline")
    if key_version is not None and key_version != state.get("keyVersion"):
        reasons.append("answer key")
    if state.get("pendingMails"):
        reasons.append("mails")
    if run.resend_uncertain and (state.get("uncertainMails") or state.get("rejectedMails")):
        reasons.append("resend")
    return reasons


def scoring_students(run: RunInput, times: Iterable[OwnTimes]) -> list[ScoringStudent]:
    """Each student of a due test, as score_batch needs them."""
    return [
        {
            "studentId": own.student["studentId"],
            "name": own.student["name"],
            "email": own.student["email"],
            "onTimeUntil": format_time(own.on_time_until),
            "acceptedUntil": format_time(own.accepted_until),
            "over": own.on_time_until <= run.as_of,
        }
        for own in times
    ]


def students_to_remind(
    run: RunInput, hours: int, subject: str, test: IndexEntry, times: Iterable[OwnTimes]
) -> dict[ReminderKind, list[StudentToRemind]]:
    """The students to email about their time, by kind of email. The ledger knows who has got it.

    - `extension`: students who were given more time, and still have some.
    - `opening`: other students who have time for a test that is to be announced, never before it has really opened.
    - `reminder`: students whose own deadline comes within `hours`, if they are not told of it otherwise.
    """
    found: dict[ReminderKind, list[StudentToRemind]] = {"opening": [], "extension": [], "reminder": []}
    name = test_name(subject, test["testId"])
    announced_at = open_from(test) if test.get("announce") else None
    for own in times:
        if run.as_of >= own.deadline:
            continue
        extension = own.student.get("extended", {}).get(name)
        if extension is not None and is_mailed(test, extension):
            found["extension"].append({**_to_remind(own), "extension": extension})
        elif announced_at is not None and announced_at <= run.certain_time:
            found["opening"].append({**_to_remind(own), "opensAt": format_time(announced_at)})
        comes_soon = hours and reminded_from(test, own.deadline, hours) <= run.as_of
        if comes_soon and needs_reminder(test, extension, own.deadline, hours):
            found["reminder"].append(_to_remind(own))
    return {kind: students for kind, students in found.items() if students}


def _to_remind(own: OwnTimes) -> StudentToRemind:
    return {
        "studentId": own.student["studentId"],
        "name": own.student["name"],
        "email": own.student["email"],
        "deadline": format_time(own.deadline),
    }


def reminder_fingerprint(students: Iterable[StudentToRemind]) -> str:
    """Identifies who is to be told of which time. It contains no student's ID."""
    wanted = sorted(
        [student["studentId"], student["deadline"], student.get("opensAt"), student.get("extension")]
        for student in students
    )
    return hashlib.sha256(canonical_json(wanted)).hexdigest()[:32]


def settle_until(
    run: RunInput, times: Iterable[OwnTimes], published_at: datetime, authorizer_ttl_seconds: int, settle_seconds: int
) -> datetime:
    """When scoring a test may begin: an upload accepted just before a deadline may still be on its way to S3.

    A publication can end a student's time early, but uploads are accepted by the earlier deadlines for as long as API
    Gateway caches the student's own, or the upload function keeps the test's in memory, whichever is longer: both
    began before the publication ended. `published_at`: when the subject's index was written. A publication that
    changes anybody's time for a test writes the index, and writes it after the students' records.

    The run does not wait for times that have not really ended (a trial).
    """
    passed = [end for own in times for end in (own.on_time_until, own.accepted_until) if end <= run.certain_time]
    if not passed:
        return run.now
    cached_until = published_at + max(timedelta(seconds=authorizer_ttl_seconds), LONGEST_KEPT)
    return max(*passed, cached_until) + timedelta(seconds=settle_seconds)


def in_batches(students: Sequence[T], size: int) -> list[list[T]]:
    """`students` in lists of at most `size`."""
    return [list(students[start : start + size]) for start in range(0, len(students), size)]
