"""Questions for a number."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.class_content import written
from ansible_collections.training.test_time.plugins.module_utils.class_content.accepted import bounds, forms, share_of
from cli.questions.authored.accepted import Reading, earning
from cli.questions.authored.parts import Fields, WrittenNumber, feedback_in, with_reply
from cli.questions.bank import AcceptedNumber, Number

_EXACT = Context(prec=1_000)


def numeric(body: Number) -> Fields:
    """The numbers that are accepted. Raises NotAuthored."""
    accepted, losses = earning(body.accepted, _READING)
    found = [_form(each) for each in accepted]
    return Fields({"number": found[0] if len(found) == 1 else found}, losses)


def number(question: Mapping[str, Any]) -> Number:
    """The numbers that a test's question accepts."""
    return Number([_accepted(form) for form in forms(question["number"])])


def _form(accepted: AcceptedNumber) -> str | dict[str, Any]:
    form: dict[str, Any]
    if accepted.low == accepted.high:
        form = {"value": WrittenNumber(accepted.low)}
    elif accepted.value is not None:
        tolerance = _EXACT.subtract(accepted.high, accepted.value)
        form = {"value": WrittenNumber(accepted.value), "tolerance": WrittenNumber(tolerance)}
    else:
        form = {"from": WrittenNumber(accepted.low), "to": WrittenNumber(accepted.high)}
    form = with_reply(form, accepted)
    return form["value"] if form.keys() == {"value"} else form


def _accepted(form: written.NumberForm | str) -> AcceptedNumber:
    found = bounds(form)
    assert found is not None  # noqa: S101  # the class has no problems
    value = form.get("value") if isinstance(form, Mapping) and found.low < found.high else None
    middle = None if value is None else Decimal(value)
    return AcceptedNumber(found.low, found.high, share_of(form), feedback_in(form), middle)


def _in_words(accepted: AcceptedNumber) -> str:
    return str(accepted.low) if accepted.low == accepted.high else f"{accepted.low} to {accepted.high}"


_READING = Reading[AcceptedNumber](
    _in_words,
    key=lambda each: (each.low, each.high),
    overlap=lambda one, other: max(one.low, other.low) <= min(one.high, other.high),
)
