"""Which tests a run has to score, and for whom. Pure functions.

The *moments* of a student and a test are the times at which the student's result becomes final: the end of
the time in which a submission counts in full and, if late work is accepted, the end of that too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from common.shared.deadlines import accepted_until, format_time, on_time_until, own_deadline, parse_time
from common.shared.ids import parse_test_name

if TYPE_CHECKING:
    from common.shared.documents import IndexEntry, RosterEntry, ScoringStudent, StudentToRemind, TestState

# The state machine's MailAll runs this many mailing functions at a time; each keeps to its share of SES's rate.
MOST_MAILERS = 10
# The fields of documents.RunRequest, which is not loaded while a function runs; a test compares them.
REQUEST_FIELDS = frozenset({"asOf", "resendUncertain", "regrade"})

T = TypeVar("T")


class InvalidInput(Exception):
    """The execution's input is not valid. The message says what to write."""


@dataclass(frozen=True)
class RunInput:
    """A RunRequest that has been checked.

    `as_of`: the run does what is due at this time. `now`: when the run really started. What must not
    happen early (showing right answers) depends on the earlier of the two.
    """

    as_of: datetime
    now: datetime
    resend_uncertain: bool = False
    regrade: tuple[str, str] | None = None

    @property
    def certain_time(self) -> datetime:
        """The earlier of `as_of` and `now`: nothing before it can still change."""
        return min(self.as_of, self.now)


def read_input(started_at: str, given: Mapping[str, object]) -> RunInput:
    """The input of the state machine, which is to be a RunRequest.

    EventBridge and Scheduler send `{}`. Raises InvalidInput naming every field that is wrong.
    """
    errors = [f"unknown field {name!r}" for name in sorted(set(given) - REQUEST_FIELDS)]
    now = parse_time(started_at)
    as_of = now
    try:
        as_of = parse_time(str(given.get("asOf") or started_at))
    except ValueError:
        errors.append("asOf must be an ISO 8601 time with an offset, such as 2026-11-23T22:00:00Z")
    resend = given.get("resendUncertain") or False
    if not isinstance(resend, bool):
        errors.append("resendUncertain must be true or false")
    regrade = parse_test_name(given.get("regrade"))
    if given.get("regrade") is not None and regrade is None:
        errors.append("regrade must be <subject>/<testId>, such as operating-systems/test01")
    if errors:
        raise InvalidInput("; ".join(errors))
    return RunInput(as_of, now, resend is True, regrade)


def moments(test: IndexEntry, deadline: datetime) -> list[datetime]:
    """When a student's result becomes final: the end of full credit and, if late work is accepted, of that too."""
    ends = [on_time_until(test, deadline)]
    return [*ends, accepted_until(test, deadline)] if test["late"] else ends


def due_reasons(run: RunInput, ends: Iterable[datetime], state: TestState | None, key_version: str | None) -> list[str]:
    """Why a test has to be scored now; an empty list if it does not.

    `ends`: all moments of its enrolled students. `state`: what the test was last scored for, None before the
    first run. `key_version`: None if there is no answer key, which by itself is not a reason to score again.

    - `deadline`: a moment has come that no run has scored yet. A moment that a rehearsal scored before it had
      really passed does not count as scored.
    - `answer key`: it has changed since the test was last scored.
    - `mails`: some mails are waiting for the daily quota, or mailing was interrupted.
    - `resend`: some mails are uncertain or were rejected, and the run was asked to send those again.

    plan_run adds `regrade` if the run was asked to score the test again.
    """
    scored = [end for end in ends if end <= run.as_of]
    if not scored:
        return []
    if state is None or "scoredThrough" not in state:
        return ["deadline"]
    settled = min(parse_time(state["scoredThrough"]), parse_time(state["scoredAt"]))
    reasons = ["deadline"] if any(end > settled for end in scored) else []
    if key_version is not None and key_version != state.get("keyVersion"):
        reasons.append("answer key")
    if state.get("pendingMails"):
        reasons.append("mails")
    if run.resend_uncertain and (state.get("uncertainMails") or state.get("rejectedMails")):
        reasons.append("resend")
    return reasons


def scoring_students(
    run: RunInput, subject: str, test: IndexEntry, students: Iterable[RosterEntry]
) -> Iterator[ScoringStudent]:
    """Each enrolled student of a due test, as score_batch needs them."""
    for student in students:
        deadline = own_deadline(test, subject, student["deadlines"])
        on_time = on_time_until(test, deadline)
        yield {
            "studentId": student["studentId"],
            "name": student["name"],
            "email": student["email"],
            "onTimeUntil": format_time(on_time),
            "acceptedUntil": format_time(accepted_until(test, deadline)),
            "over": on_time <= run.as_of,
        }


def students_to_remind(
    run: RunInput,
    hours: int,
    subject: str,
    test: IndexEntry,
    students: Iterable[RosterEntry],
    state: TestState | None,
) -> list[StudentToRemind]:
    """The students whose own deadline comes within `hours` and whom no run has reminded yet."""
    if not hours:
        return []
    reminded = parse_time(state["remindedThrough"]) if state and "remindedThrough" in state else None
    found: list[StudentToRemind] = []
    for student in students:
        deadline = own_deadline(test, subject, student["deadlines"])
        moment = deadline - timedelta(hours=hours)
        if moment <= run.as_of < deadline and (reminded is None or moment > reminded):
            found.append(
                {
                    "studentId": student["studentId"],
                    "name": student["name"],
                    "email": student["email"],
                    "deadline": format_time(deadline),
                }
            )
    return found


def settle_until(run: RunInput, ends: Iterable[datetime], settle_seconds: int) -> datetime:
    """When scoring may begin: an upload accepted just before a deadline may still be on its way to S3.

    The run does not wait for moments that have not really passed (a rehearsal).
    """
    passed = [end + timedelta(seconds=settle_seconds) for end in ends if end <= run.certain_time]
    return max(passed, default=run.now)


def in_batches(students: Sequence[T], size: int) -> list[list[T]]:
    """`students` in lists of at most `size`."""
    return [list(students[start : start + size]) for start in range(0, len(students), size)]
