"""`students.sh import`: brings `students.yml` up to date with a list of participants."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.training.test_time.plugins.module_utils.class_content.written import Student
from ansible_collections.training.test_time.plugins.module_utils.documents.yaml_lines import Problem
from cli.class_folder import ClassFolder
from cli.command import CommandError
from cli.students.comparison import compare
from cli.students.participants import read_participants
from cli.students.students_file import EMPTY, CannotEdit, edited


class NotImported(CommandError):
    """Nothing was changed. The message has a line for each problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True)
class Import:
    """What an import would do. `lines`: for people. `text`: the new `students.yml`."""

    taken_as: str
    lines: list[str]
    text: str


def plan_import(csv: Path, folder: ClassFolder, subjects: Sequence[str] | None, *, remove_missing: bool) -> Import:
    """Compare a list with the class, and check the whole class as it would be. Raises NotImported; writes nothing."""
    listed = read_participants(csv)
    text, students = _present(folder)
    known = sorted({subject for subject, _ in folder.load().tests})
    for subject in subjects or ():
        if subject not in known:
            listed.problem(0, "", f"--subjects: '{subject}' has no tests; the class has {', '.join(known)}")
    difference = compare(students, listed, known, subjects, remove_missing=remove_missing, text=text)
    if listed.problems:
        raise NotImported(sorted(listed.problems))
    try:
        new = edited(text, difference)
    except CannotEdit as error:
        raise NotImported([Problem(f"{folder.shown_as}/students.yml", 0, "", str(error))]) from error
    problems = folder.problems_with(new)
    if problems:
        raise NotImported(problems)
    return Import(listed.taken_as, difference.lines(students), new)


def _present(folder: ClassFolder) -> tuple[str, list[Student]]:
    """The text of `students.yml` and its students. Before a first import, the file or its students may be missing."""
    if not folder.students.exists():
        return EMPTY, []
    document = folder.load().students
    if document.data is None:
        raise NotImported(document.problems)
    text = folder.students.read_bytes().decode()
    if "students" in document.data and not document.data["students"]:
        return text, []
    problems = [each for each in folder.problems_with(text.removeprefix("\ufeff")) if each.file == document.file]
    if problems:
        raise NotImported(problems)
    return text, document.data["students"]


def write_students(path: Path, text: str) -> None:
    """Replace `students.yml` at once, with the permissions that it had. Raises OSError."""
    path = path.resolve()
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".students-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
