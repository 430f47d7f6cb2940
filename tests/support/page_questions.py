"""A question of each type, as `LocalApi.publish_test` takes them, and answers to them."""

from __future__ import annotations

from typing import Any

CODE = '```c\nif (fork() == 0)\n  execlp("ls", "ls", "-l", NULL);\n```'
# As they are uploaded.
ANSWERS: dict[str, Any] = {
    "1": "a",
    "2": ["a", "b"],
    "3": "-3,5e2",
    "4": "ls  -l",
    "5": ["b", "a", "c"],
    "6": {"1": "c", "2": "c"},
}


def every_type() -> list[dict[str, Any]]:
    """In the order of the types: single, multiple, number, text, order, match."""
    return [
        {"text": "What is a kernel?", "options": _options("the core", "a browser")},
        {"text": "Which are shells?", "type": "multiple", "options": _options("bash", "zsh", "gcc")},
        {"text": "How cold is it?", "type": "number", "options": []},
        {"text": "What lists a folder?", "type": "text", "options": []},
        {"text": "Put these in order.", "type": "order", "options": _options("fork", "exec", "wait")},
        {
            "text": "Which capital is whose?",
            "type": "match",
            "options": _options("Warsaw", "Berlin", "Rome"),
            "items": [{"id": "1", "text": "Poland"}, {"id": "2", "text": "Italy"}],
        },
    ]


def hard_to_show() -> list[dict[str, Any]]:
    """An order and a match with code, long words and text from right to left."""
    hard = _options(CODE, f"`{'x' * 70}`", "نواة النظام هي الجزء المركزي", "no")
    items = [{"id": "1", "text": "```\nls -l\n```"}, {"id": "2", "text": "البلد " * 12}]
    return [
        {"text": "In which order?", "type": "order", "options": hard},
        {"text": "Which belongs to which?", "type": "match", "options": hard, "items": items},
    ]


def _options(*texts: str) -> list[dict[str, str]]:
    return [{"id": letter, "text": text} for letter, text in zip("abcdefgh", texts, strict=False)]
