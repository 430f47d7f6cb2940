"""Texts that were written in Markdown as HTML for emails: elements that mail programs show, and no others.

Images are described, and formulas shown as they were written. All text is data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from common.shared.harmful_characters import harmless

if TYPE_CHECKING:
    from common.shared.documents import Node

_CODE_STYLE = "background:#eef1f5"
_BLOCK_STYLE = f"margin:8px 0;padding:8px;{_CODE_STYLE};overflow-x:auto;white-space:pre-wrap;font-size:14px"
_CELL_STYLE = "padding:4px 8px;border:1px solid #d8dde5;text-align:left;vertical-align:top"
_LINKS = ("http://", "https://", "mailto:")
# With their children as {}. Each in its own direction: a sentence from right to left keeps the order of its words.
_ELEMENTS = {
    "paragraph": Markup('<p dir="auto" style="margin:0 0 8px">{}</p>'),
    "item": Markup('<li dir="auto">{}</li>'),
    "table": Markup(
        '<div style="margin:0 0 8px;overflow-x:auto"><table style="border-collapse:collapse;font-size:14px">'
        "<tbody>{}</tbody></table></div>"
    ),
    "row": Markup("<tr>{}</tr>"),
    "emphasis": Markup("<em>{}</em>"),
    "strong": Markup("<strong>{}</strong>"),
}


def nodes_html(nodes: Sequence[Node], longest: int) -> Markup:
    """The nodes as HTML, with at most `longest` characters of text."""
    return _Writer(longest).all(nodes)


def without_harm(text: str) -> str:
    """The text without hidden characters, and with a mark for each that would do something."""
    return harmless(text, "\N{REPLACEMENT CHARACTER}")


def code(text: str) -> Markup:
    """Code in a line."""
    return Markup('<code dir="ltr" style="{}">{}</code>').format(_CODE_STYLE, text)


def code_block(text: str) -> Markup:
    """Lines of code."""
    return Markup('<pre dir="ltr" style="{}">{}</pre>').format(_BLOCK_STYLE, text)


class _Writer:
    """`left`: how many characters of text may follow. What is left out ends in an ellipsis."""

    def __init__(self, left: int) -> None:
        self._left = left
        self._is_full = False

    def all(self, nodes: Sequence[Node]) -> Markup:
        shown = Markup("")
        for node in nodes:
            if self._is_full:
                break
            shown += self._one(node)
        return shown

    def _one(self, node: Node) -> Markup:
        kind = node["type"]
        if kind == "break":
            return Markup("<br>")
        if kind == "text":
            return escape(self._cut(node["text"]))
        if kind == "image":
            return escape(self._cut(f"[image: {node['text']}]"))
        if kind == "codeBlock" or (kind == "formula" and "block" in node):
            return code_block(self._cut(node["text"]))
        if kind in ("code", "formula"):
            return code(self._cut(node["text"]))
        return self._around(node, self.all(node.get("children", [])))

    def _around(self, node: Node, inner: Markup) -> Markup:
        kind = node["type"]
        if kind == "link":
            return _link(node.get("href", ""), inner)
        if kind == "list":
            name = Markup('ol start="{}"').format(node["start"]) if "start" in node else Markup("ul")
            style = "margin:0 0 8px;padding:0 0 0 24px"
            return Markup('<{} style="{}">{}</{}>').format(name, style, inner, name[:2])
        if kind == "cell":
            return Markup('<{0} dir="auto" style="{1}">{2}</{0}>').format(
                "th" if "header" in node else "td", _CELL_STYLE, inner
            )
        return _ELEMENTS[kind].format(inner)

    def _cut(self, text: str) -> str:
        shown = without_harm(text)
        self._is_full = len(shown) > self._left
        cut = f"{shown[: self._left]}…" if self._is_full else shown
        self._left -= len(shown)
        return cut


def _link(address: str, words: Markup) -> Markup:
    """A link that leads to the web or to an email, whatever the stored tree says."""
    if not address.lower().startswith(_LINKS):
        return words
    return Markup('<a href="{}" rel="noopener noreferrer" style="color:#12305c">{}</a>').format(address, words)
