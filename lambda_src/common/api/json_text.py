"""Parses JSON from a client strictly, and reports what is wrong with it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from common.api.errors import InvalidRequest


def parse_object(text: str) -> dict[str, Any]:
    """The JSON object in `text`. Raises InvalidRequest if it is not a JSON object, or one that cannot be stored.

    Stricter than `json.loads`: it allows no NaN or Infinity, no repeated field (it is not clear which one counts), no
    half of a surrogate pair (UTF-8 cannot encode it) and no nesting that is too deep for the parser.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_once_each)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as error:
        raise InvalidRequest("The body is nested too deeply. Send a flat JSON object.") from error
    except UnicodeEncodeError as error:
        raise InvalidRequest(
            "The body contains half of a surrogate pair (\\ud800 to \\udfff). Send whole characters."
        ) from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidRequest(f"The body is not valid JSON: {error.msg} at {where}.") from error
    except ValueError as error:
        # The parser limits the digits of a number.
        raise InvalidRequest("A number in the body is too long. Send a shorter one.") from error
    if not isinstance(value, dict):
        raise InvalidRequest('The body must be a JSON object: {"...": ...}.')
    return value


def quoted(value: object) -> str:
    """A value that the client sent, as short ASCII text that is safe in a terminal and on a page."""
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def _refuse_constant(name: str) -> None:
    raise InvalidRequest(f"The body is not valid JSON: {name} is not a JSON value.")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
        fields_twice = ", ".join(map(quoted, twice[:5]))
        raise InvalidRequest(f"Fields appear more than once in the body: {fields_twice}. Send each field once.")
    return fields
