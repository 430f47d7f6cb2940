"""Texts in GIFT: their escapes, and the formats that they can have."""

from __future__ import annotations

import re

from cli.questions.bank_texts import BankTexts, PlainTexts, ReadText
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

    def __init__(self, texts: BankTexts | None = None) -> None:
        self._texts = texts or PlainTexts()
        self.losses: list[str] = []
        self._format: str | None = None

    def question(self, raw: str) -> str:
        """The question's own text, whose format is that of all texts that name none."""
        self._format = format_of(raw.strip(BLANKS))
        return self.read(raw)

    def read(self, raw: str) -> str:
        """The text of `raw`, a `hidden` text that may begin with its format. GIFT has no images."""
        raw = raw.strip(BLANKS)
        named = format_of(raw)
        text = shown(raw.removeprefix(f"[{named}]"))
        text_format = named or self._format
        if text_format == "plain":
            return self.plain(text)
        if text_format == "html":
            return self._of_html(text)
        if text_format == "markdown":
            return self._taken(self._texts.of_markdown(text))
        if _MARKUP.search(_CODE.sub("", text)):
            if text_format is None:
                self.lose("its HTML is read as in Moodle: write [plain] before the text if < and & mean themselves")
            # Moodle shows a line end as one, except beside a tag.
            return self._of_html(_BESIDE_A_TAG.sub(" ", text).replace("\n", "<br>"))
        return self._taken(self._texts.of_plain(text))

    def plain(self, text: str) -> str:
        """A text in which nothing has a meaning."""
        return self._texts.of_plain(text).text

    def literal(self, raw: str) -> str:
        """The text of `raw` if Moodle shows it nowhere, but compares it: only its format is removed."""
        raw = raw.strip(BLANKS)
        return shown(raw.removeprefix(f"[{format_of(raw)}]"))

    def lose(self, loss: str) -> None:
        """Note that something is lost, once."""
        if loss not in self.losses:
            self.losses.append(loss)

    def _taken(self, read: ReadText) -> str:
        for loss in read.losses:
            self.lose(loss)
        return read.text

    def _of_html(self, html: str) -> str:
        return self._taken(self._texts.of_html(html))
