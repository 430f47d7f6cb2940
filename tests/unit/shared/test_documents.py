"""docs/data-model.md and the types of common/shared/documents.py say the same."""

from __future__ import annotations

import ast
import json
import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from common.shared import documents

PAGE = Path(__file__).parents[3] / "docs" / "data-model.md"
# A type's name in brackets, in the text before an example: (`Score`), (`list[ManifestItem]`).
NAME = re.compile(r"\(`(?:list\[)?([A-Z]\w+)\]?`\)")
EXAMPLE = re.compile(r"^ *```json\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
TYPES = {name: kind for name, kind in vars(documents).items() if is_typeddict(kind)}


def examples() -> Iterator[tuple[str, Any]]:
    """Each JSON example of the page with the name of its type, the last one named before it."""
    page, end = PAGE.read_text(), 0
    for block in EXAMPLE.finditer(page):
        names = NAME.findall(page[end : block.start()])
        assert names, f"no type is named before the example {block.group(1)[:60]}..."
        end = block.end()
        value = json.loads(block.group(1))
        yield from ((names[-1], item) for item in (value if isinstance(value, list) else [value]))


class Mismatch(Exception):
    """A value is not what its type says. The message says where."""


class Checker:
    """Compares values with types. `seen`: the TypedDicts met so far, each with the fields that some value had."""

    def __init__(self) -> None:
        self.seen: dict[str, set[str]] = {}

    def check(self, value: Any, kind: Any, where: str) -> None:
        """Raise Mismatch unless `value` is of the type `kind`."""
        origin, arguments = get_origin(kind), get_args(kind)
        if is_typeddict(kind):
            self._fields(value, kind, where)
        elif origin is NotRequired:
            self.check(value, arguments[0], where)
        elif origin is Literal:
            self._require(value in arguments, value, kind, where)
        elif origin in (Union, types.UnionType):
            self._any(value, arguments, where)
        elif origin is list:
            self._require(isinstance(value, list), value, kind, where)
            for place, item in enumerate(value):
                self.check(item, arguments[0], f"{where}[{place}]")
        elif origin is dict:
            self._require(isinstance(value, dict), value, kind, where)
            for key, item in value.items():
                self.check(item, arguments[1], f"{where}.{key}")
        else:
            exact = type(value) is kind or (kind is float and type(value) is int)
            self._require(exact, value, kind, where)

    def _fields(self, value: Any, kind: Any, where: str) -> None:
        self._require(isinstance(value, dict), value, kind, where)
        hints = get_type_hints(kind, include_extras=True)
        required = {name for name in kind.__required_keys__ if get_origin(hints[name]) is not NotRequired}
        if unknown := value.keys() - hints.keys():
            raise Mismatch(f"{where}: {kind.__name__} has no field {', '.join(sorted(unknown))}")
        if missing := required - value.keys():
            raise Mismatch(f"{where}: {kind.__name__} lacks {', '.join(sorted(missing))}")
        for name, item in value.items():
            self.check(item, hints[name], f"{where}.{name}")
        self.seen.setdefault(kind.__name__, set()).update(value)

    def _any(self, value: Any, kinds: tuple[Any, ...], where: str) -> None:
        errors = []
        for kind in kinds:
            try:
                return self.check(value, type(None) if kind is None else kind, where)
            except Mismatch as error:
                errors.append(str(error))
        raise Mismatch(" | ".join(errors))

    @staticmethod
    def _require(holds: bool, value: Any, kind: Any, where: str) -> None:
        if not holds:
            raise Mismatch(f"{where}: {value!r} is not {kind}")


@pytest.fixture(scope="module")
def page() -> Checker:
    """The page's examples, all checked."""
    checker = Checker()
    for name, value in examples():
        checker.check(value, TYPES[name], name)
    return checker


def bases() -> set[str]:
    """The TypedDicts that another one extends."""
    tree = ast.parse(Path(documents.__file__).read_text())
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return {base.id for node in classes for base in node.bases if isinstance(base, ast.Name)}


def stored() -> list[str]:
    """The TypedDicts whose docstring begins by saying where they are stored."""
    return [
        name
        for name, kind in TYPES.items()
        if re.search(r"`[a-z-]+/|`roster\.jsonl`", (kind.__doc__ or "").partition(":")[0].partition(". ")[0])
    ]


def test_each_example_has_all_fields_of_its_type_and_no_other(page: Checker) -> None:
    assert len(page.seen) > 20


@pytest.mark.parametrize("name", stored())
def test_each_stored_document_has_an_example(name: str) -> None:
    assert name in {shown for shown, _ in examples()}


def test_every_type_and_every_optional_field_is_in_an_example(page: Checker) -> None:
    assert TYPES.keys() - page.seen.keys() - bases() == set()
    unseen = {name: get_type_hints(TYPES[name]).keys() - fields for name, fields in page.seen.items()}
    assert {name: fields for name, fields in unseen.items() if fields} == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Option", {"id": "a"}),
        ("Option", {"id": "a", "text": "x", "right": True}),
        ("Option", {"id": "a", "text": 1}),
        ("Option", []),
        ("ManifestItem", {"runId": "r", "batch": True}),
        ("ManifestItem", {"runId": "r", "batch": 0.5}),
        ("Late", {"untilHours": "24", "credit": 0.8}),
        ("MissingRow", {"studentId": "s1", "name": "Ada", "status": "open"}),
        ("Results", {"rows": [{"studentId": "s1", "name": "Ada", "status": "open"}]}),
        ("Mails", {"rows": [{"studentId": "s1", "kind": "score", "state": "lost", "content": {}}]}),
        ("StudentRecord", {"studentId": "s1", "name": "Ada", "subjects": ["a"], "deadlines": {"a/b": 1}}),
    ],
)
def test_a_document_that_differs_from_its_type_is_found(name: str, value: Any) -> None:
    with pytest.raises(Mismatch):
        Checker().check(value, TYPES[name], name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Option", {"id": "a", "text": "x"}),
        ("Late", {"untilHours": 24, "credit": 0.8}),
        ("MailContent", {}),
        ("MissingRow", {"studentId": "s1", "name": "Ada", "status": "missing"}),
    ],
)
def test_a_document_of_its_type_passes(name: str, value: Any) -> None:
    Checker().check(value, TYPES[name], name)
