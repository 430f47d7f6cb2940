"""Checks a document against a JSON Schema and says what is wrong, in messages for people.

A schema's own `errorMessage`, which editors show as well, replaces the general message.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from .quick_check import quick_check
from .yaml_lines import MAX_NUMBER, MAX_PROBLEMS, Document, FieldPath, field_name

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"

_TYPE_NAMES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of fields",
    "null": "null",
}

_NUMBERS = ("integer", "number")
_NUMBERS_BEGIN = frozenset("+-.0123456789")
_DECIMAL = re.compile(r"[+-]?(0|[1-9][0-9]*|[0-9]+\.[0-9]*|\.[0-9]+)")


def validator(name: str, folder: Path = SCHEMAS, definition: str | None = None) -> Draft202012Validator:
    """The validator of `<name>.schema.json`, or of one of its definitions."""
    schema = json.loads((folder / f"{name}.schema.json").read_text(encoding="utf-8"))
    part = schema if definition is None else schema["$defs"][definition]
    checked: Draft202012Validator = _Validator(_without_references(part, schema))
    return checked


def _without_references(part: Any, schema: Any) -> Any:
    """A part of a schema with what each `$ref` (`#/$defs/<name>`) refers to in its place: looking it up is slow."""
    if isinstance(part, list):
        return [_without_references(entry, schema) for entry in part]
    if not isinstance(part, dict):
        return part
    while "$ref" in part:
        part = dict(part)
        part = schema["$defs"][part.pop("$ref").removeprefix("#/$defs/")] | part
    return {name: _without_references(entry, schema) for name, entry in part.items() if name != "$defs"}


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    """JSON Schema's `pattern`. Python's `$` would also match before a final line break."""
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield ValidationError(f"does not match {pattern}")


def _enum(_: Any, choices: list[Any], instance: Any, __: Any) -> Iterator[ValidationError]:
    """JSON Schema's `enum`, which would also take 1.0 for 1."""
    if not any(type(choice) is type(instance) and choice == instance for choice in choices):
        yield ValidationError("is none of the choices")


def _items(validator: Any, rule: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """JSON Schema's `items`, except of a list that is too long: checking 300,000 students would take minutes."""
    if isinstance(instance, list) and len(instance) <= schema.get("maxItems", math.inf):
        is_right = quick_check(rule)
        for position, entry in enumerate(instance):
            if not is_right(entry):
                yield from validator.descend(entry, rule, path=position)


def _unique_items(_: Any, __: Any, instance: Any, ___: Any) -> Iterator[ValidationError]:
    """JSON Schema's `uniqueItems`, in which jsonschema compares each mapping with each other one."""
    if isinstance(instance, list):
        texts = {json.dumps(entry, sort_keys=True) for entry in instance}
        if len(texts) < len(instance):
            yield ValidationError("has a duplicate entry")


def _is_whole(_: Any, instance: Any) -> bool:
    """JSON Schema's `integer`, which would also take 24.0: CloudFormation and the functions do not."""
    return isinstance(instance, int) and not isinstance(instance, bool)


_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"pattern": _pattern, "enum": _enum, "items": _items, "uniqueItems": _unique_items},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole),
)


def check(document: Document, schema: Draft202012Validator, accepts: Callable[[Any], bool] | None = None) -> bool:
    """Add a problem to the document for each thing in it that the schema does not allow, and each misleading number.

    `accepts`: the schema's `quick_check`, which takes long to make, if there is one already.
    Returns whether it found all of them. It stops when there are too many for anybody to read.
    """
    misleading = _misleading_numbers(document)
    found: dict[tuple[FieldPath, str], None] = {}
    for error in _with_written_wholes(_errors(document.data, schema, accepts)):
        path: FieldPath = tuple(error.absolute_path)
        if path in misleading and _allows_numbers(error.schema):
            continue  # how the number is written is the problem to correct first
        misleading.pop(path, None)
        found |= dict.fromkeys(_messages(error))
        if len(found) > MAX_PROBLEMS:
            break
    for path, message in (*misleading.items(), *found):
        document.problem(path, field_name(path), message)
    return len(found) <= MAX_PROBLEMS


def _errors(
    data: Any, schema: Draft202012Validator, accepts: Callable[[Any], bool] | None
) -> Iterable[ValidationError]:
    accepts = accepts or quick_check(schema.schema)
    return () if accepts(data) else schema.iter_errors(data)


