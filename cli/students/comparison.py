"""Compares a list of participants with the students of a class. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import RESERVED_IDS
from ansible_collections.training.test_time.plugins.module_utils.class_content.written import Student
from ansible_collections.training.test_time.plugins.module_utils.shared.ids import is_id
from cli.students.participants import Participant, ParticipantList, normalised

_NUMBERED = re.compile(r"\bs([0-9]{3,})\b")


@dataclass
class Difference:
    """What an import changes. `changed`: by ID, the fields that get another value. `removed`: IDs."""

    added: list[Student] = field(default_factory=list)
    changed: dict[str, Student] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)

    def is_empty(self) -> bool:
        """Whether the import changes nothing."""
        return not (self.added or self.changed or self.removed)

    def lines(self, students: Iterable[Student]) -> list[str]:
        """The difference, for people. `students`: those before the import."""
        names = {student["id"]: student["name"] for student in students}
        return [
            *(f"+ {student['id']} {student['name']}, {student['email']}" for student in self.added),
            *(f"~ {id} {names[id]} ({_shown(fields)})" for id, fields in self.changed.items()),
            *(f"- {id} {names[id]}" for id in self.removed),
        ]


def _shown(fields: Student) -> str:
    """What each field becomes."""
    return ", ".join(
        f"{name}: {' '.join(value) if isinstance(value, list) else value}" for name, value in fields.items()
    )


def compare(
    students: Sequence[Student],
    listed: ParticipantList,
    all_subjects: Sequence[str],
    subjects: Sequence[str] | None,
    *,
    remove_missing: bool,
    text: str,
) -> Difference:
    """What makes the class agree with a list. Adds a problem to the list for each row whose ID cannot be used.

    Students are matched by their addresses. `subjects`: those of which the list has the students; None: all of the
    class's. `text`: that of `students.yml`, in which the IDs of former students may still be named.
    """
    known = {normalised(student["email"]): student for student in students}
    ids = _Ids(students, listed, text)
    difference = Difference()
    for person in listed.people:
        student = known.get(person.address)
        if student is None:
            difference.added.append(_new(person, ids.of(person), subjects or all_subjects))
        else:
            if person.id and person.id != student["id"]:
                listed.problem(person.row, "id", f"is {student['id']} in students.yml; an ID cannot change")
            fields = _changed(student, person, subjects or ())
            if fields:
                difference.changed[student["id"]] = fields
    if remove_missing:
        present = {person.address for person in listed.people}
        _remove(difference, [known[address] for address in known.keys() - present], subjects)
    return difference


class _Ids:
    """Gives new students their IDs: that of the list, the institution's number, or the next free `sNNN`."""

    def __init__(self, students: Sequence[Student], listed: ParticipantList, text: str) -> None:
        self._listed = listed
        self._taken = {student["id"].casefold() for student in students}
        wanted = {person.id.casefold() for person in listed.people}
        self._numbers = self._free(wanted, max((int(number) for number in _NUMBERED.findall(text)), default=0))

    def of(self, person: Participant) -> str:
        """The ID of a new student."""
        if person.id and (person.id.casefold() in self._taken or person.id.lower() in RESERVED_IDS):
            message = (
                "already belongs to a student with another address; correct the ID, or the address in students.yml"
            )
            self._listed.problem(person.row, "id", message)
        own = person.id or (person.number if self._is_free(person.number) else "")
        chosen = own or next(self._numbers)
        self._taken.add(chosen.casefold())
        return chosen

    def _is_free(self, number: str) -> bool:
        return is_id(number) and number.casefold() not in self._taken and number.lower() not in RESERVED_IDS

    def _free(self, wanted: set[str], last: int) -> Iterator[str]:
        """IDs after the last one that was ever given: one must never be given to another student."""
        while True:
            last += 1
            chosen = f"s{last:03}"
            if chosen not in self._taken and chosen not in wanted:
                yield chosen


def _new(person: Participant, id: str, subjects: Sequence[str]) -> Student:
    student: Student = {"id": id, "name": person.name, "email": person.email, "subjects": list(subjects)}
    if person.external_id:
        student["external_id"] = person.external_id
    return student


def _changed(student: Student, person: Participant, subjects: Sequence[str]) -> Student:
    """The fields of a student that a row changes. A list without external IDs removes none."""
    fields: dict[str, object] = {}
    if person.name != student["name"]:
        fields["name"] = person.name
    if person.external_id and person.external_id != student.get("external_id"):
        fields["external_id"] = person.external_id
    missing = [subject for subject in subjects if subject not in student["subjects"]]
    if missing:
        fields["subjects"] = [*student["subjects"], *missing]
    return cast(Student, fields)


def _remove(difference: Difference, missing: Iterable[Student], subjects: Sequence[str] | None) -> None:
    """Take the missing students out of the list's subjects, and out of the class if they have no other."""
    for student in sorted(missing, key=lambda student: student["id"]):
        left = [subject for subject in student["subjects"] if subjects is not None and subject not in subjects]
        if not left and (subjects is None or student["subjects"]):
            difference.removed.append(student["id"])
        elif left != student["subjects"]:
            difference.changed[student["id"]] = cast(Student, {"subjects": left})
