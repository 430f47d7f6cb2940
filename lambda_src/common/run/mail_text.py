"""Mail bodies from templates. What people wrote is data in them: HTML is escaped, controls are made visible."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from common.shared.deadlines import parse_time

# Control characters move a terminal's cursor; bidirectional controls show text in another order than
# it has (Unicode TR 9, and TR 36 on their abuse). Line feed and tab stay.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
LONGEST_TEXT = 1000
# A fenced block, or code between single backticks on one line.
_CODE = re.compile(r"(```[^\n`]*\n.*?\n?```|`[^`\n]+`)", re.DOTALL)


def visible(text: str) -> str:
    """`text` without anything that could change how what follows it is shown, cut to a mail's measure."""
    shown = _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))
    return shown if len(shown) <= LONGEST_TEXT else f"{shown[:LONGEST_TEXT]}…"


def prose(text: str) -> Markup:
    """`text` as HTML with Markdown's code blocks and inline code shown as code; everything else is data."""
    parts = []
    for place, part in enumerate(_CODE.split(visible(text))):
        if place % 2 == 0:  # between two pieces of code
            parts.append(escape(part.strip("\n")))
        elif part.startswith("```"):
            style = "margin:8px 0;padding:8px;background:#eef1f5;overflow-x:auto;white-space:pre-wrap;font-size:14px"
            code = part.removesuffix("```").partition("\n")[2].rstrip("\n")
            parts.append(Markup('<pre style="{}">{}</pre>').format(style, code))
        else:
            parts.append(Markup('<code style="background:#eef1f5">{}</code>').format(part[1:-1]))
    return Markup("").join(parts)


def number(value: float) -> str:
    """Points as people write them: `5`, `4.5`, `0.33`."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def local_time(time: datetime | str, timezone: str) -> str:
    """`Monday 23 November 2026, 23:00 (Europe/Warsaw)`."""
    moment = parse_time(time) if isinstance(time, str) else time
    there = moment.astimezone(ZoneInfo(timezone))
    return f"{there:%A} {there.day} {there:%B %Y, %H:%M} ({timezone})"


@cache
def templates(folder: Path, timezone: str) -> Environment:
    """The templates of `folder` and of common: `*.html` escape what they are given, `*.txt` do not."""
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
    environment.filters["local"] = lambda time: local_time(time, timezone)
    return environment


def _finalize(value: Any) -> Any:
    """Every text on its way into a mail, except markup that a template itself made."""
    return visible(value) if type(value) is str else value
