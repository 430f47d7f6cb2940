"""The numbers and texts that a question accepts, as they are written and as they are published. Pure functions.

A form is a number or a text, or a mapping with it: `{value: 9.81, tolerance: 1%, share: 50, feedback: "..."}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from math import isfinite
from typing import Any, NamedTuple, TypeGuard

from ..shared.documents import AcceptedAnswer, AcceptedNumber, AcceptedText, Points
from ..shared.shares import share_of_percent
from . import written

# Exact for the sum of any two numbers that the schema allows: 50 digits each, with exponents from -999 to 999.
_EXACT = Context(prec=5000, Emax=MAX_EMAX, Emin=MIN_EMIN)
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
# As many digits as anybody would write out.
_MOST_DIGITS = 15


class Bounds(NamedTuple):
    """The numbers that a form accepts, bounds included."""

    low: Decimal
    high: Decimal


def forms(accepted: Any) -> list[Any]:
    """The forms of a field that has one form or a list of them."""
    return accepted if isinstance(accepted, list) else [accepted]


def percent_share(percent: Points) -> Fraction:
    """The share of the points that a number in a test's file stands for: 33.33333 is a third."""
    return share_of_percent(str(percent))


def is_percent(value: object) -> TypeGuard[Points]:
    """Whether a value in a document that may still have any shape is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def share_of(form: Any) -> Fraction:
    """The share of the points that a form earns."""
    given = form.get("share") if isinstance(form, Mapping) else None
    return percent_share(given) if is_percent(given) else Fraction(1)


def bounds(form: Any) -> Bounds | None:
    """The numbers that a form accepts, exactly; None if the form is not a right one."""
    if not isinstance(form, Mapping):
        form = {"value": form}
    if "value" not in form:
        low, high = _decimal(form.get("from")), _decimal(form.get("to"))
        return None if low is None or high is None else Bounds(low, high)
    value, tolerance = _decimal(form["value"]), str(form.get("tolerance", "0"))
    width = _decimal(tolerance.removesuffix("%"))
    if value is None or width is None:
        return None
    if tolerance.endswith("%"):
        width = _EXACT.scaleb(_EXACT.multiply(_EXACT.abs(value), width), -2)
    return Bounds(_EXACT.subtract(value, width), _EXACT.add(value, width))


def _decimal(text: object) -> Decimal | None:
    return Decimal(text) if isinstance(text, str) and _NUMBER.fullmatch(text) else None


def text_of(form: Any) -> Any:
    """The text of a form."""
    return form.get("text") if isinstance(form, Mapping) else form


def accepts_everything(text: str) -> bool:
    """Whether a text has nothing but stars that stand for any characters."""
    return not text.replace("\\*", "x").replace("*", "").strip()


def published_number(form: written.NumberForm | str) -> AcceptedNumber:
    """A right form as it is published."""
    found = bounds(form)
    assert found is not None  # noqa: S101  # the class has no problems
    number: AcceptedNumber = {"low": _written(found.low), "high": _written(found.high)}
    if not isinstance(form, Mapping):
        number["value"] = form
        return number
    if "value" in form:
        number["value"] = form["value"]
    _add_reply(number, form)
    return number


def published_text(form: written.TextForm | str) -> AcceptedText:
    """A right form as it is published."""
    if not isinstance(form, Mapping):
        return {"text": form}
    text: AcceptedText = {"text": form["text"]}
    _add_reply(text, form)
    return text


def _add_reply(accepted: AcceptedAnswer, form: written.NumberForm | written.TextForm) -> None:
    if share_of(form) != 1:
        accepted["share"] = form["share"]
    if "feedback" in form:
        accepted["feedback"] = form["feedback"].rstrip("\n")


def _written(number: Decimal) -> str:
    """A number without needless zeros, and with an exponent only if it would be very long without."""
    plain = _EXACT.plus(number).normalize(_EXACT)
    return f"{plain:f}" if abs(plain.adjusted()) < _MOST_DIGITS else str(plain)
