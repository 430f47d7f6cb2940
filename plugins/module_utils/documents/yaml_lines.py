"""Reads a YAML file with the line of every field, so that messages can name it."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ..shared.harmful_characters import escaped

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_PROBLEMS = 100  # shown of a file: nobody reads more
MAX_NUMBER = 250  # characters: such a whole number can be calculated with and shown, in whatever base it is written

_EMPTY = "is empty; write its fields, as docs/authoring.md describes"

FieldPath = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong in a file. `line` counts from 1, or is 0 if it is about the whole file; `field` may be empty.

    As text it is one line without control characters, whatever the names of files and fields contain.
    """

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        text = ": ".join(part for part in (f"{self.file}:{self.line or 1}", self.field, self.message) if part)
        line = escaped(text).replace("\n", r"\x0a").replace("\t", r"\x09")
        return line.encode("utf-8", "backslashreplace").decode()  # the name of a file may not be UTF-8


@dataclass
class Document:
    """A file's data, with the line of each field, and each scalar as written.

    The keys of `lines` and `raw` are paths of field names and list positions: `("students", 0, "id")`.
    The line of a list or mapping is the one on which it begins. `faulty` has the names of the fields with a problem.
    """

    file: str
    data: Any = None
    lines: dict[FieldPath, int] = field(default_factory=dict)
    raw: dict[FieldPath, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    faulty: set[str] = field(default_factory=set)

    def line(self, path: FieldPath) -> int:
        """The line of a field, or of the nearest field that contains it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def value(self, path: FieldPath) -> Any:
        """The value of a field that the document has."""
        value = self.data
        for part in path:
            value = value[part]
        return value

    def problem(self, path: FieldPath, name: str, message: str) -> None:
        """Add a problem with the field at `path`, called `name` in the message."""
        self.problem_on(self.line(path), name, message)

    def problem_on(self, line: int, name: str, message: str) -> None:
        """Add a problem with the field `name` on a line."""
        self.problems.append(Problem(self.file, line, name, message))
        self.faulty.add(name)

    def first_problems(self) -> list[Problem]:
        """The problems, sorted; of many, the first ones, after one that says so."""
        found = sorted(set(self.problems))
        if len(found) <= MAX_PROBLEMS:
            return found
        return [
            Problem(self.file, 0, "", f"has more than {MAX_PROBLEMS} problems, of which the first follow"),
            *found[:MAX_PROBLEMS],
        ]


def load_file(
    path: Path,
    shown_as: str,
    if_missing: str = "does not exist",
    max_bytes: int = MAX_BYTES,
    if_empty: str | None = _EMPTY,
) -> Document:
    """The file's document. If the file cannot be read, the document has a problem; no exception is raised.

    `if_missing`, `if_empty`: the message for such a file: what is wrong and what to do. None: it may be empty.
    """
    document = Document(shown_as)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            document.problem((), "", "is a folder; replace it with a file")
        elif not stat.S_ISREG(status.st_mode):  # reading a pipe or a device might never end
            document.problem((), "", "is not a regular file; replace it with one")
        elif status.st_size > max_bytes:
            document.problem((), "", f"is larger than {max_bytes // 1_000_000} MB; make it smaller")
        else:
            content = path.read_bytes() if status.st_size else b""  # reading one in /proc might never end
            return load_text(content.decode("utf-8-sig"), shown_as, if_empty)
    except FileNotFoundError:
        document.problem((), "", if_missing)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        document.problems.append(Problem(shown_as, line, "", "is not UTF-8 text; save the file as UTF-8"))
    except OSError as error:
        document.problem((), "", unreadable(error))
    return document


def unreadable(error: OSError) -> str:
    """The message for a file or folder that cannot be read."""
    return f"cannot be read: {error.strerror}; check its permissions"


def load_text(text: str, shown_as: str, if_empty: str | None = _EMPTY) -> Document:
    """The document in `text`. Its problems are YAML errors and repeated fields. `if_empty`: as for `load_file`."""
    document = Document(shown_as)
    builder = _Builder(document)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except (_Unsupported, yaml.YAMLError) as error:
        document.data, document.raw = None, {}  # half a file would cause misleading messages
        document.problems.append(_unreadable(error, text, shown_as))
    if if_empty and document.data is None and not document.problems:
        document.problem((), "", if_empty)
    return document


def _unreadable(error: Exception, text: str, file: str) -> Problem:
    if isinstance(error, _Unsupported):
        return Problem(file, error.line, "", str(error))
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        if "\t" in _indentation(text, line):
            return Problem(file, line, "", "is indented with a tab; use spaces")
        hint = next((hint for words, hint in _HINTS.items() if words in str(error.problem)), error.problem)
        return Problem(file, line, "", f"is not valid YAML: {hint}")
    position = getattr(error, "position", 0)
    line = text[: position if isinstance(position, int) else 0].count("\n") + 1
    return Problem(file, line, "", "has a character that YAML does not allow; remove it")


# What to do about the mistakes that are made most often, by words of PyYAML's and libyaml's messages.
_HINTS = {
    "mapping values are not allowed": """a text with ': ' must be in quotes, such as "Note: this", or the line is"""
    " indented too far",
    "cannot start any token": "a text that begins with @, `, % or a similar character must be in quotes",
}


def _indentation(text: str, line: int) -> str:
    """The indentation of a line, counted from 1, including the dashes of lists."""
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
    """A list or mapping whose end has not been read yet. `key`: a mapping's key whose value comes next.

    `path` is None inside a repeated field, whose content is left out.
    """

    container: dict[Any, Any] | list[Any]
    path: FieldPath | None
    key: str | None = None


class _Builder:
    """Builds data from PyYAML's events, without recursion: deep nesting cannot exhaust the stack."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        """Add a PyYAML event. Raises _Unsupported for YAML features that a class does not need."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise _Unsupported(line, "a second YAML document (`---`) begins here; keep one document in each file")
        elif isinstance(event, yaml.AliasEvent):
            raise _Unsupported(line, f"an alias (*{event.anchor}) is not supported; write out the value")
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
            raise _Unsupported(line, f"is nested more than {MAX_DEPTH} levels deep; simplify it")
        if self._open and isinstance(self._open[-1].container, dict) and self._open[-1].key is None:
            raise _Unsupported(line, "has a list or mapping in place of a field name; write a name")
        self._open.append(_Open(container, self._value(container, line, None)))

    def _value(self, value: Any, line: int, raw: str | None) -> FieldPath | None:
        """Add a value to what contains it; return its path. In a mapping, keys and values alternate."""
        if not self._open:
            self._document.data = value
            self._document.lines[()] = line
            return ()
        parent = self._open[-1]
        if isinstance(parent.container, list):
            parent.container.append(value)
            return self._record(parent, len(parent.container) - 1, line, raw)
        if parent.key is None:
            self._key(parent, value if isinstance(value, str) else raw or "", line)  # `no:` and `1:` are field names
            return None
        key, parent.key = parent.key, None
        if key in parent.container:
            return None  # the first one stays, and `_key` has added the problem
        parent.container[key] = value
        return self._record(parent, key, line, raw)

    def _key(self, parent: _Open, key: str, line: int) -> None:
        parent.key = key
        if parent.path is None:
            return
        path = (*parent.path, key)
        if key in parent.container:
            message = f"appears twice (first on line {self._document.lines[path]}); keep one"
            self._document.problem_on(line, field_name(path), message)
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
    """None, bool, int and float as YAML 1.1, and so Ansible, reads them; anything else stays text.

    That includes dates, and whole numbers that are too long.
    """
    if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
        raise _Unsupported(line, f"the tag {event.tag} is not supported; write plain text")
    if event.tag is not None or not event.implicit[0]:
        return event.value
    tag = _RESOLVER.resolve(yaml.ScalarNode, event.value, (True, False))
    if tag not in _CONVERTED or (tag == "tag:yaml.org,2002:int" and len(event.value) > MAX_NUMBER):
        return event.value
    try:
        return _CONSTRUCTOR.construct_object(yaml.ScalarNode(tag, event.value))
    except (ValueError, OverflowError):  # `0x`, `1:99`: looks like a number but is not one, or one that is too large
        return event.value


def field_name(path: FieldPath) -> str:
    """A field's name in messages, with list positions counted from 1: `questions[2].options.b`."""
    name = ""
    for part in path:
        name += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if name else part
    return name
