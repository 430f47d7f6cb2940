"""Edits the text of a `students.yml` where it changes: comments, order and everything else stay as they are.

ruamel.yaml's round trip is not used: it drops a comment above `---`, and with a student the comments of the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml
from ansible_collections.training.test_time.plugins.module_utils.class_content.written import Student
from cli.students.comparison import Difference

EMPTY = "---\nstudents: []\n"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FIELDS = ("id", "name", "email", "external_id", "subjects")


class CannotEdit(Exception):
    """The file is written in a way that cannot be edited. The message says how to write it."""


@dataclass(frozen=True)
class _Edit:
    """Characters `start` to `end` become `text`."""

    start: int
    end: int
    text: str


def edited(text: str, difference: Difference) -> str:
    """The text with the difference. It must be valid YAML with a list `students`. Raises CannotEdit."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)
    newline = "\r\n" if "\r\n" in text else "\n"
    if not text.endswith(newline):
        text += newline
    root: Any = yaml.compose(text, Loader=_LOADER)
    key, listed = next(pair for pair in root.value if pair[0].value == "students")
    if listed.value and listed.flow_style:
        raise CannotEdit("students is written as [...]; write each student on a line of their own that begins with -")
    edits = []
    for entry in listed.value:
        student = _values(entry)
        id = student["id"].value
        if id in difference.removed:
            edits.append(_removal(text, entry, id))
        for name, value in difference.changed.get(id, {}).items():
            edits.append(_change(text, entry, student, name, value, newline))
    if difference.added:
        edits.append(_addition(text, key, listed, difference.added, newline))
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return mark + text


def _values(mapping: Any) -> dict[str, Any]:
    return {key.value: value for key, value in mapping.value}


def _written(value: object) -> str:
    """A value as YAML on one line, as it can be inside `[...]` too."""
    text: str = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=10**9)
    return text.strip()[1:-1]


def _end(text: str, node: Any) -> int:
    """Where a node ends. YAML's own mark is where the next one begins, after comments, unless it is on one line."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return len(text[: node.end_mark.index].rstrip())
    last = node.value[-1]
    return _end(text, last[1] if isinstance(node, yaml.MappingNode) else last)


def _line_end(text: str, node: Any, newline: str) -> int:
    """Where the line on which a node ends does, before its line break."""
    return text.index(newline, _end(text, node))


def _removal(text: str, entry: Any, id: str) -> _Edit:
    """A student's ID stays in a comment: it must not be given to another student."""
    start = text.rindex("-", 0, entry.start_mark.index)
    rest = text[_end(text, entry) :].splitlines()[0]
    return _Edit(start, _end(text, entry) + len(rest), f"# Former student: {id}")


def _change(text: str, entry: Any, student: dict[str, Any], name: str, value: Any, newline: str) -> _Edit:
    if name in student:
        node = student[name]
        if isinstance(node, yaml.SequenceNode) and not node.flow_style:
            indent = " " * node.start_mark.column
            items = newline.join(f"{indent}- {_written(item)}" for item in value).lstrip()
            return _Edit(node.start_mark.index, _end(text, node), items or "[]")
        return _Edit(node.start_mark.index, _end(text, node), _written(value))
    before = student["email"]
    if entry.flow_style:
        place = _end(text, before)
        return _Edit(place, place, f", {name}: {_written(value)}")
    place = _line_end(text, before, newline)
    return _Edit(place, place, f"{newline}{' ' * entry.start_mark.column}{name}: {_written(value)}")


def _addition(text: str, key: Any, listed: Any, added: list[Student], newline: str) -> _Edit:
    if not listed.value:
        indent, content = 2, 4
        start = text.index(":", key.end_mark.index) + 1
        end = max(start, _end(text, listed))
    else:
        last = listed.value[-1]
        indent, content = listed.start_mark.column, last.start_mark.column
        start = end = _line_end(text, last, newline)
    apart = len(listed.value) < 2 or _is_apart(text, listed.value[-1])
    entries = [_entry(student, indent, content, newline) for student in added]
    between = newline * 2 if apart else newline
    first = between if listed.value else newline
    return _Edit(start, end, first + between.join(entries))


def _is_apart(text: str, entry: Any) -> bool:
    """Whether there is an empty line before a student."""
    lines = text[: entry.start_mark.index].splitlines()[:-1]
    while lines and lines[-1].lstrip().startswith("#"):
        lines.pop()
    return bool(lines) and not lines[-1].strip()


def _entry(student: Student, indent: int, content: int, newline: str) -> str:
    value: Callable[[str], object] = dict(student).__getitem__
    lines = [f"{name}: {_written(value(name))}" for name in _FIELDS if name in student]
    first = f"{' ' * indent}-{' ' * (content - indent - 1)}{lines[0]}"
    return newline.join([first, *(f"{' ' * content}{line}" for line in lines[1:])])
