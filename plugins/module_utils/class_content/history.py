"""What a publication carries over from the one before: since when students are enrolled, and when a test's times were
last revised. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime

from ..shared.deadlines import accepted_until, format_time, own_deadline, parse_time
from ..shared.documents import Index, IndexEntry, RosterEntry
from ..shared.ids import test_name

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
        """Let nobody's debt disappear with an extension.

        A student who enrolled after a test had closed may have been given time for it. If that time is taken back,
        their `since` is set to the end of what remains, so that what they submitted is still scored. The same goes for
        those who come back, whose extensions may have been taken back while they were away.
        """
        entries = index_entries(indexes)
        self._keep_owing_returned(roster, entries)
        stayed = [key for key in self.tests if key in entries]
        revised = [key for key in stayed if not _same_times(self.tests[key], entries[key])]
        for student_id, student in roster.items():
            before = self.roster.get(student_id)
            if before is None:
                continue
            for subject, test_id in stayed if before["deadlines"] != student["deadlines"] else revised:
                old, new = self.tests[subject, test_id], entries[subject, test_id]
                since = student["since"].get(subject)
                if since is None or subject not in before["subjects"]:
                    continue
                end = accepted_until(new, own_deadline(new, subject, student["deadlines"]))
                had_until = accepted_until(old, own_deadline(old, subject, before["deadlines"]))
                if end < parse_time(since) <= had_until:
                    student["since"][subject] = format_time(end)

    def _keep_owing_returned(self, roster: Mapping[str, RosterEntry], entries: Mapping[TestKey, IndexEntry]) -> None:
        for (student_id, subject), submitted in self.returned.items():
            student = roster[student_id]
            for test in [entries[subject, test_id] for test_id in submitted if (subject, test_id) in entries]:
                end = accepted_until(test, own_deadline(test, subject, student["deadlines"]))
                if end < parse_time(student["since"][subject]):
                    student["since"][subject] = format_time(end)

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
