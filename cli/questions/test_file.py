"""The text of a new test's file with imported questions: to be read, and changed, by the trainer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import yaml
from ansible_collections.training.test_time.plugins.module_utils.class_content import written
from ansible_collections.training.test_time.plugins.module_utils.shared.harmful_characters import escaped
from cli.questions.authored.parts import WrittenNumber

_HEAD = "# yaml-language-server: $schema=../../../schemas/test.schema.json"
_FIELDS = (
    *("text", "points", "options", "answer", "number", "accept", "case_matters", "spaces_matter", "order"),
    *("match", "other_options", "gaps", "feedback", "explanation"),
)


class Entry(NamedTuple):
    """A question with the comments above it."""

    question: written.Question
    comments: Sequence[str]


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and numbers without quotation marks."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _number(dumper: yaml.SafeDumper, number: WrittenNumber) -> yaml.ScalarNode:
    """YAML takes `1E+3` for a text, which needs no quotation marks either."""
    kind = type(yaml.safe_load(number)).__name__
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", number)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(WrittenNumber, _number)


def test_file(settings: Mapping[str, Any], entries: Sequence[Entry]) -> str:
    """The file's text. `settings`: the test's fields, such as its title."""
    lines = [_HEAD, "---", _yaml(dict(settings)), "", "questions:"]
    for entry in entries:
        lines += [f"  {_comment(comment)}" for comment in entry.comments]
        ordered = {name: entry.question[name] for name in _FIELDS if name in entry.question}  # type: ignore[literal-required]
        first, *others = _yaml(ordered).split("\n")
        lines += [f"  - {first}", *(f"    {line}" if line else "" for line in others), ""]
    return "\n".join(lines)


def _yaml(value: Any) -> str:
    text: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    return text.rstrip("\n")


def _comment(text: str) -> str:
    """One line, whatever the file that is imported contains."""
    return f"# {escaped(' '.join(text.split()))}"
