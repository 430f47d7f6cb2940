"""A text of a test's file with `format: markdown`, for banks: with its formatting, and as plain text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ansible_collections.training.test_time.plugins.module_utils.class_content.markdown_text import read_markdown
from ansible_collections.training.test_time.plugins.module_utils.class_content.plain_rendition import plain_rendition
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import Node
from cli.questions.formatted.to_html import html_of_nodes


class RichText(str):
    """A text that is shown with formatting. Where a bank has none, it is this text."""

    __slots__ = ("nodes",)

    nodes: Sequence[Node]

    def html(self, address: Callable[[str], str]) -> str:
        """The text as HTML. `address`: of an image's file."""
        return html_of_nodes(self.nodes, address)

    def without_images(self) -> RichText:
        """The text with words in place of each image."""
        return _rich(_without_images(self.nodes))

    def images(self) -> list[str]:
        """The names of the files of the images that it shows, each once."""
        return list(dict.fromkeys(_images(self.nodes)))


def rich_text(markdown: str, *, math: bool) -> RichText:
    """A text without problems."""
    nodes = read_markdown(markdown, math=math, image_id=lambda name: name).nodes
    return _rich(nodes)


def with_replaced(text: str, names: Mapping[str, str]) -> str:
    """The text with other words in place of some. Their formatting stays."""
    if not isinstance(text, RichText):
        for old, new in names.items():
            text = text.replace(old, new)
        return text
    return _rich(_replaced(text.nodes, names))


def _rich(nodes: Sequence[Node]) -> RichText:
    text = RichText(plain_rendition(nodes))
    text.nodes = nodes
    return text


def _replaced(nodes: Sequence[Node], names: Mapping[str, str]) -> list[Node]:
    found: list[Node] = []
    for node in nodes:
        if "children" in node:
            found.append(node | {"children": _replaced(node["children"], names)})
        elif "text" in node:
            text = node["text"]
            for old, new in names.items():
                text = text.replace(old, new)
            found.append(node | {"text": text})
        else:
            found.append(node)
    return found


def _without_images(nodes: Sequence[Node]) -> list[Node]:
    return [
        {"type": "text", "text": f"[image: {node['text']}]"}
        if node["type"] == "image"
        else node | {"children": _without_images(node["children"])}
        if "children" in node
        else node
        for node in nodes
    ]


def _images(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if "image" in node:
            yield node["image"]
        yield from _images(node.get("children", []))
