"""Tells quickly that a value satisfies a JSON Schema, so that jsonschema, which is slow, has to explain only the rest.

It never accepts what jsonschema refuses, but may refuse what jsonschema accepts: a schema with a keyword that is not
listed here, for example.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]

_TYPES: dict[str, Check] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
_EXPLANATIONS = {"$schema", "$defs", "title", "description", "default", "examples", "errorMessage"}


def quick_check(schema: bool | Mapping[str, Any]) -> Check:
    """The check for a schema without `$ref`."""
    if isinstance(schema, bool):
        return lambda _: schema
    checks = [_check(keyword, rule, schema) for keyword, rule in schema.items() if keyword not in _EXPLANATIONS]

    def accepts(value: Any) -> bool:
        for check in checks:  # a generator for `all` would take twice as long  # noqa: SIM110
            if not check(value):
                return False
        return True

    return accepts


def _check(keyword: str, rule: Any, schema: Mapping[str, Any]) -> Check:
    if keyword == "additionalProperties":
        return _others(rule, frozenset(schema.get("properties", ())))
    return _CHECKS[keyword](rule) if keyword in _CHECKS else _nothing


def _nothing(_: Any) -> bool:
    return False


def _type(types: Any) -> Check:
    if isinstance(types, str):
        return _TYPES.get(types, _nothing)
    return _any_of([{"type": name} for name in types])


def _any_of(schemas: list[dict[str, Any]]) -> Check:
    checks = [quick_check(schema) for schema in schemas]
    return lambda value: any(check(value) for check in checks)


def _enum(choices: list[Any]) -> Check:
    return lambda value: any(type(choice) is type(value) and choice == value for choice in choices)


def _pattern(pattern: str) -> Check:
    search = re.compile(exact_end(pattern)).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def exact_end(pattern: str) -> str:
    """JSON Schema's pattern in Python's notation, whose `$` would also match before a final line break."""
    return re.sub(r"\$$", r"\\Z", pattern)


def _properties(schemas: dict[str, Any]) -> Check:
    checks = {name: quick_check(schema) for name, schema in schemas.items()}

    def accepts(value: Any) -> bool:
        if not isinstance(value, dict):
            return True
        return all(checks[name](entry) for name, entry in value.items() if name in checks)

    return accepts


def _others(rule: Any, known: frozenset[str]) -> Check:
    check = quick_check(rule)
    return lambda value: (
        not isinstance(value, dict) or all(check(entry) for name, entry in value.items() if name not in known)
    )


def _property_names(schema: dict[str, Any]) -> Check:
    check = quick_check(schema)
    return lambda value: not isinstance(value, dict) or all(map(check, value))


def _items(schema: dict[str, Any]) -> Check:
    check = quick_check(schema)
    return lambda value: not isinstance(value, list) or all(map(check, value))


def _is_list_of_different_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value) and len(set(value)) == len(value)


_CHECKS: dict[str, Callable[[Any], Check]] = {
    "type": _type,
    "anyOf": _any_of,
    "enum": _enum,
    "const": lambda rule: _enum([rule]),
    "pattern": _pattern,
    "properties": _properties,
    "propertyNames": _property_names,
    "items": _items,
    "required": lambda names: lambda value: not isinstance(value, dict) or all(name in value for name in names),
    "uniqueItems": lambda _: _is_list_of_different_texts,
    "minimum": lambda limit: lambda value: not isinstance(value, int | float) or value >= limit,
    "maximum": lambda limit: lambda value: not isinstance(value, int | float) or value <= limit,
    "exclusiveMinimum": lambda limit: lambda value: not isinstance(value, int | float) or value > limit,
    "minLength": lambda limit: lambda value: not isinstance(value, str) or len(value) >= limit,
    "maxLength": lambda limit: lambda value: not isinstance(value, str) or len(value) <= limit,
    "minItems": lambda limit: lambda value: not isinstance(value, list) or len(value) >= limit,
    "maxItems": lambda limit: lambda value: not isinstance(value, list) or len(value) <= limit,
    "minProperties": lambda limit: lambda value: not isinstance(value, dict) or len(value) >= limit,
    "maxProperties": lambda limit: lambda value: not isinstance(value, dict) or len(value) <= limit,
}
