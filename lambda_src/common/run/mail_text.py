"""Email bodies from templates. Text that people wrote is data: HTML is escaped, control characters are made visible."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from common.run.code_in_text import Part, blocks, inline_code
from common.run.nodes_in_mail import code, code_block, nodes_html, without_harm
from common.shared.deadlines import parse_time

if TYPE_CHECKING:
    from common.shared.documents import Node

LONGEST_TEXT = 1000


def visible(text: str) -> str:
    """`text` without characters that could change how the text after it is shown, cut to a length that suits emails."""
    shown = without_harm(text)
    return shown if len(shown) <= LONGEST_TEXT else f"{shown[:LONGEST_TEXT]}…"


def prose(text: str, nodes: Sequence[Node] | None = None) -> Markup:
    """`text` as HTML with Markdown's code blocks and inline code shown as code; everything else is data.

    `nodes`: what is shown instead, if the text is a plain rendition of it.
    """
    if nodes is not None:
        return nodes_html(nodes, LONGEST_TEXT)
    return Markup("").join(_block(block) for block in blocks(visible(text)))


class _Shown(str):
    """Text that `visible` has been applied to."""


def plain(text: str, indent: int = 0) -> str:
    """`text` for an email without HTML: its code blocks lose their fences, and their lines stand behind bars.

    `indent`: how many spaces each line but the first begins with.
    """
    shown = (
        "\n".join(f"| {line}" for line in each.text.split("\n")) if each.is_code else each.text.strip("\n")
        for each in blocks(visible(text))
    )
    return _Shown("\n".join(shown).replace("\n", "\n" + " " * indent))


def _block(block: Part) -> Markup:
    if block.is_code:
        return code_block(block.text)
    parts = (code(part.text) if part.is_code else escape(part.text) for part in inline_code(block.text.strip("\n")))
    # In its own direction: a sentence from right to left keeps the order of its words.
    return Markup('<span dir="auto">{}</span>').format(Markup("").join(parts))


def number(value: float) -> str:
    """Points as people write them: `5`, `4.5`, `0.33`."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def beginning(text: str, longest: int) -> str:
    """The first line of a text, cut to at most `longest` characters."""
    line = text.strip().partition("\n")[0]
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def local_time(time: datetime | str, timezone: str) -> str:
    """`Mon 23 Nov 2026, 23:00 (Europe/Warsaw)`. The page's `clock.js` and the terminal client write times alike."""
    moment = parse_time(time) if isinstance(time, str) else time
    there = moment.astimezone(ZoneInfo(timezone))
    return f"{there:%a} {there.day} {there:%b %Y, %H:%M} ({timezone})"


@cache
def templates(folder: Path, timezone: str) -> Environment:
    """The templates in `folder` and in common: `*.html` escape the values put into them, `*.txt` do not."""
    environment = Environment(
        loader=FileSystemLoader([folder, Path(__file__).parent / "templates"]),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters["number"] = number
    environment.filters["prose"] = prose
    environment.filters["plain"] = plain
    environment.filters["beginning"] = beginning
    environment.filters["local"] = lambda time: local_time(time, timezone)
    return environment


def _finalize(value: Any) -> Any:
    """Make every text that is put into an email visible, except markup that a template itself produced."""
    return visible(value) if type(value) is str else value
