"""Checks what a schema cannot express about a pool: students must get some of its questions, which are worth the same.

A pool may still have any shape: what the schema has found wrong is left alone here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from ..documents.quick_check import quick_check
from ..documents.schema_check import check, validator
from ..documents.yaml_lines import Document, FieldPath, field_name
from .pools import PICK, PLACEHOLDER, filled
from .question_rules import QuestionRules
from .questions import POINTS

_FEWER = "pick fewer of them, or write them outside a pool"


class QuestionSchema:
    """The schema of a question, made when it is needed first: that takes long. `folder`: where the schemas are."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def check(self, document: Document) -> bool:
        """As `schema_check.check`."""
        return check(document, self._validator, self._accepts)

    @cached_property
    def _validator(self) -> Draft202012Validator:
        return validator("test", self._folder, "question")

    @cached_property
    def _accepts(self) -> Callable[[Any], bool]:
        return quick_check(self._validator.schema)


@dataclass
class PoolRules:
    """The rules of one pool."""

    test: Document
    place: FieldPath
    pool: Mapping[str, Any]
    schema: QuestionSchema

    def check(self) -> int:
        """Add a problem to the document for each rule that the pool breaks. Returns how many questions it has."""
        made = [name for name in ("question", "values") if name in self.pool]
        if "questions" in self.pool:
            for name in made:
                self._problem((name,), "is not for a pool with `questions`; remove one of them")
            members = self._check_questions()
        elif len(made) == 2:
            members = self._check_variants()
        else:
            members = 0
            self._problem((), "has no questions; add `questions:`, or `question:` and `values:`")
        self._check_pick(members)
        return members

    def _check_pick(self, members: int) -> None:
        pick = self.pool.get("pick", PICK)
        if isinstance(pick, int) and 1 < members <= pick:
            self._problem(("pick",), f"is {pick}, and the pool has {members} questions; {_FEWER}")

    def _check_questions(self) -> int:
        questions = _listed(self.pool["questions"])
        worth: Any = None
        for number, question in enumerate(questions):
            if not isinstance(question, dict):
                continue
            QuestionRules(self.test, (*self.place, "questions", number), question).check()
            points = question.get("points", POINTS)
            worth = points if worth is None else worth
            if points != worth:
                place: FieldPath = ("questions", number, "points") if "points" in question else ("questions", number)
                message = f"is worth {points}, and another question of the pool {worth}; make their points equal"
                self._problem(place, message)
        return len(questions)

    def _check_variants(self) -> int:
        template, rows = self.pool["question"], _listed(self.pool["values"])
        if not isinstance(template, dict) or not all(map(_is_row, rows)):
            return len(rows)
        before = len(self.test.problems)
        self._check_rows(rows)
        self._check_columns(template, rows)
        if len(self.test.problems) == before:
            self._check_filled(template, rows)
        return len(rows)

    def _check_rows(self, rows: list[dict[str, str]]) -> None:
        seen: dict[tuple[tuple[str, str], ...], int] = {}
        for number, row in enumerate(rows):
            place = ("values", number)
            missing = [column for column in rows[0] if column not in row]
            added = [column for column in row if column not in rows[0]]
            if missing or added:
                what = " and ".join(
                    f"{word} {', '.join(columns)}" for word, columns in (("lacks", missing), ("adds", added)) if columns
                )
                self._problem(place, f"{what}; give each row the columns of the first one ({', '.join(rows[0])})")
            first = seen.setdefault(tuple(sorted(row.items())), number)
            if first != number:
                self._problem(place, f"is the same as row {first + 1}; change or remove one of them")

    def _check_columns(self, template: dict[str, Any], rows: list[dict[str, str]]) -> None:
        columns = list(dict.fromkeys(column for row in rows for column in row))
        used: set[str] = set()
        for place, text in _texts(template, ("question",)):
            names = PLACEHOLDER.findall(text)
            used.update(names)
            for name in dict.fromkeys(name for name in names if name not in columns):
                message = f"{{{name}}} is not a column of `values` ({', '.join(columns)}); add it there, or write"
                self._problem(place, f"{message} {{ {name} }} if the braces are to be shown")
        for column in columns:
            if column not in used:
                number = next(number for number, row in enumerate(rows) if column in row)
                message = f"is a column that `question` does not use; write {{{column}}} there, or remove the column"
                self._problem(("values", number, column), message)

    def _check_filled(self, template: dict[str, Any], rows: list[dict[str, str]]) -> None:
        """Check each question that is made. A problem is shown for the first row that has it."""
        place = (*self.place, "question")
        inside = {path: line for path, line in self.test.lines.items() if path[: len(place)] == place}
        lines = {path[len(place) :]: line for path, line in inside.items()}
        shown: set[tuple[str, str]] = set()
        for number, row in enumerate(rows):
            made = Document(self.test.file, filled(template, row), lines)
            if self.schema.check(made):
                QuestionRules(made, (), made.data).check()
            for problem in made.problems:
                if (problem.field, problem.message) not in shown:
                    shown.add((problem.field, problem.message))
                    name = ".".join(part for part in (field_name(place), problem.field) if part)
                    line = self.test.line((*self.place, "values", number))
                    message = f"{problem.message} (with row {number + 1} of `values`, on line {line})"
                    self.test.problem_on(problem.line, name, message)

    def _problem(self, place: FieldPath, message: str) -> None:
        path = (*self.place, *place)
        self.test.problem(path, field_name(path), message)


def _is_row(row: object) -> bool:
    return isinstance(row, dict) and all(isinstance(value, str) for value in row.values())


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any, place: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    """Each text in a value, with its place."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for name, entry in value.items():
            yield from _texts(entry, (*place, name))
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _texts(entry, (*place, number))
