"""What a publication carries over from the one before: since when students are enrolled, which extensions they were
given, and when a test's times were last revised. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from ..shared.deadlines import accepted_until, enrolled_by, format_time, own_deadline, parse_time
from ..shared.documents import Extension, Index, IndexEntry, Questions, RosterEntry
from ..shared.ids import parse_test_name, test_name

TestKey = tuple[str, str]
SALT_BYTES = 16

# The fields of a test that decide until when a student has time, and what a submission is worth by its time.
_TIMES = ("closesAt", "graceMinutes", "late", "attempts", "lastDeadline")


def index_entries(indexes: Mapping[str, Index]) -> dict[TestKey, IndexEntry]:
    """The entries of all subjects' indexes."""
    return {(subject, entry["testId"]): entry for subject, index in indexes.items() for entry in index["tests"]}


@dataclass(frozen=True)
class History:
    """What is published, and the time of the publication that replaces it.

    `tests`: the entries of the subjects' indexes. `roster`: its entries by student ID. `returned`: by student and
    subject, when those who are not in the roster, but have been, first submitted each test. `roster_lost`: whether
    there is no roster although tests are published. `is_new_class`: whether another class is published. Its tests have
    only their names in common with those of the new one. `new_salt`: for tests with pools that have none yet.
    `questions`: the published questions of the tests that have pools or had some, and of those whose options and items
    keep the IDs that they have got.
    """

    now: datetime
    tests: Mapping[TestKey, IndexEntry] = field(default_factory=dict)
    roster: Mapping[str, RosterEntry] = field(default_factory=dict)
    returned: Mapping[tuple[str, str], Mapping[str, datetime]] = field(default_factory=dict)
    roster_lost: bool = False
    is_new_class: bool = False
    questions: Mapping[TestKey, Questions] = field(default_factory=dict)
    new_salt: str = field(default_factory=lambda: token_hex(SALT_BYTES))

    def salt(self, key: TestKey) -> str:
        """The secret that decides, in a test with pools, what is drawn: the published one if there is one."""
        return self.questions[key].get("salt", self.new_salt) if key in self.questions else self.new_salt

    def published_entry(self, key: TestKey) -> IndexEntry | None:
        """The entry of a test that is published, None if there is none."""
        return None if self.is_new_class else self.tests.get(key)

    def since(self, student: str, subjects: Iterable[str]) -> dict[str, str]:
        """Since when a student is enrolled, by subject.

        Those who were enrolled by a version that did not note it have been enrolled from the start, like everybody if
        the roster was lost, and those who come back since they first submitted something.
        """
        if self.roster_lost:
            return {}
        before = self.roster.get(student)
        known = before.get("since", {}) if before else {}
        old = {subject for subject in before["subjects"] if subject not in known} if before else set()
        submitted = {subject: self.returned.get((student, subject), {}).values() for subject in subjects}
        first_seen = {subject: format_time(min([self.now, *times])) for subject, times in submitted.items()}
        return {subject: known.get(subject, first) for subject, first in first_seen.items() if subject not in old}

    def settle_debts(self, roster: Mapping[str, RosterEntry], indexes: Mapping[str, Index]) -> None:
        """Set `owes`: what students owe, or do not, whatever `since` says.

        A student owes the tests that have ever been open to them. Usually those are the ones whose end, for the
        student, came after they enrolled. But a student may have been given time later, which may be taken back; or a
        test may end later only in retrospect. What those who come back have submitted is owed too: their extensions
        may have been taken back while they were away.
        """
        entries = index_entries(indexes)
        changed = [key for key, old in self.tests.items() if key not in entries or not _same_times(old, entries[key])]
        for student_id, student in roster.items():
            before = self.roster.get(student_id)
            own_differ = before is not None and before["deadlines"] != student["deadlines"]
            owes = self._settled(before, student, self.tests if own_differ else changed, entries)
            owes |= self._returned_owe(student_id, student, entries)
            if owes:
                student["owes"] = dict(sorted(owes.items()))

    def _settled(
        self,
        before: RosterEntry | None,
        student: RosterEntry,
        changed: Iterable[TestKey],
        entries: Mapping[TestKey, IndexEntry],
    ) -> dict[str, bool]:
        """`owes` as before, but for the tests that change.

        A student who is enrolled while a test changes has the time that was published before, until the new index is
        written.
        """
        kept = set(before["subjects"]) & set(student["subjects"]) if before else set()
        noted = before.get("owes", {}) if before else {}
        known = {key: owed for name, owed in noted.items() if (key := parse_test_name(name)) and key[0] in kept}
        found = {}
        for key in {*known, *changed}:
            if key[0] in student["subjects"]:
                had = before if before and key[0] in kept else student
                owed = self._owed(had, student, key, known.get(key), entries.get(key))
                if owed is not None:
                    found[test_name(*key)] = owed
        return found

    def _owed(
        self, had: RosterEntry, student: RosterEntry, key: TestKey, known: bool | None, new: IndexEntry | None
    ) -> bool | None:
        """Whether a student owes a test; None if `since` is enough to know.

        `had`: the line of the roster by which they had time until now. `known`: what `owes` said before.

        What has been known is kept: the roster that is written first has other deadlines.
        """
        old, owed = self.tests.get(key), known
        if old is not None and known is None:
            owed = enrolled_by(had, key[0], _own_end(old, key[0], had))
        if owed is None:
            return None
        if new is None:  # it may be published again, with other times
            follows = enrolled_by(student, key[0], parse_time(self.published_at(*key)))
        else:
            end = _own_end(new, key[0], student)
            owed = owed or end >= self.now
            follows = owed == enrolled_by(student, key[0], end)
        return None if follows and known is None else owed

    def _returned_owe(
        self, student_id: str, student: RosterEntry, entries: Mapping[TestKey, IndexEntry]
    ) -> dict[str, bool]:
        """`owes` for the tests that a student submitted before they left the subject to which they come back.

        Also for those that are not published now: they may be again.
        """
        owed = [
            (subject, test) for subject in student["subjects"] for test in self.returned.get((student_id, subject), {})
        ]
        return {
            test_name(*key): True
            for key in owed
            if key not in entries or not enrolled_by(student, key[0], _own_end(entries[key], key[0], student))
        }

    def note_extensions(self, roster: Mapping[str, RosterEntry], indexes: Mapping[str, Index]) -> None:
        """Set `extended`: which deadlines came later than those that the students knew, because they were given time.

        Not because the test closes later for everybody: then their deadline and the test's are no further apart.
        """
        entries = index_entries(indexes)
        for student_id, student in roster.items():
            before = self.roster.get(student_id)
            if before is None:
                continue
            noted = {name: self._extension(before, student, name, entries) for name in student["deadlines"]}
            extended = {name: extension for name, extension in noted.items() if extension is not None}
            if extended:
                student["extended"] = extended

    def _extension(
        self, before: RosterEntry, student: RosterEntry, name: str, entries: Mapping[TestKey, IndexEntry]
    ) -> Extension | None:
        """The note about a student's own deadline; it is kept until they have no more time than they knew."""
        key = parse_test_name(name)
        if key is None or key not in self.tests or key[0] not in before["subjects"]:
            return None
        known = before.get("extended", {}).get(name)
        old, new = self.tests[key], entries[key]
        was, now = own_deadline(old, key[0], before["deadlines"]), own_deadline(new, key[0], student["deadlines"])
        added = (now - parse_time(new["closesAt"])) - (was - parse_time(old["closesAt"]))
        if now > was and added > timedelta(0):
            return {"before": known["before"] if known else format_time(was), "grantedAt": format_time(self.now)}
        return known if known and now > parse_time(known["before"]) else None

    def other_own_times(self, roster: Mapping[str, RosterEntry]) -> set[str]:
        """The tests for which a student's own deadline may differ, by `test_name`.

        It is new, differs or is gone for a student who stays, or a student comes back who has submitted the test.
        """
        returned = {test_name(subject, test) for (_, subject), tests in self.returned.items() for test in tests}
        stayed = [(self.roster[id]["deadlines"], roster[id]["deadlines"]) for id in self.roster.keys() & roster.keys()]
        return returned | {name for old, new in stayed if old != new for name, _ in old.items() ^ new.items()}

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
        before: Mapping[str, Any] = {} if self.is_new_class else self.tests.get((subject, test), {})
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


def _own_end(test: IndexEntry, subject: str, student: RosterEntry) -> datetime:
    """The last moment at which a student's work is accepted."""
    return accepted_until(test, own_deadline(test, subject, student["deadlines"]))


def _same_times(first: IndexEntry, second: IndexEntry) -> bool:
    return all(first[name] == second[name] for name in _TIMES)  # type: ignore[literal-required]
