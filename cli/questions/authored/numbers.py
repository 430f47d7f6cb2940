"""Questions for a number."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any

from cli.questions.authored.accepted import Reading, earning
from cli.questions.authored.parts import Fields, listed, percent, share_in
from cli.questions.bank import AcceptedNumber, Number

_EXACT = Context(prec=1_000)


def numeric(body: Number) -> Fields:
    """The numbers that are accepted. Raises NotAuthored."""
    accepted, losses = earning(body.accepted, _READING)
    forms = [_form(each) for each in accepted]
    return Fields({"number": forms[0] if len(forms) == 1 else forms}, losses)


def number(question: Mapping[str, Any]) -> Number:
    """The numbers that a test's question accepts."""
    return Number([_accepted(form) for form in listed(question["number"])])


def _form(accepted: AcceptedNumber) -> Decimal | dict[str, Any]:
    form: dict[str, Any]
    if accepted.low == accepted.high:
        form = {"value": accepted.low}
    elif accepted.value is not None:
        form = {"value": accepted.value, "tolerance": _EXACT.subtract(accepted.high, accepted.value)}
    else:
        form = {"from": accepted.low, "to": accepted.high}
    if accepted.share != 1:
        form["share"] = percent(accepted.share)
    if accepted.feedback is not None:
        form["feedback"] = accepted.feedback
    return accepted.low if form.keys() == {"value"} else form


def _accepted(form: Any) -> AcceptedNumber:
    if not isinstance(form, Mapping):
        return AcceptedNumber(_decimal(form), _decimal(form))
    feedback = form["feedback"].rstrip("\n") if "feedback" in form else None
    if "from" in form:
        return AcceptedNumber(_decimal(form["from"]), _decimal(form["to"]), share_in(form), feedback)
    value = _decimal(form["value"])
    tolerance = _tolerance(value, str(form.get("tolerance", 0)))
    low, high = _EXACT.subtract(value, tolerance), _EXACT.add(value, tolerance)
    return AcceptedNumber(low, high, share_in(form), feedback, value if tolerance else None)


def _tolerance(value: Decimal, written: str) -> Decimal:
    """`0.05`, or a percentage of the value: `1%`."""
    if written.endswith("%"):
        return _EXACT.multiply(value, Decimal(written.removesuffix("%"))).copy_abs().scaleb(-2, _EXACT)
    return Decimal(written)


def _decimal(written: Any) -> Decimal:
    return Decimal(str(written))


def _in_words(accepted: AcceptedNumber) -> str:
    return str(accepted.low) if accepted.low == accepted.high else f"{accepted.low} to {accepted.high}"


_READING = Reading[AcceptedNumber](
    _in_words,
    key=lambda each: (each.low, each.high),
    overlap=lambda one, other: max(one.low, other.low) <= min(one.high, other.high),
)
