"""Each protection in the templates is taken away once: a test of the templates, or else a gate of lint, must fail."""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.deployment.packaging import PackagingError

from gates.__main__ import GATES
from support import template_mutations
from support.in_process_tests import Check, calls, fails
from support.packaged import Json, as_written, packaged_templates
from support.template_mutations import RESOURCES, Mutation, mutations
from support.templates import NAMES, replaced

HERE = Path(__file__)
OTHERS = sorted(path.stem for path in HERE.parent.glob("test_*.py") if path != HERE)


@pytest.fixture(scope="module")
def documents() -> dict[str, Json]:
    """What the packaged templates are made of."""
    parts = [as_written(name, template) for name, template in packaged_templates().items()]
    return {name: document for part in parts for name, document in part.items()}


@pytest.fixture(scope="module")
def everything(documents: dict[str, Json]) -> list[Mutation]:
    return [mutation for name, document in documents.items() for mutation in mutations(name, document)]


def test_nothing_that_protects_can_be_taken_away_unnoticed(
    documents: dict[str, Json], everything: list[Mutation], record_property: Callable[[str, object], None]
) -> None:
    survivors = [
        str(mutation) for mutation in unnoticed(documents, everything) if not seen_by_a_gate(mutation, documents)
    ]
    assert len(everything) >= 60
    record_property("mutations of the templates", f"{len(everything)}, of which {len(survivors)} survived")
    assert not survivors, f"{len(survivors)} of {len(everything)} mutations survived:\n" + "\n".join(survivors)


def unnoticed(documents: dict[str, Json], everything: list[Mutation]) -> Iterator[Mutation]:
    """The mutations that no test of the templates notices. What noticed a mutation is asked first about like ones."""
    noticed: dict[Any, list[Check]] = {}
    with replaced(documents):
        checks = fastest_first(calls(importlib.import_module(f"tests.unit.templates.{name}") for name in OTHERS))
        for mutation in everything:
            likely = noticed.setdefault(mutation.kind(), [])
            with mutation.applied(documents):
                found = next((check for check in [*likely, *checks] if fails(check)), None)
            if found is None:
                yield mutation
            elif found not in likely:
                likely.insert(0, found)


def fastest_first(checks: list[Check]) -> list[Check]:
    """The tests, all of which must pass, by how long they take."""

    def seconds(check: Check) -> float:
        begun = time.perf_counter()
        check()
        return time.perf_counter() - begun

    return sorted(checks, key=seconds)


def seen_by_a_gate(mutation: Mutation, documents: dict[str, Json]) -> bool:
    """Whether packaging or one of the slower tools that lint asks refuses a mutation."""
    with mutation.applied(documents):
        texts = {f"{name}.json": json.dumps(document) for name, document in documents.items()}
    try:
        templates = packaged_templates(texts)
    except (PackagingError, KeyError):
        return True
    return any(gate.problems(templates) for gate in GATES.values())


@pytest.mark.parametrize("rule", ["PROTECTIONS", "ENTRIES", "WORSE"])
def test_every_name_in_a_rule_breaks_something(everything: list[Mutation], rule: str) -> None:
    reached = {step for mutation in everything for step in mutation.path}
    assert set(getattr(template_mutations, rule)) <= reached


def test_every_type_in_a_rule_is_deployed(documents: dict[str, Json]) -> None:
    deployed = {resource["Type"] for name in NAMES for resource in documents[name]["Resources"].values()}
    assert deployed >= RESOURCES


def test_a_mutation_leaves_nothing_behind(documents: dict[str, Json], everything: list[Mutation]) -> None:
    before = json.dumps(documents)
    for mutation in everything:
        with mutation.applied(documents):
            assert json.dumps(documents[mutation.document]) not in before
    assert json.dumps(documents) == before
