"""Until when each student has time for a test, and when its right answers may be shown. Pure functions.

Used by plan_run, which finds out what is due, and by mail_batch, which checks that it is still true.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from common.shared.deadlines import accepted_until, on_time_until, owes, own_deadline, parse_time

if TYPE_CHECKING:
    from common.shared.documents import IndexEntry, RosterEntry


class OwnTimes(NamedTuple):
    """A student's own times for a test: the deadline, and the ends of full credit and of late work."""

    student: RosterEntry
    deadline: datetime
    on_time_until: datetime
    accepted_until: datetime


def read_roster(lines: bytes) -> list[RosterEntry]:
    """The students in the roster. Raises ValueError, which names the line, if it is broken."""
    students: list[RosterEntry] = []
    for number, line in enumerate(lines.splitlines(), 1):
        try:
            student: RosterEntry = json.loads(line)
            tables = [student["deadlines"], student.get("owes", {}), student.get("extended", {})]
            if not (isinstance(student["subjects"], list) and all(isinstance(each, dict) for each in tables)):
                raise TypeError
            for time in [*student["deadlines"].values(), *(student.get("since") or {}).values()]:
                parse_time(time)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"line {number}") from error
        students.append(student)
    return students


def own_times(subject: str, test: IndexEntry, students: Iterable[RosterEntry]) -> list[OwnTimes]:
    """The times of all students of a subject to whom the test has ever been open.

    A student who enrolled after their own time for the test had ended owes nothing for it, unless they were given time
    for it later.
    """

    @cache
    def ends(deadline: datetime) -> tuple[datetime, datetime]:
        return on_time_until(test, deadline), accepted_until(test, deadline)

    closes_at = parse_time(test["closesAt"])
    found = []
    for student in students:
        deadline = own_deadline(test, subject, student["deadlines"]) if student["deadlines"] else closes_at
        times = OwnTimes(student, deadline, *ends(deadline))
        if owes(student, subject, test["testId"], times.accepted_until):
            found.append(times)
    return found


def answers_may_be_shown(test: IndexEntry, times: Iterable[OwnTimes], moment: datetime) -> bool:
    """Whether at this moment nobody has any time left.

    `lastDeadline` is checked besides the students' own times because publishing writes the roster before the students'
    records and the index after them: an extension that is withdrawn stays in `lastDeadline` until no record has it.
    """
    last = parse_time(test["lastDeadline"])
    return moment >= max([last, *(own.accepted_until for own in times)])
