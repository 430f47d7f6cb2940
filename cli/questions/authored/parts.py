"""What the kinds of questions have in common when they become questions of a test's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from ansible_collections.training.test_time.plugins.module_utils.shared.documents import Points

from common.shared.shares import percent_of_share, share_of_percent

MOST_OPTIONS = 26


class NotAuthored(Exception):
    """A test's file cannot have the question. The message is a sentence without a full stop that says why."""


class Fields(NamedTuple):
    """The fields of a question in a test's file that only its kind has, and what is lost."""

    fields: dict[str, Any]
    losses: list[str]


def percent(share: Fraction) -> Points:
    """A share as a test's file has it: `50`, or `33.33333` for a third."""
    text = percent_of_share(share)
    return float(text) if "." in text else int(text)


def share_in(form: Mapping[str, Any]) -> Fraction:
    """The share of the points that an accepted answer of a test's file earns."""
    return share_of_percent(str(form["share"])) if "share" in form else Fraction(1)


def listed(forms: Any) -> Sequence[Any]:
    """The accepted answers of a test's file, which may be one that is not in a list."""
    return forms if isinstance(forms, list) else [forms]


def counted(number: int, thing: str) -> str:
    """`1 pair`, `2 pairs`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def refuse_too_many(number: int, thing: str) -> None:
    """Raise NotAuthored if there are more than a test's question can have."""
    if number > MOST_OPTIONS:
        raise NotAuthored(f"it has {number} {thing}s, and a test's question can have {MOST_OPTIONS}")
