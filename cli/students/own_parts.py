"""Which part of an object is about a student, and what is left without it. Pure functions."""

from __future__ import annotations

import contextlib
import csv
import html
import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from ansible_collections.training.test_time.plugins.module_utils.shared.canonical_json import canonical_json
from cli.students.report_page import cut


class Parts(NamedTuple):
    """`own`: what an object says about a student: objects of JSON, rows, lines. `rest`: the object without it.

    `rest` is None if the whole object is about the student.
    """

    own: list[Any]
    rest: bytes | None


def parts(key: str, body: bytes, student: str) -> Parts:
    """Take an object apart. `own` is empty, and `rest` the object itself, if it is not about the student."""
    takers = {"json": _json, "jsonl": _lines, "csv": _rows, "html": _page}
    taker = takers.get(key.rsplit(".", 1)[-1])
    try:
        found = taker(body, student) if taker else Parts([], body)
    except ValueError:
        return Parts([], body)
    return found if found.own else Parts([], body)


def _is_own(value: Any, student: str) -> bool:
    return isinstance(value, dict) and value.get("studentId") == student


def _json(body: bytes, student: str) -> Parts:
    own: list[Any] = []

    def without(value: Any) -> Any:
        if isinstance(value, list):
            own.extend(each for each in value if _is_own(each, student))
            return [without(each) for each in value if not _is_own(each, student)]
        if isinstance(value, dict):
            return {name: without(each) for name, each in value.items()}
        return value

    document = json.loads(body)
    if _is_own(document, student):
        return Parts([document], None)
    rest = without(document)
    return Parts(own, canonical_json(rest))


def _lines(body: bytes, student: str) -> Parts:
    lines = [(line, json.loads(line)) for line in body.splitlines(keepends=True)]
    own = [value for _, value in lines if _is_own(value, student)]
    return Parts(own, b"".join(line for line, value in lines if not _is_own(value, student)))


def _rows(body: bytes, student: str) -> Parts:
    text = body.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    column = rows[0].index("studentId") if rows else 0
    kept = io.StringIO(newline="")
    csv.writer(kept).writerows(row for row in rows if row[column : column + 1] != [student])
    own = [dict(zip(rows[0], row, strict=False)) for row in rows if row[column : column + 1] == [student]]
    return Parts(own, b"\xef\xbb\xbf" + kept.getvalue().encode())


def _page(body: bytes, student: str) -> Parts:
    lines, rest = cut(body.decode(), student)
    return Parts(lines, rest.encode())


def mentions(key: str, body: bytes, words: Iterable[str]) -> bool:
    """Whether a text has one of the words, however it is escaped. A word within a longer one does not count."""
    text = body.decode(errors="replace")
    if key.endswith(".json"):
        text = " ".join(_texts(text))
    shown = unquote(html.unescape(text))
    return any(_as_word(word).search(shown) for word in words)


def _texts(value: Any) -> Iterator[str]:
    """All texts in a value of JSON, also in a text that is JSON itself."""
    if isinstance(value, dict):
        yield from (text for item in value.items() for each in item for text in _texts(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in _texts(each))
    elif isinstance(value, str):
        yield value
        with contextlib.suppress(ValueError):
            inner = json.loads(value)
            if not isinstance(inner, str):
                yield from _texts(inner)


def _as_word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.~@-]){re.escape(word)}(?![\w~@-]|\.\w)", re.IGNORECASE)
