"""Which accepted number or text a typed answer is. Pure functions; the rules are explained in docs/scoring.md.

Numbers are exact decimals, compared without arithmetic: a huge exponent costs nothing. Texts are compared in Unicode's
canonical form, and without regular expressions, so that no text takes long.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from common.shared.compared_texts import comparable_text
from common.shared.shares import share_of_percent
from common.shared.typed_answers import MOST_NUMBER_CHARACTERS, is_number

if TYPE_CHECKING:
    from common.shared.documents import AcceptedAnswer, AcceptedNumber, AcceptedText, AnswerKeyEntry

# As in Moodle, a backslash only has a meaning before a star.
_WILDCARD = re.compile(r"(?<!\\)\*")


def number_of(typed: str) -> Decimal | None:
    """The number that was typed, with a point or a comma; None if it is not a number."""
    return Decimal(typed.replace(",", ".")) if is_number(typed) and len(typed) <= MOST_NUMBER_CHARACTERS else None


def comparable(text: str, entry: AnswerKeyEntry) -> str:
    """A text, or a pattern, as it is compared in this question."""
    return comparable_text(text, case_matters="caseMatters" in entry, spaces_matter="spacesMatter" in entry)


def fits_pattern(text: str, pattern: str) -> bool:
    """Whether `pattern`, in which `*` stands for any characters and `\\*` for a star, is all of `text`.

    Each part between two stars is searched for once, from left to right: the first place is as good as any other.
    """
    first, *others = (part.replace("\\*", "*") for part in _WILDCARD.split(pattern))
    if not others:
        return text == first
    *middle, last = others
    if not text.startswith(first):
        return False
    place = len(first)
    for part in middle:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(text) - len(last) >= place and text.endswith(last)


def share_of(accepted: AcceptedAnswer) -> Fraction:
    """The share of the points that an accepted answer earns."""
    return share_of_percent(str(accepted.get("share", 100)))


def accepted_numbers(entry: AnswerKeyEntry) -> Sequence[AcceptedNumber]:
    """The numbers that earn points, with those of a correction."""
    return [*entry.get("numbers", []), *entry.get("correction", {}).get("numbers", [])]


def accepted_texts(entry: AnswerKeyEntry) -> Sequence[AcceptedText]:
    """The texts that earn points, with those of a correction."""
    return [*entry.get("texts", []), *entry.get("correction", {}).get("texts", [])]


def counted_answer(entry: AnswerKeyEntry, typed: str) -> AcceptedAnswer | None:
    """The accepted answer that a typed one counts as: of those that fit, the first with the best share."""
    fitting = [*_fitting_numbers(entry, typed), *_fitting_texts(entry, typed)]
    return max(fitting, key=share_of, default=None)


def same_if_alike(entry: AnswerKeyEntry, typed: str) -> Decimal | str:
    """A value that is the same for typed answers that mean the same: `3,5` and `3.50`, or `LS` and `ls `."""
    value = number_of(typed) if "numbers" in entry else None
    return comparable(typed, entry) if value is None else value


def full_answers_in_words(entry: AnswerKeyEntry) -> list[str]:
    """The accepted answers that earn all points, as students are shown them, each once.

    `128`, `9.81 (9.76 to 9.86)` or `9.7 to 9.9`; of a text, `…` for any characters.
    """
    numbers = [_number_in_words(each) for each in accepted_numbers(entry) if share_of(each) == 1]
    texts = [_text_in_words(each["text"]) for each in accepted_texts(entry) if share_of(each) == 1]
    return list(dict.fromkeys([*numbers, *texts]))


def _fitting_numbers(entry: AnswerKeyEntry, typed: str) -> list[AcceptedAnswer]:
    value = number_of(typed)
    if value is None:
        return []
    return [each for each in accepted_numbers(entry) if Decimal(each["low"]) <= value <= Decimal(each["high"])]


def _fitting_texts(entry: AnswerKeyEntry, typed: str) -> list[AcceptedAnswer]:
    text = comparable(typed, entry)
    return [each for each in accepted_texts(entry) if fits_pattern(text, comparable(each["text"], entry))]


def _number_in_words(accepted: AcceptedNumber) -> str:
    low, high = accepted["low"], accepted["high"]
    if Decimal(low) == Decimal(high):
        return accepted.get("value", low)
    bounds = f"{low} to {high}"
    return f"{accepted['value']} ({bounds})" if "value" in accepted else bounds


def _text_in_words(pattern: str) -> str:
    return "…".join(part.replace("\\*", "*") for part in _WILDCARD.split(pattern))
