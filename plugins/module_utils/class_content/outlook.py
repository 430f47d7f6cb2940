"""When the tests of a publication open and close, and what about their times may be a mistake. Pure functions.

All times are shown in the class's time zone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ..shared.deadlines import accepted_until, own_deadline, parse_time
from ..shared.documents import IndexEntry, RosterEntry
from ..shared.ids import test_name
from .changes import LIST_AT_MOST
from .history import TestKey

_STUDENTS_NAMED_AT_MOST = 20


@dataclass(frozen=True)
class Outlook:
    """A publication at the time `now`. `before`: what is published; `after`: what will be.

    `extensions`: as they are written, by test and student ID. `given_away`: the IDs that somebody else had before.
    """

    before: Mapping[TestKey, IndexEntry]
    after: Mapping[TestKey, IndexEntry]
    roster_before: Mapping[str, RosterEntry]
    roster: Mapping[str, RosterEntry]
    extensions: Mapping[TestKey, Mapping[str, datetime]]
    timezone: str
    now: datetime
    given_away: Collection[str] = ()

    def times(self) -> list[str]:
        """A line for each test that changes or that somebody still has time for, by deadline; a count of the others."""
        shown = [key for key in self.after if self._is_revised(key) or not self._is_over(self.after[key])]
        shown.sort(key=lambda key: (self.after[key]["closesAt"], key))
        lines = [
            f"Times in {self.timezone}:",
            *(f"  {_name(key)}: {self._times_of(key)}" for key in shown[:LIST_AT_MOST]),
        ]
        others = len(self.after) - min(len(shown), LIST_AT_MOST)
        if others:
            lines.append(f"  {others:,} {'other tests are' if others > 1 else 'other test is'} not shown")
        return lines

    def warnings(self) -> list[str]:
        """What may be a mistake, a line each."""
        found = [f"{_name(key)}: {text}" for key in sorted(self.after) for text in self._warnings_of(key)]
        enrolled = {subject for student in self.roster.values() for subject in student["subjects"]}
        subjects = sorted({subject for subject, _ in self.after} - enrolled)
        found += [
            f"{subject}: no student is enrolled in this subject, so nobody gets its tests" for subject in subjects
        ]
        if self.given_away:
            found.append(
                f"{_listed(sorted(self.given_away))}: given to somebody else, with another API key. What was submitted,"
                " scored and emailed under an ID still counts, and its new owner sees it; use IDs that nobody has had"
            )
        return found

    def _times_of(self, key: TestKey) -> str:
        opens_at = self.after[key].get("opensAt")
        opens = f"opens {self._local(parse_time(opens_at))}, " if opens_at else ""
        return f"{opens}closes {self._local(parse_time(self.after[key]['closesAt']))}"

    def _warnings_of(self, key: TestKey) -> Iterable[str]:
        test, old = self.after[key], self.before.get(key)
        closes_at = parse_time(test["closesAt"])
        if self._is_revised(key) and closes_at <= self.now:
            rest = (
                "nobody can submit it"
                if self._is_over(test)
                else "only students with time of their own, or late ones, can submit it"
            )
            yield f"its deadline, {self._local(closes_at)}, has passed: {rest}"
        for student, extension in sorted(self.extensions.get(key, {}).items()):
            if text := self._warning_of(key, student, extension):
                yield text
        if old is not None and self._is_over(old):
            late = self._students(lambda student: self._end(key, student) > self.now, key)
            if late:
                end = self._local(parse_time(old["lastDeadline"]))
                yield f"its right answers may have been emailed since {end}, and {_listed(late)} would have time again"

    def _warning_of(self, key: TestKey, student: str, extension: datetime) -> str | None:
        """What is wrong with an extension: another deadline of the student's is later, or it is new and has passed."""
        deadline = own_deadline(self.after[key], key[0], self.roster[student]["deadlines"])
        if extension < deadline and deadline > self.now:
            later = f"their deadline with extra hours, {self._local(deadline)}"
            return f"the extension of {student}, {self._local(extension)}, is earlier than {later}, which counts"
        before = self.roster_before.get(student)
        known = before["deadlines"].get(test_name(*key)) if before else None
        if deadline <= self.now and (known is None or parse_time(known) != deadline):
            return f"the extension of {student}, {self._local(extension)}, has passed"
        return None

    def _is_revised(self, key: TestKey) -> bool:
        """Whether the test is new or its own times change."""
        times = [(test["closesAt"], test.get("opensAt")) for test in (self.before.get(key), self.after[key]) if test]
        return len(set(times)) > 1 or key not in self.before

    def _is_over(self, test: IndexEntry) -> bool:
        return parse_time(test["lastDeadline"]) <= self.now

    def _end(self, key: TestKey, student: RosterEntry) -> datetime:
        test = self.after[key]
        return accepted_until(test, own_deadline(test, key[0], student["deadlines"]))

    def _students(self, having: Callable[[RosterEntry], bool], key: TestKey) -> list[str]:
        return sorted(id for id, student in self.roster.items() if key[0] in student["subjects"] and having(student))

    def _local(self, moment: datetime) -> str:
        return f"{moment.astimezone(ZoneInfo(self.timezone)):%a %Y-%m-%d %H:%M}"


def _name(key: TestKey) -> str:
    return f"{key[1]} in {key[0]}"


def _listed(students: list[str]) -> str:
    more = len(students) - _STUDENTS_NAMED_AT_MOST
    return ", ".join(students[:_STUDENTS_NAMED_AT_MOST] + ([f"{more:,} more"] if more > 0 else []))
