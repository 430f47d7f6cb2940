"""JSON from a stranger: read strictly, refused in words that help."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from common.errors import InvalidRequest


def parse_object(text: str) -> dict[str, Any]:
    """The JSON object in `text`. Raises InvalidRequest for whatever is not one that can be stored again.

    Stricter than `json.loads`: no NaN or Infinity, no field given twice (which of the two would
    count?), no half of a surrogate pair (it has no UTF-8), no nesting beyond the parser's depth.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_once_each)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as error:
        raise InvalidRequest("The body is nested too deeply. Send one flat JSON object.") from error
    except UnicodeEncodeError as error:
        raise InvalidRequest("The body has half of a surrogate pair (\\ud800 to \\udfff) in a text.") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidRequest(f"The body is not JSON: {error.msg} at {where}.") from error
    except ValueError as error:
        # The parser's own limit on the digits of a number.
        raise InvalidRequest("The body is not JSON that can be read: a number in it is too long.") from error
    if not isinstance(value, dict):
        raise InvalidRequest('The body must be a JSON object: {"...": ...}.')
    return value


def quoted(value: object) -> str:
    """What the client sent, as a short piece of plain ASCII: safe in a terminal, a page and a log."""
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def _refuse_constant(name: str) -> None:
    raise InvalidRequest(f"The body is not JSON: {name} is not a JSON value.")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
        raise InvalidRequest(f"Given more than once in the body: {', '.join(map(quoted, twice[:5]))}.")
    return fields
