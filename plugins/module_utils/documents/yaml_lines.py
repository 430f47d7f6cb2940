"""Reads a YAML file and remembers the line of every field, so that errors can name it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 50_000_000
MAX_DEPTH = 20

FieldPath = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong in a file. `line` counts from 1; 0 where no line is to blame, `field` may be empty."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (f"{self.file}:{self.line or 1}", self.field, self.message) if part)


@dataclass
class Document:
    """A file's data, with the line of each field and each scalar as it is written.

    `lines` and `raw` are keyed by the path of keys and list positions: `("students", 0, "id")`.
    A list's or mapping's own line is the one it begins on.
    """

    file: str
    data: Any = None
    lines: dict[FieldPath, int] = field(default_factory=dict)
    raw: dict[FieldPath, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: FieldPath) -> int:
        """The line of a field, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: FieldPath, name: str, message: str) -> None:
        """Note that the field at `path`, called `name` in the message, is wrong."""
        self.problems.append(Problem(self.file, self.line(path), name, message))


def load_file(path: Path, shown_as: str, if_missing: str = "does not exist") -> Document:
    """The file's document. What makes it unreadable is a problem in it, never an exception.

    `if_missing`: what to say, and to advise, of a file that is not there.
    """
    document = Document(shown_as)
    try:
        if path.is_dir():
            document.problem((), "", "is a folder; a file is expected here")
        elif path.stat().st_size > MAX_BYTES:
            document.problem((), "", f"is larger than {MAX_BYTES // 1_000_000} MB")
        else:
            return load_text(path.read_bytes().decode("utf-8-sig"), shown_as)
    except FileNotFoundError:
        document.problem((), "", if_missing)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        document.problems.append(Problem(shown_as, line, "", "is not UTF-8 text; save the file as UTF-8"))
    except OSError as error:
        document.problem((), "", f"cannot be read: {error.strerror}")
    return document


def load_text(text: str, shown_as: str) -> Document:
    """The document in `text`; problems are those of YAML itself and keys that are written twice."""
    document = Document(shown_as)
    builder = _Builder(document)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except (_Unsupported, yaml.YAMLError) as error:
        document.data, document.raw = None, {}  # half a file would give rise to misleading errors
        document.problems.append(_unreadable(error, text, shown_as))
    if document.data is None and not document.problems:
        document.problem((), "", "is empty")
    return document


def _unreadable(error: Exception, text: str, file: str) -> Problem:
    if isinstance(error, _Unsupported):
        return Problem(file, error.line, "", str(error))
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        if "\t" in _indentation(text, line):
            return Problem(file, line, "", "is indented with a tab; YAML takes spaces alone")
        return Problem(file, line, "", f"is not valid YAML here: {error.problem}")
    position = getattr(error, "position", 0)
    line = text[: position if isinstance(position, int) else 0].count("\n") + 1
    return Problem(file, line, "", "has a character that YAML does not allow")


def _indentation(text: str, line: int) -> str:
    """What a line, counted from 1, begins with; the dashes of lists belong to it."""
    found = re.match(r"[\s-]*", "".join(text.split("\n")[line - 1 : line]))
    return found.group() if found else ""


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER: Any = yaml.resolver.Resolver()
_CONSTRUCTOR: Any = yaml.constructor.SafeConstructor()
_CONVERTED = {f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float")}


class _Unsupported(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass
class _Open:
    """A list or mapping whose end is not read yet. `key` is the mapping's key that waits for its value.

    `path` is None inside a field that is written twice: what is read there is left out.
    """

    container: dict[Any, Any] | list[Any]
    path: FieldPath | None
    key: str | None = None


class _Builder:
    """Builds data from PyYAML's events. It is a loop and not a recursion: depth cannot exhaust the stack."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        """Add what a PyYAML event says. Raises _Unsupported for YAML that a class has no use for."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise _Unsupported(line, "a second document (`---`) begins here; one file holds one document")
        elif isinstance(event, yaml.AliasEvent):
            raise _Unsupported(line, f"an alias (*{event.anchor}) is used; write the value out")
        elif isinstance(event, yaml.ScalarEvent):
            self._value(_scalar(event, line), line, event.value)
        elif isinstance(event, yaml.MappingStartEvent):
            self._begin({}, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin([], line)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._open.pop()

    def _begin(self, container: dict[Any, Any] | list[Any], line: int) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise _Unsupported(line, f"is nested more than {MAX_DEPTH} levels deep")
        if self._open and isinstance(self._open[-1].container, dict) and self._open[-1].key is None:
            raise _Unsupported(line, "a list or mapping stands where a field name is expected")
        self._open.append(_Open(container, self._value(container, line, None)))

    def _value(self, value: Any, line: int, raw: str | None) -> FieldPath | None:
        """Put a value where it belongs; its path. A mapping's scalars are its keys and values by turns."""
        if not self._open:
            self._document.data = value
            self._document.lines[()] = line
            return ()
        parent = self._open[-1]
        if isinstance(parent.container, list):
            parent.container.append(value)
            return self._record(parent, len(parent.container) - 1, line, raw)
        if parent.key is None:
            self._key(parent, value if isinstance(value, str) else raw or "", line)  # `no:` and `1:` are names here
            return None
        key, parent.key = parent.key, None
        if key in parent.container:
            return None  # the first one stands, and `_key` has noted the problem
        parent.container[key] = value
        return self._record(parent, key, line, raw)

    def _key(self, parent: _Open, key: str, line: int) -> None:
        parent.key = key
        if parent.path is None:
            return
        path = (*parent.path, key)
        if key in parent.container:
            message = f"is written twice (first on line {self._document.lines[path]}); keep one"
            self._document.problems.append(Problem(self._document.file, line, field_name(path), message))
        else:
            self._document.lines[path] = line

    def _record(self, parent: _Open, part: str | int, line: int, raw: str | None) -> FieldPath | None:
        if parent.path is None:
            return None
        path = (*parent.path, part)
        self._document.lines.setdefault(path, line)
        if raw is not None:
            self._document.raw[path] = raw
        return path


def _scalar(event: Any, line: int) -> Any:
    """None, bool, int, float as YAML 1.1 (and so Ansible) reads them; dates and all else stay text."""
    if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
        raise _Unsupported(line, f"the tag {event.tag} is not supported; write plain text")
    if event.tag is not None or not event.implicit[0]:
        return event.value
    tag = _RESOLVER.resolve(yaml.ScalarNode, event.value, (True, False))
    if tag not in _CONVERTED:
        return event.value
    try:
        return _CONSTRUCTOR.construct_object(yaml.ScalarNode(tag, event.value))
    except ValueError:  # `0x`, `1:99`: looks like a number and is none
        return event.value


def field_name(path: FieldPath) -> str:
    """A field as messages name it, list positions counted from 1: `questions[2].options.b`."""
    name = ""
    for part in path:
        name += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if name else part
    return name
