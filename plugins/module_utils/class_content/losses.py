"""What a publication would take from the class that is published, if that is so much that it may be a mistake.

It may be one if another class is published here, or if many students would be removed. Pure functions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..documents.mail_address import ascii_address
from ..shared.canonical_json import canonical_json
from ..shared.documents import ClassRecord, RosterEntry
from ..shared.ids import test_name
from . import written
from .history import TestKey

# More than this share of the students, and more than this number, is a mistake rather than the end of some courses.
USUAL_SHARE = 0.2
USUAL_NUMBER = 2
NAMED_AT_MOST = 20
_USED_AGAIN = "What was submitted under an ID for a test with the same name still counts"
# What confirms all losses, whatever they are.
ALL = "yes"


@dataclass(frozen=True)
class Losses:
    """`lines` say for people what would be lost. `token` stands for exactly that, and confirms it."""

    lines: list[str]
    token: str

    def confirmed_by(self, answer: str | None) -> bool:
        """Whether the answer, a token or ALL, is about these losses."""
        return answer in (self.token, ALL)


def is_other_class(record: ClassRecord | None, new_record: ClassRecord) -> bool:
    """Whether another class is published, which its folder tells. `record`: None if nothing is published."""
    return record is not None and record["classDir"] != new_record["classDir"]


def is_doubtful(
    record: ClassRecord | None,
    new_record: ClassRecord,
    roster: Mapping[str, RosterEntry],
    students: Iterable[written.Student],
) -> bool:
    """Whether a publication may be a mistake. `record`, `roster`: what is published; no record if nothing is.

    The record of an earlier version is missing too.
    """
    is_new_class = is_other_class(record, new_record)
    gone = len(_gone(roster, students, is_new_class))
    return is_new_class or (gone > USUAL_NUMBER and gone > USUAL_SHARE * len(roster))


def losses(
    record: ClassRecord | None,
    new_record: ClassRecord,
    roster: Mapping[str, RosterEntry],
    students: Sequence[written.Student],
    tests: Collection[TestKey],
    new_tests: Collection[TestKey],
) -> Losses | None:
    """What would be lost, or None if the publication is not doubtful. `tests`: those that are published."""
    if not is_doubtful(record, new_record, roster, students):
        return None
    is_new_class = is_other_class(record, new_record)
    gone = _gone(roster, students, is_new_class)
    kept = sorted(roster.keys() & {student["id"] for student in students})
    again = kept if is_new_class else []
    names = [f"{roster[student]['name']} ({student})" for student in gone]
    removed = sorted(set(tests) - set(new_tests))
    lines = [
        _title(record, new_record),
        f"  {len(gone)} of {_count(len(roster), 'student')} would lose access, and their API keys would be deleted"
        f"{_listed(names)}",
        f"  {len(removed)} of {_count(len(tests), 'test')} would be removed"
        f"{_listed([f'{test} in {subject}' for subject, test in removed])}",
        *([f"  {_count(len(again), 'ID')} would be used again{_listed(again)}. {_USED_AGAIN}"] if again else []),
        "Answers and scores are kept.",
    ]
    folders = [record["classDir"] if record else None, new_record["classDir"]]
    about = [folders, gone, [test_name(*key) for key in removed]]
    return Losses(lines, hashlib.sha256(canonical_json(about)).hexdigest()[:12])


def given_away(roster: Mapping[str, RosterEntry], students: Iterable[written.Student], is_new_class: bool) -> set[str]:
    """The IDs that are given to somebody else: both name and address differ, or the address in another class."""
    return {
        student["id"]
        for student in students
        if (before := roster.get(student["id"]))
        and before["email"] != ascii_address(student["email"])
        and (is_new_class or before["name"] != student["name"])
    }


def _gone(roster: Mapping[str, RosterEntry], students: Iterable[written.Student], is_new_class: bool) -> list[str]:
    """The students who are removed, or whose ID is given to somebody else."""
    listed = list(students)
    stay = {student["id"] for student in listed} - given_away(roster, listed, is_new_class)
    return sorted(roster.keys() - stay)


def _title(record: ClassRecord | None, new_record: ClassRecord) -> str:
    if record is None or not is_other_class(record, new_record):
        return "Many students would be removed."
    return (
        f"Another class is published here: '{record['className']}' from {record['classDir']}. Publishing"
        f" '{new_record['className']}' from {new_record['classDir']} would replace it."
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _listed(names: list[str]) -> str:
    """The names after a colon, the first ones if there are many."""
    more = [f"and {len(names) - NAMED_AT_MOST:,} more"] if len(names) > NAMED_AT_MOST else []
    return f": {', '.join(names[:NAMED_AT_MOST] + more)}" if names else ""
