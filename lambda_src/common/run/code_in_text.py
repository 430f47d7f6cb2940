"""Which part of a question, an option or an explanation is code, by two rules of Markdown (CommonMark 0.31.2).

- Fenced blocks (4.5): from a line that begins, after three spaces at most, with three or more backticks or tildes, to
  a line of at least as many of the same, or to the end of the text. What follows the backticks (a language) is not
  shown, and has no backtick in it.
- Inline code (6.1): between two runs of equally many backticks, here on one line. A run without its like is text.

The page's `text.js` repeats this, and the terminal client the first rule; tests compare them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_INLINE = re.compile(r"(?<!`)(`+)(?!`)([^\n]*?)(?<!`)\1(?!`)")


@dataclass(frozen=True)
class Part:
    """A piece of text, as written but for the marks around code."""

    text: str
    is_code: bool


def blocks(text: str) -> list[Part]:
    """Prose and fenced blocks of code, in order; no prose that is only space. Lines end with `\\n`."""
    found: list[Part] = []
    lines: list[str] = []
    fence = ""  # the mark that began the block of code being read

    def end() -> None:
        block = "\n".join(lines)
        if fence or block.strip():
            found.append(Part(block, bool(fence)))
        lines.clear()

    for line in text.split("\n"):
        opening = _FENCE.match(line)
        mark = opening[1] if opening else ""
        closes = bool(fence) and mark.startswith(fence) and line.strip() == mark
        if closes or (mark and not fence):
            end()
            fence = "" if closes else mark
        else:
            lines.append(line)
    end()
    return found


def inline_code(text: str) -> list[Part]:
    """Prose and inline code, in order."""
    parts: list[Part] = []
    start = 0
    for code in _INLINE.finditer(text):
        parts += [Part(text[start : code.start()], False), Part(code[2], True)]
        start = code.end()
    parts.append(Part(text[start:], False))
    return [part for part in parts if part.text]
