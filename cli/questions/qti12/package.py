"""The QTI documents in an upload: one XML file, or the zip that a system exports."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from ansible_collections.training.test_time.plugins.module_utils.class_content.images import MAX_IMAGE_BYTES
from cli.questions.bank import BankError
from cli.questions.bank_images import FileIn, no_files
from cli.questions.text_file import MAX_BYTES, MAX_MEGABYTES, refuse_too_large
from cli.questions.xml_file import beginning, parsed

MAX_FILES = 10_000
_OF_MACOS = "__MACOSX/"  # what its own archiver adds
_MANIFEST = "imsmanifest.xml"
_SETTINGS = ("assessment_meta.xml", "context.xml", "course_settings.xml")
_CANVAS_ONLY = "non_cc_assessments"  # the same quizzes as elsewhere in the zip, with all question types
_ROOT = "questestinterop"
_QTI_2 = ("assessmentItem", "assessmentTest")
_SHOWN_NAMES = 5
_BASE = re.compile(r"^\$IMS[-_]CC[-_]FILEBASE\$/?", re.IGNORECASE)
_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, zlib.error)


@dataclass(frozen=True)
class Document:
    """A QTI document. `file_in`: the files to which its texts refer."""

    root: Element
    file_in: FileIn = no_files


@dataclass(frozen=True)
class Package:
    """The documents, and the files of the zip that are none. Those that texts show are taken out of `left_out`."""

    documents: list[Document]
    left_out: list[str] = field(default_factory=list)

    def notes(self) -> list[str]:
        """What is left out of the zip."""
        return _notes(self.left_out)


def is_zip(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04")


def has_qti12(data: bytes) -> bool:
    """A guess by the beginnings of the files. Never raises an error."""
    if not is_zip(data):
        return _begins_with(_ROOT, data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for name in package.namelist()[:MAX_FILES]:
                if name.lower().endswith((".xml", ".qti")):
                    with package.open(name) as file:
                        start = file.read(20_000)
                    if _begins_with(_ROOT, start) or b"imsqti_xmlv1p2" in start:
                        return True
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error):
        return False
    return False


def opened(data: bytes) -> Package:
    if not is_zip(data):
        root = parsed(data)
        if root.tag in _QTI_2:
            raise BankError("the file is QTI 2, which is not supported: export it as QTI 1.2")
        if root.tag != _ROOT:
            raise BankError(f"the file is not QTI 1.2: its first element is not <{_ROOT}>")
        return Package([Document(root)])
    refuse_too_large(data)
    try:
        return _package(zipfile.ZipFile(io.BytesIO(data)))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error):
        raise BankError("the zip is damaged: export it again") from None
    except RuntimeError:  # what zipfile raises for a file with a password
        raise BankError("the zip is protected with a password: export it without one") from None


def _package(package: zipfile.ZipFile) -> Package:
    names = [name for name in package.namelist() if not name.endswith("/") and not name.startswith(_OF_MACOS)]
    if len(names) > MAX_FILES:
        raise BankError(f"the zip has more than {MAX_FILES:,} files")
    for name in names:
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name[:3]:
            raise BankError("the zip has a file whose path leads out of it")
    documents: dict[str, Element] = {}
    left_out = []
    has_qti2 = False
    room = MAX_BYTES
    for name in _in_order(package, names):
        if not name.lower().endswith((".xml", ".qti")) or PurePosixPath(name).name in _SETTINGS:
            left_out.append(name)
            continue
        with package.open(name) as file:
            xml = file.read(room + 1)
        room -= len(xml)
        if room < 0:
            raise BankError(f"the zip has more than {MAX_MEGABYTES} MB of XML: split it into smaller files")
        root = _parsed(xml, name) if _begins_with(_ROOT, xml) or _is_qti2(xml) else None
        if root is not None and root.tag == _ROOT:
            documents[name] = root
        elif name != _MANIFEST:
            has_qti2 = has_qti2 or root is not None
            left_out.append(name)
    if not documents:
        raise BankError(
            "the zip has QTI 2, which is not supported: export it as QTI 1.2"
            if has_qti2
            else "the zip has no QTI 1.2 file"
        )
    files = _Files(package, left_out)
    kept = {name: root for name, root in documents.items() if not _is_double(name, documents)}
    return Package([Document(root, files.beside(name)) for name, root in kept.items()], left_out)


class _Files:
    """The files of a zip that texts may show. `left_out`: those that none shows."""

    def __init__(self, package: zipfile.ZipFile, left_out: list[str]) -> None:
        self.package = package
        self.names = frozenset(left_out)
        self.left_out = left_out
        self.read: dict[str, bytes | None] = {}

    def beside(self, document: str) -> FileIn:
        """The files by their addresses in a document."""
        folder = posixpath.dirname(document)

        def file_in(address: str) -> bytes | None:
            path = _BASE.sub("", unquote(re.split("[?#]", address, maxsplit=1)[0]))
            for place in ("web_resources", "", folder):
                name = posixpath.normpath(posixpath.join(place, path.lstrip("/")))
                if name in self.names:
                    return self._content(name)
            return None

        return file_in

    def _content(self, name: str) -> bytes | None:
        """The first bytes of a file: more than an image may have, if it has so many."""
        if name not in self.read:
            with suppress(*_UNREADABLE), self.package.open(name) as file:
                self.read[name] = file.read(MAX_IMAGE_BYTES + 1)
            if name in self.left_out:
                self.left_out.remove(name)
        return self.read.get(name)


def _parsed(xml: bytes, name: str) -> Element:
    try:
        return parsed(xml)
    except BankError as error:
        raise BankError(f"{PurePosixPath(name).name} in the zip: {error}") from None


def _is_qti2(xml: bytes) -> bool:
    return any(_begins_with(tag, xml) for tag in _QTI_2)


def _begins_with(tag: str, xml: bytes) -> bool:
    """A guess whether the first element has this name, which may have a prefix."""
    return re.search(rf"<(?:[\w.-]+:)?{tag}\b", beginning(xml)) is not None


def _in_order(package: zipfile.ZipFile, names: list[str]) -> list[str]:
    """The manifest's order, then the others as they are in the zip."""
    order: dict[str, int] = {}
    if _MANIFEST in names:
        with package.open(_MANIFEST) as file:
            manifest = _parsed(file.read(MAX_BYTES + 1), _MANIFEST)
        for element in manifest.iter("file"):
            order.setdefault(element.get("href", ""), len(order))
    return sorted(dict.fromkeys(names), key=lambda name: order.get(name, len(order)))


def _is_double(name: str, documents: dict[str, Element]) -> bool:
    folder = PurePosixPath(name).parent.name
    return folder != _CANVAS_ONLY and f"{_CANVAS_ONLY}/{folder}.xml.qti" in documents


def _notes(left_out: list[str]) -> list[str]:
    settings = sum(PurePosixPath(name).name == "assessment_meta.xml" for name in left_out)
    files = [name for name in left_out if PurePosixPath(name).name not in _SETTINGS]
    notes = []
    if settings:
        notes.append(
            "the settings of quizzes are left out, such as their description, time limit and number of attempts"
        )
    if files:
        shown = ", ".join(PurePosixPath(name).name for name in files[:_SHOWN_NAMES])
        more = f" and {len(files) - _SHOWN_NAMES} more" if len(files) > _SHOWN_NAMES else ""
        notes.append(f"other files in the zip are left out: {shown}{more}")
    return notes
