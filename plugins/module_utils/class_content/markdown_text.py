"""Reads a text in Markdown (CommonMark, with tables) as a tree of the parts that are shown, in which there is no HTML.

What is not among them stays text: headings, quotations, rules, and all HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.dollarmath.index import math_inline_dollar

from ..shared.documents import Node, NodeType
from .formula import WrongFormula, formula
from .image_problems import WrongImage

_DEEPEST = 20
_TOO_DEEP = f"is nested more than {_DEEPEST} deep; simplify it"
# The parser leaves out what is nested deeper in lists. A list in a list is two levels for it.
_DEEPEST_READ = 100
_NOT_SHOWN = ("heading", "lheading", "blockquote", "hr", "html_block", "html_inline", "entity_html")
_TRANSPARENT = ("inline", "thead", "tbody")
_WITH_CHILDREN: dict[str, NodeType] = {
    "paragraph": "paragraph",
    "em": "emphasis",
    "strong": "strong",
    "bullet_list": "list",
    "ordered_list": "list",
    "list_item": "item",
    "table": "table",
    "tr": "row",
    "th": "cell",
    "td": "cell",
}
# And what at the end of the text is not shown.
_WITH_TEXT: dict[str, tuple[NodeType, str]] = {
    "text": ("text", ""),
    "code_inline": ("code", ""),
    "fence": ("codeBlock", "\n"),
    "code_block": ("codeBlock", "\n"),
}
_DOLLARS = math_inline_dollar(allow_digits=False)
_LINKS = ("http://", "https://", "mailto:")


@dataclass
class Markdown:
    """A text's parts. `problems`: each as the end of a sentence about the text. `images`: the files that it names."""

    nodes: list[Node] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)


def read_markdown(text: str, *, math: bool, image_id: Callable[[str], str | None]) -> Markdown:
    """The parts of a text. `math`: whether `$...$` is a formula. `image_id`: of a file, None if there is none.

    It may raise WrongImage.
    """
    reader = _Reader(image_id)
    try:
        reader.found.nodes = reader.children(SyntaxTreeNode(_parser(math=math).parse(text)))
    except RecursionError:
        reader.found.problems = [_TOO_DEEP]
    return reader.found


@cache
def _parser(*, math: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEEPEST_READ}).enable("table")
    parser.disable([rule for rule in _NOT_SHOWN if rule in _rules(parser)])
    parser.validateLink = _any_link  # type: ignore[method-assign]
    if math:
        dollarmath_plugin(parser, allow_digits=False)
        parser.inline.ruler.at("math_inline", _formula_in_line)
    return parser


def _formula_in_line(state: StateInline, silent: bool) -> bool:
    """The plugin's rule, which at the start of a text takes the last character for the one before the start."""
    whole = state.src
    if state.pos == 0:
        state.src = f"{whole} "
    try:
        return _DOLLARS(state, silent)
    finally:
        state.src = whole


def _any_link(url: str) -> bool:
    """A link to somewhere else is to be a problem instead of text."""
    return bool(url)


def _rules(parser: MarkdownIt) -> set[str]:
    return {rule for rules in parser.get_all_rules().values() for rule in rules}


@dataclass
class _Reader:
    image_id: Callable[[str], str | None]
    found: Markdown = field(default_factory=Markdown)
    depth: int = 0

    def children(self, parent: SyntaxTreeNode) -> list[Node]:
        if self.depth > _DEEPEST:
            self.found.problems = [_TOO_DEEP]
            return []
        self.depth += 1
        nodes = _joined([node for child in parent.children for node in self._nodes(child)])
        self.depth -= 1
        return nodes

    def _nodes(self, read: SyntaxTreeNode) -> Iterator[Node]:
        if read.type in _TRANSPARENT:
            yield from self.children(read)
        elif read.type in _WITH_CHILDREN:
            yield self._with_children(read)
        elif read.type in _WITH_TEXT:
            kind, cut = _WITH_TEXT[read.type]
            yield {"type": kind, "text": read.content.removesuffix(cut)}
        elif read.type == "softbreak":
            yield {"type": "text", "text": " "}
        elif read.type == "hardbreak":
            yield {"type": "break"}
        elif read.type == "link":
            yield from self._link(read)
        elif read.type == "image":
            yield from self._image(read)
        else:
            yield from self._formula(read.content.strip(), is_block=read.type != "math_inline")

    def _with_children(self, read: SyntaxTreeNode) -> Node:
        node: Node = {"type": _WITH_CHILDREN[read.type]}
        if read.type == "ordered_list":
            node["start"] = int(read.attrs.get("start", 1))
        if read.type == "th":
            node["header"] = True
        node["children"] = self.children(read)
        return node

    def _link(self, read: SyntaxTreeNode) -> Iterator[Node]:
        address = str(read.attrs["href"])
        if not address.lower().startswith(_LINKS):
            self.found.problems.append(
                f"has a link to '{unquote(address)}'; a link begins with https://, http:// or mailto:"
            )
            return
        yield {"type": "link", "href": address, "children": self.children(read)}

    def _image(self, read: SyntaxTreeNode) -> Iterator[Node]:
        file, words = unquote(str(read.attrs["src"])), _words(read)
        if not words.strip():
            self.found.problems.append(f"has the image '{file}' without words for who cannot see it: ![words]({file})")
        try:
            image = self.image_id(file)
        except WrongImage as problem:
            self.found.problems.append(f"has the image '{file}', which {problem}")
            return
        if image is None:
            self.found.problems.append(
                f"has the image '{file}', and there is no such file in the subject's folder images"
            )
            return
        self.found.images.append(file)
        yield {"type": "image", "image": image, "text": words}

    def _formula(self, latex: str, *, is_block: bool) -> Iterator[Node]:
        shown: Node = {"type": "formula", "text": latex}
        if is_block:
            shown["block"] = True
        try:
            shown["math"] = formula(latex, is_block=is_block)
        except WrongFormula as problem:
            self.found.problems.append(f"has a formula, ${latex}$, that {problem}")
            return
        yield shown


def _words(read: SyntaxTreeNode) -> str:
    """The text in a node, without its marks."""
    return "".join(_words(child) for child in read.children) if read.children else read.content


def _joined(nodes: list[Node]) -> list[Node]:
    """The nodes with neighbouring texts as one."""
    joined: list[Node] = []
    for node in nodes:
        if node["type"] == "text" and joined and joined[-1]["type"] == "text":
            joined[-1] = {"type": "text", "text": joined[-1]["text"] + node["text"]}
        elif node["type"] != "text" or node["text"]:
            joined.append(node)
    return joined
