"""A test's questions, those of its pools among them: which number each has, and where it is written. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, NamedTuple, cast

from ..documents.yaml_lines import FieldPath
from . import written

# The schema's default.
PICK = 1
# A column of `values` in the question that is made from it.
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Asked(NamedTuple):
    """A question with its number. `place`: in the file, of the row if it is made from a table. `pool`: its name."""

    number: int
    question: written.Question
    place: FieldPath
    pool: str | None


def written_out(test: written.Test) -> written.Test:
    """A copy of a test without problems in which each pool has `questions`, also if they are made from a table."""
    copy = deepcopy(test)
    for pool in (cast("written.Pool", entry) for entry in copy["questions"] if is_pool(entry)):
        pool["questions"] = [question for question, _ in _members(pool)]
    return copy


def is_pool(entry: Mapping[str, object]) -> bool:
    """Whether an entry of a test's `questions` is a pool, right or not, and no question."""
    return bool(entry.keys() & {"pool", "questions", "question", "values"})


def asked(test: written.Test) -> list[Asked]:
    """All questions of a test without problems, in the order of the file, and so numbered from 1."""
    found: list[Asked] = []
    for position, entry in enumerate(test["questions"]):
        place: FieldPath = ("questions", position)
        if not is_pool(entry):
            found.append(Asked(len(found) + 1, cast("written.Question", entry), place, None))
            continue
        pool = cast("written.Pool", entry)
        for question, where in _members(pool):
            found.append(Asked(len(found) + 1, question, (*place, *where), pool["pool"]))
    return found


def _members(pool: written.Pool) -> list[tuple[written.Question, FieldPath]]:
    if "questions" in pool:
        return [(question, ("questions", at)) for at, question in enumerate(pool["questions"])]
    return [(filled(pool["question"], row), ("values", at)) for at, row in enumerate(pool["values"])]


def filled(template: Any, row: Mapping[str, str]) -> Any:
    """A question with the values of a row in place of their columns' names. Other braces stay as they are."""
    if isinstance(template, str):
        return PLACEHOLDER.sub(lambda found: row.get(found[1], found[0]), template)
    if isinstance(template, dict):
        return {name: filled(value, row) for name, value in template.items()}
    return [filled(value, row) for value in template] if isinstance(template, list) else template


def picks(test: written.Test) -> dict[str, int]:
    """How many questions of each pool a student gets, by the pool's name."""
    pools = [cast("written.Pool", entry) for entry in test["questions"] if is_pool(entry)]
    return {pool["pool"]: pool.get("pick", PICK) for pool in pools}


def question_count(test: written.Test) -> int:
    """How many questions each student gets."""
    return sum(each.pool is None for each in asked(test)) + sum(picks(test).values())
