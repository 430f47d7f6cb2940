"""`students.sh export`: collects everything that is stored about a student."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.shared.deadlines import format_time
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import INVITATIONS, questions_key
from cli.command import CommandError
from cli.students.person_file import PersonFile
from cli.students.search import Found, Past, Person, search
from cli.students.versions import Versions


class NothingStored(CommandError):
    """Nothing is stored about the student."""


def export(store: Versions, student: str) -> PersonFile:
    """All that is stored about a student, current or former. Raises NothingStored, the SDK's errors."""
    found = search(store, Person(student))
    if not found:
        raise NothingStored(f"nothing is stored about a student with the ID {student}")
    file = PersonFile(student, format_time(store.now()), [_without_share(each) for each in found])
    tests = {(each["subjectName"], each["testId"]) for each in file.submissions}
    bodies = {test: store.current(questions_key(*test)) for test in sorted(tests)}
    return replace(file, questions={test: json.loads(body) for test, body in bodies.items() if body is not None})


def _without_share(found: Found) -> Found:
    """The student may get the file in the mailbox in which the link has the other share of the key."""
    if found.folder != INVITATIONS:
        return found
    past = [Past(each.written, _shown(each.own)) for each in found.past]
    return replace(found, own=_shown(found.own), past=past)


def _shown(own: Iterable[Any]) -> list[Any]:
    return [{name: value for name, value in each.items() if name != "share"} for each in own]
