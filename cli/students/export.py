"""`students.sh export`: collects everything that is stored about a student."""

from __future__ import annotations

import json
from dataclasses import replace

from ansible_collections.training.test_time.plugins.module_utils.shared.deadlines import format_time
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import questions_key
from cli.command import CommandError
from cli.students.person_file import PersonFile
from cli.students.search import Person, search
from cli.students.versions import Versions


class NothingStored(CommandError):
    """Nothing is stored about the student."""


def export(store: Versions, student: str) -> PersonFile:
    """All that is stored about a student, current or former. Raises NothingStored, the SDK's errors."""
    found = search(store, Person(student))
    if not found:
        raise NothingStored(f"nothing is stored about a student with the ID {student}")
    file = PersonFile(student, format_time(store.now()), found)
    tests = {(each["subjectName"], each["testId"]) for each in file.submissions}
    bodies = {test: store.current(questions_key(*test)) for test in sorted(tests)}
    return replace(file, questions={test: json.loads(body) for test, body in bodies.items() if body is not None})
