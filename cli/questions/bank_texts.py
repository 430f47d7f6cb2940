"""How the texts of a bank become those of a test's file: plain text, in which only code is marked, or Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from ansible_collections.training.test_time.plugins.module_utils.class_content.image_problems import WrongImage
from ansible_collections.training.test_time.plugins.module_utils.class_content.markdown_text import read_markdown
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import Node
from cli.questions.bank_images import BankImages, FileIn, is_remote, no_files, shown_name
from cli.questions.formatted import (
    Formulas,
    is_formatted,
    markdown_of,
    nodes_of_html,
    nodes_of_text,
    with_formulas,
)
from cli.questions.html import formula_losses, text_of

from common.run.code_in_text import blocks, inline_code

_CODE = re.compile(r"`[^`]*`")
# In a problem that does not keep an image from being shown.
_WITHOUT_WORDS = "without words"
_MARKDOWN = re.compile(r"\*\*|__|^#{1,6} |^> |!\[|\]\(|^[*+] |^\|", re.MULTILINE)


class ReadText(NamedTuple):
    """A text of a test's file, and what is lost of the bank's, each as a sentence without a full stop."""

    text: str
    losses: Sequence[str]


class BankTexts(Protocol):
    """Reads a bank's texts. `file_in`: the bank's files; None if no image can be shown, as in feedback."""

    def of_html(self, html: str, file_in: FileIn | None = no_files) -> ReadText:
        """A text that is HTML."""

    def of_plain(self, text: str) -> ReadText:
        """A text in which nothing but a formula has a meaning."""

    def of_markdown(self, source: str, file_in: FileIn | None = no_files) -> ReadText:
        """A text that is Markdown in the bank."""

    def literal(self, text: str) -> str:
        """A short text on one line, as it stands inside of another one."""


class PlainTexts:
    """Texts of a test's file without `format`."""

    def of_html(self, html: str, file_in: FileIn | None = no_files) -> ReadText:
        """Of formatting, the words."""
        return ReadText(*text_of(html))

    def of_plain(self, text: str) -> ReadText:
        """As it is."""
        return ReadText(text, formula_losses(text))

    def of_markdown(self, source: str, file_in: FileIn | None = no_files) -> ReadText:
        """As it is: a test's file has code in the same form."""
        has_other = _MARKDOWN.search(_CODE.sub("", source))
        other = ["Markdown other than code is shown as it is written"] if has_other else []
        return ReadText(source, [*other, *formula_losses(source)])

    def literal(self, text: str) -> str:
        """As it is."""
        return text


@dataclass
class MarkdownTexts:
    """Texts of a test's file with `format: markdown`.

    `is_formatted`: whether a text that was read needs it. `has_math`: whether one has a formula.
    """

    images: BankImages = field(default_factory=BankImages)
    is_formatted: bool = False
    has_math: bool = False

    def of_html(self, html: str, file_in: FileIn | None = no_files) -> ReadText:
        """What Markdown can hold."""
        read = nodes_of_html(html, self._image_of(file_in))
        return self._written(read.nodes, read.losses)

    def of_plain(self, text: str) -> ReadText:
        """With its code and its formulas."""
        formulas = Formulas()
        nodes = with_formulas(_with_code(text), formulas)
        return self._written(nodes, [*formulas.losses])

    def of_markdown(self, source: str, file_in: FileIn | None = no_files) -> ReadText:
        """Read again, so that images have the names of files, and `$` begins no formula."""
        read = read_markdown(source, math=False, image_id=lambda address: address)
        if wrong := [problem for problem in read.problems if _WITHOUT_WORDS not in problem]:
            return ReadText(self.of_plain(source).text, [f"Markdown is shown as it is written, because it {wrong[0]}"])
        formulas, lost = Formulas(), dict[str, None]()
        nodes = _with_images(read.nodes, self._image_of(file_in), lambda loss: lost.update({loss: None}))
        return self._written(with_formulas(nodes, formulas), [*lost, *formulas.losses])

    def literal(self, text: str) -> str:
        """Escaped."""
        return markdown_of(nodes_of_text(text)).text

    def _written(self, nodes: Sequence[Node], losses: Sequence[str]) -> ReadText:
        self.is_formatted = self.is_formatted or is_formatted(nodes)
        self.has_math = self.has_math or _has_formula(nodes)
        written = markdown_of(nodes)
        return ReadText(written.text, [*losses, *written.losses])

    def _image_of(self, file_in: FileIn | None) -> Callable[[str, str, Callable[[str], None]], Node]:
        def image_of(address: str, alternative: str, lose: Callable[[str], None]) -> Node:
            name = shown_name(address)
            if is_remote(address):
                lose(f"the image {name} stays on the web, as a link to it")
                return _link(address if address[:1] != "/" else f"https:{address}", alternative or name)
            if file_in is None:
                lose(f"the image {name} is left out: only questions, options and explanations can have one")
                return _instead(alternative or name)
            try:
                file = self.images.name_of(address, file_in)
            except WrongImage as problem:
                lose(f"the image {name} is left out: it {problem}")
                return _instead(alternative or name)
            if not alternative:
                lose(f"the image {file} has no words for who cannot see it: write them in place of its name")
            return {"type": "image", "image": file, "text": alternative or file}

        return image_of


def _with_images(
    nodes: Sequence[Node], image_of: Callable[[str, str, Callable[[str], None]], Node], lose: Callable[[str], None]
) -> list[Node]:
    """The nodes with the bank's images, which have addresses, as files."""
    return [
        image_of(node["image"], node["text"], lose)
        if node["type"] == "image"
        else node | {"children": _with_images(node["children"], image_of, lose)}
        if "children" in node
        else node
        for node in nodes
    ]


def _instead(words: str) -> Node:
    return {"type": "text", "text": f"[image: {words}]"}


def _link(address: str, words: str) -> Node:
    return {"type": "link", "href": "".join(address.split()), "children": [{"type": "text", "text": words}]}


def _has_formula(nodes: Sequence[Node]) -> bool:
    return any(node["type"] == "formula" or _has_formula(node.get("children", [])) for node in nodes)


def _with_code(text: str) -> list[Node]:
    """A text of a bank without formatting, in which code is marked as in a test's file."""
    nodes: list[Node] = []
    for block in blocks(text):
        if block.is_code:
            nodes.append({"type": "codeBlock", "text": block.text})
            continue
        for paragraph in nodes_of_text(block.text):
            nodes.append({"type": "paragraph", "children": _code_in(paragraph["children"])})
    return nodes


def _code_in(nodes: Sequence[Node]) -> list[Node]:
    found: list[Node] = []
    for node in nodes:
        if node["type"] != "text":
            found.append(node)
            continue
        for part in inline_code(node["text"]):
            found.append({"type": "code" if part.is_code else "text", "text": part.text})
    return found
