"""Finds a class's files and reads them: `students.yml`, `subjects/<subject>/<testId>.yml`; images are only found."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..documents.yaml_lines import MAX_BYTES, Document, FieldPath, Problem, load_file, load_text, unreadable
from ..shared.ids import ID_RULE, is_id
from .images import Images, file_name

MAX_TESTS = 500
MAX_TESTS_BYTES = 2_000_000
MAX_STUDENTS_BYTES = 10_000_000

# The folder of a subject's images.
IMAGES = "images"

_TEXT_FIELDS = {
    "id",
    "name",
    "email",
    "external_id",
    "title",
    "session_date",
    "opens",
    "closes",
    "text",
    "explanation",
    "reason",
    "feedback",
    "pool",
    "item",
    "option",
    *("number", "value", "tolerance", "from", "to", "accept"),
}
_TEXT_PARENTS = {"options", "subjects", "extensions", "feedback"}
_TEXT_LISTS = {"number", "accept", "also_accept", "order", "other_options"}


@dataclass
class ClassFiles:
    """What was read. `tests`: by subject and test ID. `images`: by subject. `problems`: of other files."""

    students: Document
    tests: dict[tuple[str, str], Document] = field(default_factory=dict)
    images: dict[str, Images] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def load_class(folder: Path, shown_as: str) -> ClassFiles:
    """All of a class's files. `shown_as` is the folder's name in messages."""
    files = ClassFiles(Document(f"{shown_as}/students.yml"))
    remedy = "set class_dir in group_vars/all.yml to the class's folder"
    if not _is_folder(files, folder, shown_as, f"does not exist; {remedy}", f"is not a folder; {remedy}"):
        return files
    found = _find_tests(files, folder / "subjects", f"{shown_as}/subjects")
    too_much = _too_much(path for path, _ in found.values())
    if too_much:
        files.problems = [Problem(f"{shown_as}/subjects", 0, "", f"{too_much}; move old ones out of it")]
        return files
    files.students = _load_students(folder, shown_as)
    files.tests = {key: _load(path, name) for key, (path, name) in found.items()}
    return files


def class_document(text: str, shown_as: str) -> Document:
    """The document of a class's file with this text. `shown_as` is its name in messages."""
    return _with_texts(load_text(text, shown_as))


def _load_students(folder: Path, shown_as: str) -> Document:
    if _is_missing(folder / "students.yml") and not _is_missing(folder / "students.yaml"):
        name = f"{shown_as}/students.yaml"
        return Document(name, problems=[Problem(name, 0, "", "is ignored; rename it to students.yml")])
    if_missing = "does not exist; list the students in it, as docs/authoring.md describes"
    return _load(folder / "students.yml", f"{shown_as}/students.yml", if_missing, MAX_STUDENTS_BYTES)


def _is_missing(path: Path) -> bool:
    """Whether nothing has this path. What cannot be looked at is not missing: reading it tells what is wrong."""
    try:
        path.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _is_folder(files: ClassFiles, path: Path, shown_as: str, if_missing: str, if_file: str) -> bool:
    """Whether it is a folder. If it is none, or that cannot be found out, this is a problem."""
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            return True
        message = if_file
    except FileNotFoundError:
        message = if_missing
    except OSError as error:
        message = unreadable(error)
    files.problems.append(Problem(shown_as, 0, "", message))
    return False


def _too_much(tests: Iterable[Path]) -> str | None:
    """What is too much to be checked and published in reasonable time, or None. Reads no file."""
    sizes = [size for path in tests if (size := _size(path)) is not None]
    if len(sizes) > MAX_TESTS:
        return f"has {len(sizes):,} tests, and a class can have {MAX_TESTS:,}"
    if sum(sizes) > MAX_TESTS_BYTES:
        return f"has more than {MAX_TESTS_BYTES // 1_000_000} MB of tests"
    return None


def _size(path: Path) -> int | None:
    """A regular file's size. None for anything else: loading it tells what is wrong."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _find_tests(files: ClassFiles, folder: Path, shown_as: str) -> dict[tuple[str, str], tuple[Path, str]]:
    """Each test's file and its name in messages, by subject and test ID."""
    remedy = "put tests in subjects/<subject>/<testId>.yml"
    if not _is_folder(files, folder, shown_as, f"does not exist; {remedy}", f"is not a folder; {remedy}"):
        return {}
    found = {}
    for entry in _entries(files, folder, shown_as):
        for path in _test_files(files, entry, f"{shown_as}/{entry.name}"):
            found[entry.name, path.stem] = (path, f"{shown_as}/{entry.name}/{path.name}")
    return found


def _entries(files: ClassFiles, folder: Path, shown_as: str) -> list[Path]:
    """What is in a folder, sorted, without ignored files. A folder that cannot be read is a problem."""
    try:
        return sorted(path for path in folder.iterdir() if not _is_ignored(path))
    except OSError as error:
        files.problems.append(Problem(shown_as, 0, "", unreadable(error)))
        return []


def _test_files(files: ClassFiles, folder: Path, shown_as: str) -> Iterator[Path]:
    """The test files in a subject's folder. Anything else in it is a problem."""
    misplaced = "is not in a subject's folder; move it into one"
    if not _is_folder(files, folder, shown_as, if_missing=misplaced, if_file=misplaced):
        return
    if not is_id(folder.name):
        files.problems.append(Problem(shown_as, 0, "", f"the folder's name is not a valid subject ID; use {ID_RULE}"))
        return
    for path in _entries(files, folder, shown_as):
        name = f"{shown_as}/{path.name}"
        if path.name == IMAGES and path.is_dir():
            files.images[folder.name] = Images({file_name(image.name): image for image in _entries(files, path, name)})
        elif path.suffix != ".yml":
            hint = f"rename it to {path.stem}.yml" if path.suffix.lower() in (".yaml", ".yml") else "move it elsewhere"
            files.problems.append(
                Problem(name, 0, "", f"is not a test file, because its name does not end in .yml; {hint}")
            )
        elif not is_id(path.stem):
            files.problems.append(Problem(name, 0, "", f"the file's name is not a valid test ID; use {ID_RULE}"))
        else:
            yield path


def _is_ignored(path: Path) -> bool:
    """Whether it is a hidden file or a trainer's note."""
    return path.name.startswith(".") or path.suffix == ".md"


def _load(path: Path, shown_as: str, if_missing: str = "does not exist", max_bytes: int = MAX_BYTES) -> Document:
    return _with_texts(load_file(path, shown_as, if_missing, max_bytes))


def _with_texts(document: Document) -> Document:
    for place, raw in document.raw.items():
        if _is_text(place):
            _keep_as_written(document, place, raw)
    return document
    return document


def _is_text(place: FieldPath) -> bool:
    parent = place[-2] if len(place) > 1 else None
    is_of_gap = place[-3:-2] == ("also_accept",)
    is_listed = (parent in _TEXT_LISTS or is_of_gap) and isinstance(place[-1], int)
    is_cell = place[-3:-2] == ("values",)
    return bool(place) and (place[-1] in _TEXT_FIELDS or parent in _TEXT_PARENTS or is_listed or is_cell)


def _keep_as_written(document: Document, place: FieldPath, raw: str) -> None:
    """Text such as `42`, `1.10` or `no` stays as written, although YAML reads a number or a truth value.

    So do numbers that are accepted as answers: they must be exact.
    """
    container = document.value(place[:-1])
    if isinstance(container[place[-1]], bool | int | float):
        container[place[-1]] = raw
