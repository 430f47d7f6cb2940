"""The kinds of objects in the data bucket, as patterns with `*` for what differs between two of a kind."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cache

from common.shared import object_keys, probe

_IDS = dict.fromkeys(
    ("subject", "test", "test_id", "student", "api_key", "run_id", "batch", "id", "secret", "image"), "*"
)
_REPORT = {"prefix": object_keys.report_prefix("*", "*", "*")}


@cache
def kinds() -> frozenset[str]:
    """Every kind: what the functions in `object_keys` make.

    Two that IAM's wildcards cannot tell apart are one, as those of all objects in `runs/<runId>/failures/`.
    """
    found = {object_keys.CLASS, object_keys.ROSTER, object_keys.roster_key(probe.SUBJECT)}
    for name, make in inspect.getmembers(object_keys, inspect.isfunction):
        if name.endswith(("_key", "_keys")) and not name.startswith("is_"):
            found |= _kinds_of(make)
    return frozenset(kind for kind in found if not any(_fits(kind, other) for other in found - {kind}))


def kind_of(key: str) -> str:
    """The kind of a key."""
    [kind] = [kind for kind in kinds() if _fits(key, kind)]
    return kind


def _fits(key: str, kind: str) -> bool:
    return re.fullmatch("[^/]+".join(map(re.escape, kind.split("*"))), key) is not None


def example_of(kind: str) -> str:
    """A key of a kind."""
    return kind.replace("*", "x")


def _kinds_of(make: Callable[..., str | tuple[str, ...]]) -> set[str]:
    names = [each.name for each in inspect.signature(make).parameters.values() if each.default is each.empty]
    variants: list[dict[str, str]] = (
        [{"kind": kind} for kind in ("score", "reminder", "opening", "extension")] if "kind" in names else [{}]
    )
    found: set[str] = set()
    for variant in variants:
        given = {**_IDS, **_REPORT, **variant}
        made = make(**{name: given[name] for name in names})
        found |= {made} if isinstance(made, str) else set(made)
    # The record of a student is called by the hash of their key.
    return {re.sub(r"[0-9a-f]{64}", "*", key) for key in found}
