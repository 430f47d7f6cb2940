"""Which tests a run has to score, and for whom. Pure functions.

The *moments* of a student and a test are the times at which their result can change for good: the
end of the time that counts in full and, where late work is taken, the end of that too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from common.shared.deadlines import accepted_until, format_time, on_time_until, own_deadline, parse_time

# The state machine's MailAll runs so many mailing functions at a time; each keeps to its share of SES's rate.
MOST_MAILERS = 10


class InvalidInput(Exception):
    """The execution's input is not what a run takes. The message says what to write."""


@dataclass(frozen=True)
class RunInput:
    """What a run was asked for.

    `as_of`: the run does what is due at this time. `now`: when the run really started: what must
    not happen early (right answers) is measured by the earlier of the two.
    """

    as_of: datetime
    now: datetime
    resend_uncertain: bool = False
    regrade: tuple[str, str] | None = None

    @property
    def certain_time(self) -> datetime:
        """The earlier of `as_of` and `now`: nothing before it can change any more."""
        return min(self.as_of, self.now)


def read_input(started_at: str, given: Mapping[str, Any]) -> RunInput:
    """The input of the state machine: `{}` or some of `asOf`, `resendUncertain`, `regrade`.

    EventBridge and Scheduler send `{}`. Raises InvalidInput naming every field that is wrong.
    """
    errors = [f"unknown field {name!r}" for name in sorted(set(given) - {"asOf", "resendUncertain", "regrade"})]
    now = parse_time(started_at)
    as_of = now
    try:
        as_of = parse_time(given.get("asOf") or started_at)
    except (ValueError, AttributeError):
        errors.append("asOf must be an ISO 8601 time with an offset, such as 2026-11-23T22:00:00Z")
    resend = given.get("resendUncertain") or False
    if not isinstance(resend, bool):
        errors.append("resendUncertain must be true or false")
    regrade = given.get("regrade")
    parts = regrade.split("/") if isinstance(regrade, str) else []
    if regrade is not None and (len(parts) != 2 or not all(parts)):
        errors.append("regrade must be <subject>/<testId>, such as operating-systems/test01")
    if errors:
        raise InvalidInput("; ".join(errors))
    return RunInput(as_of, now, resend, (parts[0], parts[1]) if regrade else None)


def moments(test: Mapping[str, Any], deadline: datetime) -> list[datetime]:
    """When a student's result becomes final: the end of full credit and, with late work, of that too."""
    ends = [on_time_until(test, deadline)]
    return [*ends, accepted_until(test, deadline)] if test.get("late") else ends


def due_reasons(
    run: RunInput, ends: Iterable[datetime], state: Mapping[str, Any] | None, key_version: str | None
) -> list[str]:
    """Why a test has to be scored now; an empty list when it has not.

    `ends`: all moments of its enrolled students. `state`: its `state.json`, None before the first
    run. `key_version`: None when there is no answer key, which alone is no reason to score again.

    - `deadline`: a moment has come that no run has scored yet; a moment scored by a rehearsal,
      before it had really passed, does not count as scored.
    - `answer key`: it is another than the one last used.
    - `mails`: mails wait for the daily quota or were cut short.
    - `resend`: some mails are uncertain or were rejected, and the run was asked to send those again.
    - `regrade`: the run was asked to.
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
    run: RunInput, subject: str, test: Mapping[str, Any], students: Iterable[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Each enrolled student of a due test as score_batch takes it; `over` says whether to score them yet."""
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
    test: Mapping[str, Any],
    students: Iterable[Mapping[str, Any]],
    state: Mapping[str, Any] | None,
) -> list[dict[str, Any]]:
    """The students whose own deadline comes within `hours` and whose reminder no run has seen to yet."""
    if not hours:
        return []
    reminded = parse_time(state["remindedThrough"]) if state and state.get("remindedThrough") else None
    found = []
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
    """When scoring may begin: an upload let in just before a deadline may still be on its way to S3.

    Moments that have not really passed (a rehearsal) are not waited for.
    """
    passed = [end + timedelta(seconds=settle_seconds) for end in ends if end <= run.certain_time]
    return max(passed, default=run.now)


def in_batches(students: Sequence[dict[str, Any]], size: int) -> Iterator[Sequence[dict[str, Any]]]:
    """`students` in runs of at most `size`."""
    for start in range(0, len(students), size):
        yield students[start : start + size]
