"""Texts in GIFT: their escapes, and the formats that they can have."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cli.questions.html import formula_losses, text_of
from cli.questions.text_file import BLANKS

FORMATS = ("moodle", "html", "plain", "markdown")

_SIGNS = ":#={}~"
_ESCAPED = re.compile(r"\\([\\:#={}~n])")
_TO_ESCAPE = re.compile(r"[\\:#={}~]")
# An escaped sign must not be taken for the sign. It is a lone surrogate until then, which no decoded file can have.
_SURROGATES = 0xDC00
_HIDDEN = {"\\": "\\", "n": chr(_SURROGATES + ord("\n"))} | {sign: chr(_SURROGATES + ord(sign)) for sign in _SIGNS}
_SHOWN = {_SURROGATES + ord(sign): sign for sign in (*_SIGNS, "\n")}

_CODE = re.compile(r"`[^`]*`")
_MARKUP = re.compile(
    r"</[a-zA-Z][a-zA-Z0-9]{0,20}>|<(?:br|hr|img|p|li)\b[^<>]*>|&(?:[a-zA-Z]{2,10}|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});"
)
_BESIDE_A_TAG = re.compile(r"(?<=>)\n|\n(?=<)")
_OTHER_MARKDOWN = re.compile(r"\*\*|__|!\[|\]\(|^#{1,6} |^[*+] |^\|", re.MULTILINE)


def hidden(text: str) -> str:
    """`text` with its escaped signs out of the way, so that each `=` that remains is one that begins an answer."""
    return _ESCAPED.sub(lambda match: _HIDDEN[match[1]], text)


def shown(text: str) -> str:
    """A `hidden` text as people read it."""
    return text.translate(_SHOWN).strip(BLANKS)


def escaped(text: str) -> str:
    """`text` on one line, with a backslash before each sign that GIFT gives a meaning."""
    return _TO_ESCAPE.sub(r"\\\g<0>", text).replace("\n", r"\n")


def format_of(text: str) -> str | None:
    """The format that `text` names at its beginning, such as `[html]`."""
    return next((name for name in FORMATS if text.startswith(f"[{name}]")), None)


class Texts:
    """Reads the texts of one question. `losses` are those of all texts that were read."""

    def __init__(self) -> None:
        self.losses: list[str] = []
        self._format: str | None = None

    def question(self, raw: str) -> str:
        """The question's own text, whose format is that of all texts that name none."""
        self._format = format_of(raw.strip(BLANKS))
        return self.read(raw)

    def read(self, raw: str) -> str:
        """The text of `raw`, a `hidden` text that may begin with its format."""
        raw = raw.strip(BLANKS)
        named = format_of(raw)
        text = shown(raw.removeprefix(f"[{named}]"))
        text_format = named or self._format
        if text_format == "plain":
            return text
        if text_format == "html":
            return self._of_html(text)
        if text_format == "markdown":
            if _OTHER_MARKDOWN.search(_CODE.sub("", text)):
                self.lose("Markdown other than code is kept as it is written")
        elif _MARKUP.search(_CODE.sub("", text)):
            if text_format is None:
                self.lose("its HTML is read as in Moodle: write [plain] before the text if < and & mean themselves")
            # Moodle shows a line end as one, except beside a tag.
            return self._of_html(_BESIDE_A_TAG.sub(" ", text).replace("\n", "<br>"))
        self._lose_all(formula_losses(text))
        return text

    def literal(self, raw: str) -> str:
        """The text of `raw` if Moodle shows it nowhere, but compares it: only its format is removed."""
        raw = raw.strip(BLANKS)
        return shown(raw.removeprefix(f"[{format_of(raw)}]"))

    def lose(self, loss: str) -> None:
        """Note that something is lost, once."""
        if loss not in self.losses:
            self.losses.append(loss)

    def _lose_all(self, losses: Sequence[str]) -> None:
        for loss in losses:
            self.lose(loss)

    def _of_html(self, html: str) -> str:
        text, losses = text_of(html)
        self._lose_all(losses)
        return text
