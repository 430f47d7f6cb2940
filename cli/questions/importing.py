"""`questions.sh import`: makes tests of question banks."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.class_content.files import (
    IMAGES,
    ClassFiles,
    class_document,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.images import Images
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import class_problems
from ansible_collections.training.test_time.plugins.module_utils.documents.yaml_lines import (
    MAX_BYTES,
    Document,
    unreadable,
)
from ansible_collections.training.test_time.plugins.module_utils.shared.ids import ID_RULE, is_id
from cli.class_folder import ClassFolder
from cli.command import CommandError
from cli.questions import text_file
from cli.questions.authored import PARTIAL_CREDIT_OF_BANKS, NotAuthored, authored, has_partial_credit
from cli.questions.bank import Bank, BankError
from cli.questions.bank_images import BankImages
from cli.questions.bank_texts import MarkdownTexts
from cli.questions.formats import FORMATS, format_of
from cli.questions.test_file import Entry, test_file

MOST_QUESTIONS = 200  # of a test, in its schema


@dataclass(frozen=True)
class NewTest:
    """A test's file to be written. `shown_as`: its name in messages. `images`: new files of its subject, by path."""

    path: Path
    shown_as: str
    text: str
    images: Mapping[Path, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Import:
    """What becomes of a file. `lines`: about its questions, for people. `total`: how many questions it has."""

    lines: list[str]
    tests: list[NewTest]
    imported: int
    total: int


@dataclass(frozen=True)
class _Target:
    """Where tests are made. `formatted`: how their texts were read, if they have formatting."""

    folder: ClassFolder
    subject: str
    formatted: MarkdownTexts | None

    @property
    def settings(self) -> dict[str, Any]:
        """The fields of the tests that say how their texts are read."""
        if self.formatted is None:
            return {}
        return {"format": "markdown"} | ({"math": True} if self.formatted.has_math else {})

    @property
    def images(self) -> Images:
        """All images that the tests can show."""
        return self.formatted.images.all() if self.formatted else Images()


@dataclass
class _Candidate:
    """A question that may be imported."""

    where: str
    entry: Entry
    losses: list[str]


def plan_import(file: Path, folder: ClassFolder, subject: str, test: str | None, format: str | None) -> Import:
    """Read a file and check what it makes of the class; writes nothing. Raises CommandError.

    `test`: the new test's ID, by default from the file's name. More questions than a test can have make several tests.
    """
    test = test or _id_of(file)
    images = BankImages(_images_of(folder, subject))
    title, bank, formatted = _read(file, format, images)
    target = _Target(folder, subject, formatted)
    candidates, refused = _candidates(bank)
    tests: list[NewTest] = []
    parts = [candidates[start : start + MOST_QUESTIONS] for start in range(0, len(candidates), MOST_QUESTIONS)]
    imported: list[_Candidate] = []
    for number, part in enumerate(parts, 1):
        id = test if len(parts) == 1 else f"{test}-{number}"
        kept, text = _checked(target, id, _title(file, number if len(parts) > 1 else None), part, refused)
        imported += kept
        if kept:
            tests.append(_new_test(folder, subject, id, text, _shown_images(text, images)))
    total = len(bank.questions) + len(bank.unreadable)
    lines = [f"{file}: {title}", *(f"  {note}" for note in bank.notes)]
    lines += [f"  {where}: not imported: {reason}" for where, reason in refused]
    lines += [f"  {each.where}: imported, but {'; '.join(each.losses)}" for each in imported if each.losses]
    if _has_partial_credit(imported):
        lines.append(
            f"  partial_credit is {PARTIAL_CREDIT_OF_BANKS}, because banks give points for partly right answers"
        )
    if tests and formatted:
        lines.append(f"  the texts are in Markdown, because the file has formatting{_with(tests)}")
    lines.append(f"{len(imported)} of {total} imported{_into(tests)}")
    return Import(lines, tests, len(imported), total)


def write_tests(tests: Sequence[NewTest]) -> None:
    """Write all files or, if one of them cannot be written, none. Raises CommandError, OSError."""
    images: dict[Path, bytes] = {}
    for path, content in ((path, content) for test in tests for path, content in test.images.items()):
        if images.setdefault(path, content) != content:
            raise CommandError(f"the files have different images with the name {path.name}: import one file at a time")
    with ExitStack() as undo:
        for path, content in images.items():
            _write_new(path, content, f"the image {path.name} exists already; nothing was changed", undo)
        for test in tests:
            is_there = f"{test.shown_as} exists already; nothing was changed. {_OTHER_ID}"
            _write_new(test.path, test.text.encode(), is_there, undo)
        undo.pop_all()


def _write_new(path: Path, content: bytes, if_there: str, undo: ExitStack) -> None:
    if not path.parent.exists():
        missing = [parent for parent in path.parents if not parent.exists()]
        path.parent.mkdir(parents=True)
        for parent in reversed(missing):
            undo.callback(parent.rmdir)
    try:
        with path.open("xb") as file:
            undo.callback(path.unlink)
            file.write(content)
    except FileExistsError as error:
        raise CommandError(if_there) from error


_OTHER_ID = "Choose another ID with --test"


def _id_of(file: Path) -> str:
    id = re.sub(r"[^A-Za-z0-9._-]+", "-", file.stem).strip("-._").lower()[:64]
    if not is_id(id):
        raise CommandError(f"{file}: its name makes no test ID; choose one with --test: {ID_RULE}")
    return id


def _title(file: Path, part: int | None) -> str:
    words = " ".join(re.sub(r"[^\w.()&+',-]+|_", " ", file.stem).split()) or "Imported questions"
    title = words[:1].upper() + words[1:180]
    return title if part is None else f"{title}, part {part}"


def _images_of(folder: ClassFolder, subject: str) -> Images:
    """The images that the subject has."""
    path = folder.path / "subjects" / subject / IMAGES
    return Images({image.name: image for image in path.iterdir()} if path.is_dir() else {})


def _shown_images(text: str, images: BankImages) -> dict[str, bytes]:
    """The new images that a test's file shows."""
    return {name: b64decode(image.published["data"]) for name, image in images.new.items() if f"]({name})" in text}


def _read(file: Path, format: str | None, images: BankImages) -> tuple[str, Bank, MarkdownTexts | None]:
    """The format's title, the bank, and how its texts were read if they have formatting. Raises CommandError."""
    try:
        with file.open("rb") as stream:
            data = stream.read(text_file.MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{file}: {unreadable(error)}") from error
    try:
        if len(data) > text_file.MAX_BYTES:
            raise BankError(f"is larger than {text_file.MAX_MEGABYTES} MB; split it")
        chosen = FORMATS[format] if format else format_of(data)
        formatted = MarkdownTexts(images)
        bank = chosen.read(data, formatted)
        if formatted.is_formatted:
            return chosen.title, bank, formatted
        return chosen.title, chosen.read(data, None), None
    except BankError as error:
        raise CommandError(f"{file}: {error}") from error


def _candidates(bank: Bank) -> tuple[list[_Candidate], list[tuple[str, str]]]:
    """The questions that a test's file can have, and why others are not imported."""
    candidates = []
    refused = [(each.where, each.reason) for each in bank.unreadable]
    for question in bank.questions:
        try:
            result = authored(question)
        except NotAuthored as error:
            refused.append((question.where, str(error)))
            continue
        comments = [question.name] if question.name and question.name not in question.text else []
        comments += [f"Imported from {question.where}: {loss}" for loss in result.losses]
        candidates.append(_Candidate(question.where, Entry(result.question, comments), result.losses))
    return candidates, refused


def _checked(
    target: _Target, id: str, title: str, part: list[_Candidate], refused: list[tuple[str, str]]
) -> tuple[list[_Candidate], str]:
    """The questions that publishing would accept, with the file's text. What is wrong with others goes to `refused`."""
    shown_as = f"{target.folder.shown_as}/subjects/{target.subject}/{id}.yml"
    while True:
        text = test_file(_settings(title, part) | target.settings, [each.entry for each in part])
        if len(text.encode()) > MAX_BYTES:
            raise CommandError(f"{shown_as} would be larger than {MAX_BYTES // 1_000_000} MB; split the questions")
        document = class_document(text, shown_as)
        faults = _faults(target, id, document)
        faulty: dict[int, str] = {}
        for line, message in faults:
            places = [place for place in range(len(part)) if document.line(("questions", place)) <= line]
            if not places:
                raise CommandError(f"{shown_as}: {message}")
            faulty.setdefault(places[-1], message)
        if not faulty:
            return part, text
        refused += [(part[place].where, message) for place, message in sorted(faulty.items())]
        part = [each for place, each in enumerate(part) if place not in faulty]
        if not part:
            return [], ""


def _settings(title: str, part: list[_Candidate]) -> dict[str, Any]:
    """The test's own fields. Banks give a share of the points for a partly right answer."""
    return {"title": title} | ({"partial_credit": PARTIAL_CREDIT_OF_BANKS} if _has_partial_credit(part) else {})


def _has_partial_credit(part: list[_Candidate]) -> bool:
    return any(has_partial_credit(each.entry.question) for each in part)


def _faults(target: _Target, id: str, document: Document) -> Iterator[tuple[int, str]]:
    """The lines of a new test's file at which publishing would find something wrong, and what."""
    students = Document(f"{target.folder.shown_as}/students.yml")
    files = ClassFiles(students, {(target.subject, id): document}, {target.subject: target.images})
    # All problems, and not only the first ones that it returns, are noted in the files.
    class_problems(files, target.folder.weekly)
    for problem in sorted({*files.problems, *document.problems}):
        yield problem.line, f"{problem.field}: {problem.message}" if problem.field else problem.message


def _new_test(folder: ClassFolder, subject: str, id: str, text: str, images: Mapping[str, bytes]) -> NewTest:
    place = folder.path / "subjects" / subject
    path = place / f"{id}.yml"
    shown_as = f"{folder.shown_as}/subjects/{subject}/{id}.yml"
    if path.exists():
        raise CommandError(f"{shown_as} exists already; nothing was changed. {_OTHER_ID}")
    return NewTest(path, shown_as, text, {place / IMAGES / name: content for name, content in images.items()})


def _with(tests: Sequence[NewTest]) -> str:
    images = {path for test in tests for path in test.images}
    return f", with {len(images)} new image{'' if len(images) == 1 else 's'}" if images else ""


def _into(tests: Sequence[NewTest]) -> str:
    return f" into {', '.join(test.shown_as for test in tests)}" if tests else ""
