"""Questions for a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.class_content.accepted import (
    accepts_everything,
    forms,
    share_of,
    text_of,
)
from ansible_collections.training.test_time.plugins.module_utils.shared.compared_texts import comparable_text
from cli.questions.authored.accepted import Reading, earning
from cli.questions.authored.parts import Fields, NotAuthored, feedback_in, with_reply
from cli.questions.bank import Answer, ShortText
from cli.questions.text_file import quoted

_WILDCARD = re.compile(r"(?<!\\)\*")


def typed(body: ShortText) -> Fields:
    """The texts that are accepted, and how they are compared. Raises NotAuthored."""
    compared = partial(comparable_text, case_matters=body.case_matters, spaces_matter=body.spaces_matter)
    reading = Reading[Answer](
        lambda each: each.text,
        key=lambda each: compared(each.text),
        overlap=lambda one, other: _overlap(compared(one.text), compared(other.text)),
    )
    with_words = [each for each in body.accepted if not accepts_everything(each.text)]
    if body.accepted and not with_words:
        raise NotAuthored("it accepts every answer")
    accepted, losses = earning(with_words, reading)
    losses = [*_losses_of_everything(body.accepted), *losses]
    found = [_form(each) for each in accepted]
    fields: dict[str, Any] = {"accept": found[0] if len(found) == 1 else found}
    fields |= {"case_matters": True} if body.case_matters else {}
    fields |= {"spaces_matter": True} if body.spaces_matter else {}
    return Fields(fields, losses)


def short_text(question: Mapping[str, Any]) -> ShortText:
    """The texts that a test's question accepts."""
    accepted = [Answer(text_of(form), share_of(form), feedback_in(form)) for form in forms(question["accept"])]
    return ShortText(accepted, question.get("case_matters", False), question.get("spaces_matter", False))


def _form(accepted: Answer) -> str | dict[str, Any]:
    form = with_reply({"text": accepted.text}, accepted)
    return accepted.text if form.keys() == {"text"} else form


def _losses_of_everything(accepted: Sequence[Answer]) -> list[str]:
    """What a text loses that every answer fits."""
    losses = []
    for each in accepted:
        if accepts_everything(each.text) and each.share:
            losses.append("the points for all other answers are left out")
        if accepts_everything(each.text) and each.feedback:
            losses.append(f"the feedback for all other answers is left out: {quoted(each.feedback)}")
    return losses


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
