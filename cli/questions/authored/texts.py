"""Questions for a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from unicodedata import normalize

from cli.questions.authored.accepted import Reading, earning
from cli.questions.authored.parts import Fields, listed, percent, share_in
from cli.questions.bank import Answer, ShortText

_WILDCARD = re.compile(r"(?<!\\)\*")


def typed(body: ShortText) -> Fields:
    """The texts that are accepted, and how they are compared. Raises NotAuthored."""
    compared = partial(_compared, case_matters=body.case_matters, spaces_matter=body.spaces_matter)
    reading = Reading[Answer](
        lambda each: each.text,
        key=lambda each: compared(each.text),
        overlap=lambda one, other: _overlap(compared(one.text), compared(other.text)),
    )
    accepted, losses = earning(body.accepted, reading)
    forms = [_form(each) for each in accepted]
    fields: dict[str, Any] = {"accept": forms[0] if len(forms) == 1 else forms}
    fields |= {"case_matters": True} if body.case_matters else {}
    fields |= {"spaces_matter": True} if body.spaces_matter else {}
    return Fields(fields, losses)


def short_text(question: Mapping[str, Any]) -> ShortText:
    """The texts that a test's question accepts."""
    accepted = [_accepted(form) for form in listed(question["accept"])]
    return ShortText(accepted, question.get("case_matters", False), question.get("spaces_matter", False))


def _form(accepted: Answer) -> str | dict[str, Any]:
    form: dict[str, Any] = {"text": accepted.text}
    if accepted.share != 1:
        form["share"] = percent(accepted.share)
    if accepted.feedback is not None:
        form["feedback"] = accepted.feedback
    return accepted.text if len(form) == 1 else form


def _accepted(form: Any) -> Answer:
    if not isinstance(form, Mapping):
        return Answer(str(form), share_in({}))
    return Answer(form["text"], share_in(form), form["feedback"].rstrip("\n") if "feedback" in form else None)


def _compared(text: str, *, case_matters: bool, spaces_matter: bool) -> str:
    """`text` as it is compared with an answer."""
    text = normalize("NFC", text)
    text = text if spaces_matter else " ".join(text.split())
    return text if case_matters else text.casefold()


def _overlap(one: str, other: str) -> bool:
    """Whether an answer can fit both texts, in which `*` stands for any characters."""
    first, second = _segments(one), _segments(other)
    if len(first) > 1 and len(second) > 1:
        # What is between the ends of both can follow each other.
        return _agree(first[0], second[0], str.startswith) and _agree(first[-1], second[-1], str.endswith)
    return _fits(first[0], second) if len(first) == 1 else _fits(second[0], first)


def _segments(text: str) -> list[str]:
    """What is before, between and after the wildcards, with `*` for a star."""
    return [segment.replace("\\*", "*") for segment in _WILDCARD.split(text)]


def _agree(one: str, other: str, is_at_end: Callable[[str, str], bool]) -> bool:
    return is_at_end(one, other) or is_at_end(other, one)


def _fits(text: str, segments: Sequence[str]) -> bool:
    first, *others = segments
    if not others:
        return text == first
    *middle, last = others
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    position, end = len(first), len(text) - len(last)
    for segment in middle:
        found = text.find(segment, position, end)
        if found < 0:
            return False
        position = found + len(segment)
    return True
