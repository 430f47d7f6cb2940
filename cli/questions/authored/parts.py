"""What the kinds of questions have in common when they become questions of a test's file."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from ansible_collections.training.test_time.plugins.module_utils.shared.documents import Points
from cli.questions.bank import AcceptedNumber, Answer

from common.shared.shares import percent_of_share

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


class WrittenNumber(str):
    """The text of a number, which has no quotation marks in a test's file."""

    __slots__ = ()


def with_reply(form: dict[str, Any], accepted: AcceptedNumber | Answer) -> dict[str, Any]:
    """An accepted answer of a test's file with its share, if it does not earn all points, and with its feedback."""
    share = {} if accepted.share == 1 else {"share": percent(accepted.share)}
    return form | share | ({} if accepted.feedback is None else {"feedback": accepted.feedback})


def feedback_in(form: Any) -> str | None:
    """The feedback of an accepted answer of a test's file."""
    return form["feedback"].rstrip("\n") if isinstance(form, Mapping) and "feedback" in form else None


def counted(number: int, thing: str) -> str:
    """`1 pair`, `2 pairs`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def refuse_too_many(number: int, thing: str) -> None:
    """Raise NotAuthored if there are more than a test's question can have."""
    if number > MOST_OPTIONS:
        raise NotAuthored(f"it has {number} {thing}s, and a test's question can have {MOST_OPTIONS}")
