"""Texts with formatting: what is in HTML as Markdown, and what is in Markdown as HTML.

In between, a text is the tree of what is shown, as `read_markdown` reads it. An image in it has its file's name.
"""

from cli.questions.formatted.from_html import Formulas, Reading, nodes_of_html, with_formulas
from cli.questions.formatted.to_html import html_of_nodes
from cli.questions.formatted.to_markdown import is_formatted, markdown_of, nodes_of_text

__all__ = [
    "Formulas",
    "Reading",
    "html_of_nodes",
    "is_formatted",
    "markdown_of",
    "nodes_of_html",
    "nodes_of_text",
    "with_formulas",
]
