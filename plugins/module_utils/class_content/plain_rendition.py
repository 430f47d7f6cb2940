"""A text that was written in Markdown as plain text: for the terminal, for emails without HTML, and for lists.

Code is marked as in texts without Markdown: in backticks, and between fences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count, repeat
from unicodedata import east_asian_width

from ..shared.documents import Node

_FENCE = re.compile(r"^ {0,3}(?=`{3}|~{3})", re.MULTILINE)


def plain_rendition(nodes: Sequence[Node]) -> str:
    """The text of some nodes, without white space at its end."""
    return "\n\n".join(block for node in nodes if (block := _block(node).rstrip())) or _line(nodes)


def _block(node: Node) -> str:
    match node["type"]:
        case "codeBlock":
            return _fenced(node["text"])
        case "list":
            return _list(node)
        case "table":
            return _fenced(_table(node))
        case "formula":
            return _fenced(node["text"])
        case _:
            # Indented, what looks like a fence is none.
            return _FENCE.sub("    ", _line(node.get("children", [node])))


def _list(node: Node) -> str:
    marks = (f"{number}. " for number in count(node["start"])) if "start" in node else repeat("- ")
    lines = []
    for item, mark in zip(node.get("children", []), marks, strict=False):
        blocks = "\n".join(_block(child) for child in item.get("children", []))
        lines.append(mark + _indented(blocks, len(mark)))
    return "\n".join(lines)


def _indented(text: str, width: int) -> str:
    """All lines but the first are indented, and fences and what is between them are not: they would be none."""
    shown, fence = [], ""
    for number, line in enumerate(text.split("\n")):
        is_fence = bool(re.match(r"`{3,}$", line)) and (not fence or line == fence)
        is_code = bool(fence) or is_fence
        shown.append(line if is_code or not number or not line else " " * width + line)
        if is_fence:
            fence = "" if fence else line
    return ("\n" if text.startswith("```") else "") + "\n".join(shown)


def _table(node: Node) -> str:
    rows = [[_line(cell.get("children", [])) for cell in row.get("children", [])] for row in node.get("children", [])]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)) for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _line(nodes: Sequence[Node]) -> str:
    return "".join(map(_inline, nodes))


def _inline(node: Node) -> str:
    kind, words = node["type"], _line(node.get("children", []))
    if kind in ("code", "formula"):
        return _in_backticks(node["text"])
    if kind == "link":
        address = node["href"].removeprefix("mailto:")
        return address if words in (address, node["href"]) else f"{words} ({address})"
    shown = {"break": "\n", "image": f"[image: {node.get('text')}]", "emphasis": f"*{words}*", "strong": f"*{words}*"}
    return shown.get(kind, node.get("text", words))


def _in_backticks(code: str) -> str:
    """Inline code, between more backticks than follow each other in it."""
    runs = {len(run) for run in re.findall("`+", code)}
    mark = "`" * next(number for number in count(1) if number not in runs)
    inner = code.replace("\n", " ")
    return f"{mark}{inner}{mark}" if not (inner.startswith("`") or inner.endswith("`")) else f"{mark} {inner} {mark}"


def _fenced(code: str) -> str:
    mark = "`" * max([3, *(len(run) + 1 for run in re.findall("`{3,}", code))])
    return f"{mark}\n{code}\n{mark}"
