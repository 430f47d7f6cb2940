"""The short lines that show what publishing changes: `+ test02 in operating-systems`. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..shared.documents import IndexEntry, RosterEntry
from .history import TestKey

LIST_AT_MOST = 100
LIST_NEW_AT_MOST = 20
# What a line says of a test besides what differs.
UNSCORED = "not scored again because answers may have been deleted"
POSTPONED = "was open already: nobody can take it until it opens again; what was submitted is kept and counts"

_ENTRY_PARTS = {
    "title": "title",
    "opensAt": "opening",
    "closesAt": "deadline",
    "lastDeadline": "deadline",
    "graceMinutes": "grace",
    "attempts": "attempts",
    "late": "late work",
    "announce": "announcement",
}
_STUDENT_PARTS = {
    "name": "name",
    "email": "address",
    "subjects": "subjects",
    "deadlines": "deadlines",
    "externalId": "external ID",
}


@dataclass(frozen=True)
class Change:
    """`sign` is `+`, `-` or `~`; `kind` is `test` or `student`; `parts` names what differs."""

    sign: str
    kind: str
    name: str
    parts: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = f" ({', '.join(self.parts)})" if self.parts else ""
        return f"{self.sign} {self.name}{parts}"


def test_changes(
    before: Mapping[TestKey, IndexEntry],
    after: Mapping[TestKey, IndexEntry],
    rewritten: Mapping[TestKey, Iterable[str]],
    notes: Mapping[TestKey, str] | None = None,
) -> list[Change]:
    """What differs between the index entries of tests.

    `rewritten`: the changed objects, questions or answer key. `notes`: what else the lines of some tests say.
    """
    changes = []
    for key in sorted(before.keys() | after.keys()):
        name = f"{key[1]} in {key[0]}"
        note = [notes[key]] if notes and key in notes else []
        if key not in before or key not in after:
            changes.append(Change("+" if key in after else "-", "test", name, tuple(note)))
            continue
        parts = [*rewritten.get(key, ()), *_differences(before[key], after[key], _ENTRY_PARTS)]
        if parts:
            changes.append(Change("~", "test", name, (*parts, *note)))
    return changes


def student_changes(
    before: Mapping[str, RosterEntry], after: Mapping[str, RosterEntry], new_access: Iterable[str]
) -> list[Change]:
    """What differs between roster entries. `new_access`: students whose API key or record must be created."""
    renewed = set(new_access)
    changes = []
    for student in sorted(before.keys() | after.keys()):
        name = f"student {student}"
        if student not in before or student not in after:
            changes.append(Change("+" if student in after else "-", "student", name))
            continue
        parts = _differences(before[student], after[student], _STUDENT_PARTS)
        if student in renewed:
            parts.append("API key")
        if parts:
            changes.append(Change("~", "student", name, tuple(parts)))
    return changes


def change_lines(changes: list[Change]) -> list[str]:
    """The lines to print: each change, or the number of each kind if there are many: a new class fits a screen."""
    counts = Counter((change.kind, change.sign) for change in changes)
    lines = []
    for change in changes:
        count = counts[change.kind, change.sign]
        is_listed = count <= (LIST_NEW_AT_MOST if change.sign == "+" else LIST_AT_MOST)
        lines.append(str(change) if is_listed else f"{change.sign} {count:,} {change.kind}s")
    return list(dict.fromkeys(lines))


def _differences(before: Mapping[str, object], after: Mapping[str, object], parts: Mapping[str, str]) -> list[str]:
    """The names of the parts that differ, each once."""
    return list(dict.fromkeys(part for name, part in parts.items() if before.get(name) != after.get(name)))
