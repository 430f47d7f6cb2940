"""Calls tests without pytest, as often as something that they look at changes."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import ModuleType
from typing import Any

Check = Callable[[], object]


def calls(modules: Iterable[ModuleType]) -> list[Check]:
    """Each test of the modules with each set of its parameters. A test may use no fixture."""
    return [
        partial(test, **arguments)
        for module in modules
        for name, test in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("test_")
        for arguments in _sets(test)
    ]


def fails(check: Check) -> bool:
    """Whether a test fails, with an assertion or because what it looks for is not there."""
    try:
        check()
    except Exception:
        return True
    return False


def _sets(test: Callable[..., object]) -> Iterator[dict[str, Any]]:
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    for chosen in itertools.product(*(list(_named(*mark.args)) for mark in marks)):
        arguments = {name: value for one in chosen for name, value in one.items()}
        assert arguments.keys() == inspect.signature(test).parameters.keys(), f"{test} uses a fixture"
        yield arguments


def _named(names: str | Iterable[str], sets: Iterable[Any]) -> Iterator[dict[str, Any]]:
    if isinstance(names, str):
        yield from ({names: value} for value in sets)
    else:
        yield from (dict(zip(names, values, strict=True)) for values in sets)
