"""What a publication carries over from the one before: since when students are enrolled, and when a test's times were
last revised. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..shared.deadlines import accepted_until, format_time, own_deadline, was_open_to
from ..shared.documents import Index, IndexEntry, RosterEntry
from ..shared.ids import parse_test_name, test_name

TestKey = tuple[str, str]

# The fields of a test that decide until when a student has time, and what a submission is worth by its time.
_TIMES = ("closesAt", "graceMinutes", "late", "attempts", "lastDeadline")


def index_entries(indexes: Mapping[str, Index]) -> dict[TestKey, IndexEntry]:
    """The entries of all subjects' indexes."""
    return {(subject, entry["testId"]): entry for subject, index in indexes.items() for entry in index["tests"]}


@dataclass(frozen=True)
class History:
    """What is published, and the time of the publication that replaces it.

    `tests`: the entries of the subjects' indexes. `roster`: its entries by student ID. `returned`: by student and
    subject, when those who are not in the roster, but have been, first submitted each test.
    """

    now: datetime
    tests: Mapping[TestKey, IndexEntry] = field(default_factory=dict)
    roster: Mapping[str, RosterEntry] = field(default_factory=dict)
    returned: Mapping[tuple[str, str], Mapping[str, datetime]] = field(default_factory=dict)

    def since(self, student: str, subjects: Iterable[str]) -> dict[str, str]:
        """Since when a student is enrolled, by subject.

        Those who were enrolled by a version that did not note it have been enrolled from the start, and those who come
        back since they first submitted something.
        """
        before = self.roster.get(student)
        known = before.get("since", {}) if before else {}
        old = {subject for subject in before["subjects"] if subject not in known} if before else set()
        submitted = {subject: self.returned.get((student, subject), {}).values() for subject in subjects}
        first_seen = {subject: format_time(min([self.now, *times])) for subject, times in submitted.items()}
        return {subject: known.get(subject, first) for subject, first in first_seen.items() if subject not in old}

    def keep_owing(self, roster: Mapping[str, RosterEntry], indexes: Mapping[str, Index]) -> None:
        """Let nobody's debt disappear with an extension: list in `owes` the tests that `since` does not show.

        A student who enrolled after a test had closed may have been given time for it. If that time is taken back, they
        still owe the test. The same goes for what those who come back have submitted, whose extensions may have been
        taken back while they were away.
        """
        entries = index_entries(indexes)
        changed = [key for key, old in self.tests.items() if key not in entries or not _same_times(old, entries[key])]
        for student_id, student in roster.items():
            owed = self._returned_owe(student_id, student, entries)
            before = self.roster.get(student_id)
            if before is not None:
                own_changed = before["deadlines"] != student["deadlines"]
                owed |= self._stayed_owe(before, student, self.tests if own_changed else changed)
            owes = sorted(test_name(*key) for key in owed if self._is_forgotten(student, key, entries))
            if owes:
                student["owes"] = owes

    def _stayed_owe(self, before: RosterEntry, student: RosterEntry, changed: Iterable[TestKey]) -> set[TestKey]:
        """What a student owed before, in the subjects that they keep: as `owes` says, and of the tests that change."""
        kept = set(before["subjects"]) & set(student["subjects"])
        owed = {key for key in map(parse_test_name, before.get("owes", [])) if key is not None}
        for key in changed:
            old = self.tests[key]
            end = accepted_until(old, own_deadline(old, key[0], before["deadlines"]))
            if key[0] in kept and was_open_to(before, *key, end):
                owed.add(key)
        return {key for key in owed if key[0] in kept}

    def _returned_owe(
        self, student_id: str, student: RosterEntry, entries: Mapping[TestKey, IndexEntry]
    ) -> set[TestKey]:
        """The tests that a student submitted before they left the subject to which they come back."""
        submitted = [(subject, self.returned.get((student_id, subject), {})) for subject in student["subjects"]]
        return {(subject, test) for subject, tests in submitted for test in tests if (subject, test) in entries}

    def _is_forgotten(self, student: RosterEntry, key: TestKey, entries: Mapping[TestKey, IndexEntry]) -> bool:
        """Whether `since` says that a test was never open to a student. So it may for a test that is not published."""
        test = entries.get(key, self.tests.get(key))
        return test is None or not was_open_to(
            student, *key, accepted_until(test, own_deadline(test, key[0], student["deadlines"]))
        )

    def other_own_times(self, roster: Mapping[str, RosterEntry]) -> set[str]:
        """The tests for which the own deadline of a student who stays is new, differs or is gone, by `test_name`."""
        stayed = [(self.roster[id]["deadlines"], roster[id]["deadlines"]) for id in self.roster.keys() & roster.keys()]
        return {name for old, new in stayed if old != new for name, _ in old.items() ^ new.items()}

    def revised_at(self, subject: str, entry: IndexEntry, other_own_times: Set[str]) -> str:
        """When a test's times were last revised: now, unless nothing about them differs."""
        before = self.tests.get((subject, entry["testId"]))
        same = (
            before is not None
            and "revisedAt" in before
            and _same_times(before, entry)
            and test_name(subject, entry["testId"]) not in other_own_times
        )
        return before["revisedAt"] if before is not None and same else format_time(self.now)

    def published_at(self, subject: str, test: str) -> str:
        """When a test was first published. Of one that an earlier version published, only a later time is known."""
        before: Mapping[str, Any] = self.tests.get((subject, test), {})
        known: str | None = before.get("publishedAt") or before.get("revisedAt")
        return known or format_time(self.now)

    def roster_until_all_is_written(
        self, roster: Mapping[str, RosterEntry], indexes: Mapping[str, Index]
    ) -> dict[str, RosterEntry]:
        """The roster with the later of each student's old and new deadlines.

        It is published before the students' records and replaced by the new one after the indexes. If publishing is
        cut off anywhere in between, no run takes a student's time to be over while it is not.
        """
        entries = index_entries(indexes)
        return {id: self._with_later_deadlines(entry, entries) for id, entry in roster.items()}

    def _with_later_deadlines(self, student: RosterEntry, entries: Mapping[TestKey, IndexEntry]) -> RosterEntry:
        before = self.roster.get(student["studentId"])
        own = before["deadlines"] if before else {}
        if own == student["deadlines"]:
            return student
        deadlines = dict(student["deadlines"])
        for (subject, test), old in self.tests.items():
            name = test_name(subject, test)
            has_own = name in own or name in student["deadlines"]
            if has_own and subject in student["subjects"]:
                new = entries.get((subject, test), old)  # a test that is removed has no new deadlines
                later = max(own_deadline(old, subject, own), own_deadline(new, subject, student["deadlines"]))
                deadlines[name] = format_time(later)
        return {**student, "deadlines": deadlines}


def _same_times(first: IndexEntry, second: IndexEntry) -> bool:
    return all(first[name] == second[name] for name in _TIMES)  # type: ignore[literal-required]
