"""Texts of a test's file as HTML."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from cli.questions.formatted.rich_text import RichText
from cli.questions.html.reading import text_of

from common.run.code_in_text import blocks, inline_code

_BLOCK = re.compile(r"^(`{3,})([^`\n]*)\n(.*?)\n\1$", re.MULTILINE | re.DOTALL)
_RUN_OF_SPACE = re.compile(r"[ \t\r\f\xa0]+")


def html_of(text: str, address: Callable[[str], str] = str) -> str:
    """HTML that shows the text, with its code as code, and that `text_of` makes the same text of.

    A text with formatting has it in the HTML too. `address`: of the file of an image in it.
    """
    if isinstance(text, RichText):
        return text.html(address)
    code_blocks = list(_BLOCK.finditer(text))
    if [found[3] for found in code_blocks] == [block.text for block in blocks(text) if block.is_code]:
        html = _joined(_pieces(text, code_blocks))
        if text_of(html)[0] == text:
            return html
    return _kept(text)


def _pieces(text: str, code_blocks: list[re.Match[str]]) -> list[str | re.Match[str]]:
    """Paragraphs and code blocks, with the line ends before, between and after them."""
    pieces: list[str | re.Match[str]] = []
    position = 0
    for found in code_blocks:
        pieces += [*re.split(r"(\n{2,}|^\n|\n$)", text[position : found.start()]), found]
        position = found.end()
    pieces += re.split(r"(\n{2,}|^\n|\n$)", text[position:])
    return [piece for piece in pieces if piece]


def _joined(pieces: list[str | re.Match[str]]) -> str:
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return _lines(pieces[0])
    html = []
    # A `div` or `pre` ends its line. A `p` also has a blank line before and after it.
    is_p = [
        isinstance(piece, str) and piece.strip("\n") != "" and "\n" not in (before, after)
        for before, piece, after in zip(["", *pieces], pieces, [*pieces[1:], ""], strict=False)
    ]
    for number, piece in enumerate(pieces):
        if not isinstance(piece, str):
            html.append(_code_block(piece[2], piece[3]))
        elif piece.strip("\n"):
            tag = "p" if is_p[number] else "div"
            html.append(f"<{tag}>{_lines(piece)}</{tag}>")
        else:
            in_between = 0 < number < len(pieces) - 1
            made_by_tags = in_between and (
                piece == "\n" or (piece == "\n\n" and (is_p[number - 1] or is_p[number + 1]))
            )
            html.append("" if made_by_tags else _kept(piece))
    return "".join(html)


def _code_block(language: str, code: str) -> str:
    named = f' class="language-{escape(language)}"' if language else ""
    return f"<pre{named}>\n{_escaped(code)}\n</pre>"


def _lines(text: str) -> str:
    return "<br>".join(_line(line) for line in text.split("\n"))


def _line(text: str) -> str:
    parts = inline_code(text)
    return "".join(
        _inline_code(part.text) if part.is_code else _prose(part.text, begins=part is parts[0], ends=part is parts[-1])
        for part in parts
    )


def _inline_code(code: str) -> str:
    return f"<code>{_prose(code, begins=True, ends=True)}</code>"


def _prose(text: str, *, begins: bool, ends: bool) -> str:
    """White space that HTML would not show is marked as such."""
    html = []
    position = 0
    for run in _RUN_OF_SPACE.finditer(text):
        at_the_edge = (begins and run.start() == 0) or (ends and run.end() == len(text))
        if run[0] != " " or at_the_edge:
            html += [_escaped(text[position : run.start()]), _kept(run[0])]
            position = run.end()
    return "".join([*html, _escaped(text[position:])])


def _kept(text: str) -> str:
    return f'<span style="white-space: pre-wrap">{_escaped(text)}</span>'


def _escaped(text: str) -> str:
    return escape(text, quote=False).replace("\r", "&#13;")
