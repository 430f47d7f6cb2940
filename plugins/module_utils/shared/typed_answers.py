"""What a student may type as a number or as a text. Who asks for an accepted answer asks for no more than that."""

from __future__ import annotations

import re

MOST_NUMBER_CHARACTERS = 50
MOST_TEXT_CHARACTERS = 500

# A point or a comma is the decimal sign. There is no sign between thousands.
_NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+-]?[0-9]{1,3})?")
_CONTROL = re.compile("[\u0000-\u001f\u007f-\u009f\u2028\u2029]")


def is_number(typed: str) -> bool:
    """Whether it is a number such as `62`, `-3.5`, `3,5` or `1e-3`, however long it is."""
    return _NUMBER.fullmatch(typed) is not None


def has_control_character(typed: str) -> bool:
    """Whether it has a line break, a tab or another control character."""
    return _CONTROL.search(typed) is not None