def _with_written_wholes(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """The errors. One because a choice has 24.0 in place of 24 is replaced by that of the number."""
    for error in errors:
        numbers = [cause for cause in error.context or () if _is_whole_with_point(cause)]
        yield from numbers or [error]


def _is_whole_with_point(error: ValidationError) -> bool:
    value: Any = error.instance
    return error.validator == "type" and error.validator_value == "integer" and _whole(value) is not None


def _whole(value: Any) -> int | None:
    """24 for 24.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else None


def _misleading_numbers(document: Document) -> dict[FieldPath, str]:
    """The message for each number that is not written as a finite decimal number.

    YAML 1.1, and so Ansible, reads `1:30` in base 60, `010` in base 8, `0x10` in base 16 and `.nan` as no number.
    """
    found: dict[FieldPath, str] = {}
    for path, raw in document.raw.items():
        if raw[:1] not in _NUMBERS_BEGIN:
            continue
        value = document.value(path)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and not (_DECIMAL.fullmatch(raw) and math.isfinite(value)):
            found[path] = f"YAML reads {raw} as {value}; write a decimal number such as 90 or 1.5"
    return found


def _allows_numbers(schema: Any) -> bool:
    types = schema.get("type", [])
    allowed = {types} if isinstance(types, str) else set(types)
    return bool(allowed.intersection(_NUMBERS)) or any(type(choice) is int for choice in schema.get("enum", []))


def _messages(error: ValidationError) -> list[tuple[FieldPath, str]]:
    path: FieldPath = tuple(error.absolute_path)
    rule: Any = error.validator_value
    schema: Any = error.schema
    instance: Any = error.instance
    if "propertyNames" in error.absolute_schema_path:
        path = (*path, instance)
    if error.validator == "required":  # jsonschema reports each missing field on its own; `check` drops the repetitions
        missing = [name for name in rule if name not in instance]
        return [((*path, name), f"is missing; add `{name}:`{_meaning(schema, name)}") for name in missing]
    if error.validator == "additionalProperties":
        return _unknown_fields(instance, sorted(schema["properties"]), path)
    if "errorMessage" in schema:
        return [(path, schema["errorMessage"])]
    return [(path, _general(error))]


def _meaning(schema: Any, name: str) -> str:
    meaning = schema["properties"][name].get("description")
    return f" ({meaning})" if meaning else ""


def _unknown_fields(instance: Any, known: list[str], path: FieldPath) -> list[tuple[FieldPath, str]]:
    found = []
    for name in [name for name in instance if name not in known][: MAX_PROBLEMS + 1]:
        near = difflib.get_close_matches(str(name), known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"known fields: {', '.join(known)}"
        found.append(((*path, name), f"is not a known field; {hint}"))
    return found


def _general(error: ValidationError) -> str:
    """A message for each kind of rule that the schemas use without an `errorMessage`."""
    limit: Any = error.validator_value
    value: Any = error.instance
    sentences: dict[str, Callable[[], str]] = {
        "type": lambda: f"must be {_type_names(limit)}, not {_kind(limit, value)}{_hint(limit, value)}",
        "enum": lambda: f"must be one of: {', '.join(_yaml(choice) for choice in limit)}",
        "minimum": lambda: f"must be {limit} or more, not {value}",
        "maximum": lambda: f"must be {limit} or less, not {value}",
        "exclusiveMinimum": lambda: f"must be more than {limit}, not {value}",
        "minLength": lambda: "must not be empty" if limit == 1 else f"must have {limit} characters or more",
        "maxLength": lambda: f"must have {limit:,} characters or fewer; it has {len(value):,}",
        "minItems": lambda: f"must have {_entries(limit)} or more; it has {len(value)}",
        "maxItems": lambda: f"must have {_entries(limit)} or fewer; it has {len(value):,}",
        "minProperties": lambda: f"must have {_entries(limit)} or more; it has {len(value)}",
        "maxProperties": lambda: f"must have {_entries(limit)} or fewer; it has {len(value)}",
        "uniqueItems": lambda: "has a duplicate entry; remove it",
    }
    return sentences.get(str(error.validator), lambda: error.message)()


def _entries(count: int) -> str:
    return f"{count:,} {'entry' if count == 1 else 'entries'}"


def _type_names(types: Any) -> str:
    return " or ".join(_TYPE_NAMES[name] for name in ([types] if isinstance(types, str) else types))


def _kind(types: Any, value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        too_long = types in _NUMBERS and len(value) > MAX_NUMBER and _DECIMAL.fullmatch(value)
        return f"one with {len(value):,} digits" if too_long else "text"
    return "a list" if isinstance(value, list) else "a mapping of fields"


def _hint(types: Any, value: Any) -> str:
    if types == "string" and isinstance(value, bool | int | float):
        return "; put it in quotes"
    whole = _whole(value) if types == "integer" else None
    return "" if whole is None else f"; write {whole}"


def _yaml(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
