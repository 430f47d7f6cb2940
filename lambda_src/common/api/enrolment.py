"""What the trainer published, as the functions that serve students look it up."""

from __future__ import annotations

from typing import Any

from common.api.student import Student
from common.errors import NotEnrolled, SubjectNotFound, TestNotFound


def require_enrolled(student: Student, subject: str, index: Any) -> None:
    """`index`: the subject's `index.json`, None where there is none. Raises SubjectNotFound, NotEnrolled."""
    if index is None:
        raise SubjectNotFound(f"There is no subject {subject}. Yours are: {', '.join(student.subjects) or 'none yet'}.")
    if subject not in student.subjects:
        raise NotEnrolled(f"You are not enrolled in {subject}. Ask your trainer to add you, if you should be.")


def entry_of(index: Any, test: str) -> dict[str, Any]:
    """The test's entry in its subject's index. Raises TestNotFound."""
    for entry in index["tests"]:
        if entry["testId"] == test:
            found: dict[str, Any] = entry
            return found
    raise TestNotFound(f"{index['subjectName']} has no test {test}. List its tests to see which there are.")
