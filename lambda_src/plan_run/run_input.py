"""What a run is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from common.shared import probe
from common.shared.deadlines import parse_time
from common.shared.ids import parse_test_name

# The fields of documents.RunRequest, which is not loaded while a function runs; a test compares them.
REQUEST_FIELDS = frozenset({"asOf", "trial", "resendUncertain", "regrade", "only"})


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
    only: tuple[str, str] | None = None

    @property
    def certain_time(self) -> datetime:
        """The earlier of `as_of` and `now`: nothing before it can still change."""
        return min(self.as_of, self.now)


def read_input(started_at: str, given: Mapping[str, object]) -> RunInput:
    """The input of the state machine, which is to be a RunRequest.

    A time that has not come yet counts only in a trial, or for the probe, which is not a student's: otherwise students
    would learn their scores while they can still submit. EventBridge and Scheduler send `{}`. Raises InvalidInput
    naming every field that is wrong.
    """
    errors = [f"unknown field {name!r}" for name in sorted(set(given) - REQUEST_FIELDS)]
    now = parse_time(started_at)
    as_of = now
    try:
        as_of = parse_time(str(given.get("asOf") or started_at))
    except ValueError:
        errors.append("asOf must be an ISO 8601 time with an offset, such as 2026-11-23T22:00:00Z")
    yes_or_no = {name: given.get(name) or False for name in ("resendUncertain", "trial")}
    errors += [f"{name} must be true or false" for name, value in yes_or_no.items() if not isinstance(value, bool)]
    tests = {name: parse_test_name(given.get(name)) for name in ("regrade", "only")}
    errors += [
        f"{name} must be <subject>/<testId>, such as operating-systems/test01"
        for name, test in tests.items()
        if given.get(name) is not None and test is None
    ]
    if all(tests.values()):
        errors.append("regrade and only cannot be combined")
    if errors:
        raise InvalidInput("; ".join(errors))
    if not yes_or_no["trial"] and tests["only"] != (probe.SUBJECT, probe.TEST):
        as_of = min(as_of, now)
    return RunInput(as_of, now, yes_or_no["resendUncertain"] is True, **tests)
