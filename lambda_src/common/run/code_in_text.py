"""Finds the code in a question, an option or an explanation, by two rules of Markdown (CommonMark 0.31.2).

- Fenced blocks (section 4.5) start at a line with three or more backticks or tildes, after at most three spaces, and
  end at a line with at least as many of the same character, or at the end of the text. Anything after the opening
  backticks (a language) is not shown and must not contain a backtick.
- Inline code (section 6.1) is between two runs of the same number of backticks, here on one line. A run without a
  matching one is text.

The page's `text.js` repeats both rules and the terminal client repeats the first; tests compare them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_INLINE = re.compile(r"(?<!`)(`+)(?!`)([^\n]*?)(?<!`)\1(?!`)")


@dataclass(frozen=True)
class Part:
    """A part of a text, as written, but without the marks around code."""

    text: str
    is_code: bool


def blocks(text: str) -> list[Part]:
    """Prose and fenced blocks of code, in order, without prose that is only white space. Lines end with `\\n`."""
    found: list[Part] = []
    lines: list[str] = []
    fence = ""  # the mark that opened the current block of code

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
