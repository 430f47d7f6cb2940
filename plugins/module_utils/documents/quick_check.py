"""Tells quickly that a value satisfies a JSON Schema, so that jsonschema, which is slow, has to explain only the rest.

It accepts nothing that `schema_check` refuses, but may refuse what that accepts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jsonschema_rs import Draft202012Validator


def quick_check(schema: Any) -> Callable[[Any], bool]:
    """The check for a schema."""
    validator = Draft202012Validator(schema)

    def accepts(value: Any) -> bool:
        try:
            return validator.is_valid(value) and not _has_whole_float(value)
        except ValueError:  # the value is not JSON: a key is a number, or a text has half of a surrogate pair
            return False

    return accepts


def _has_whole_float(value: Any) -> bool:
    """Whether a number is written like 24.0, which is an integer for JSON Schema, but not for CloudFormation."""
    if isinstance(value, dict):
        return any(map(_has_whole_float, value.values()))
    if isinstance(value, list):
        return any(map(_has_whole_float, value))
    return isinstance(value, float) and value.is_integer()
