"""HTML as texts of a test's file."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import unquote

from cli.questions.html.tags import (
    CODE,
    FIELDS,
    FORMATTING,
    LINES,
    MEDIA,
    PARAGRAPHS,
    VOID,
    Raw,
    Tag,
    tokens,
    unescaped,
)

from common.run.code_in_text import blocks, inline_code

_SPACE = re.compile(r"([ \t\n\r\f\xa0]+)")
_KEEPS_SPACE = re.compile(r"white-space\s*:\s*(?:break-spaces|pre)", re.IGNORECASE)
_FORMATS = re.compile(
    r"(?:^|[;\s])(?:color|background(?:-color)?|font-(?:weight|style)|text-decoration)\s*:", re.IGNORECASE
)
_LANGUAGE = re.compile(r"(?:^|\s)lang(?:uage)?-([\w+#.-]+)")
_ANNOTATION = re.compile(r"<annotation\b([^<>]*+)>([^<]*+)", re.IGNORECASE)
_FORMULA_MARKS = (("$$", "$$"), ("\\(", "\\)"), ("\\[", "\\]"))
_ONE_TERM = re.compile(r"[-+\u2212]?\w*")

_MAX_LENGTH_WITH_CODE = 20_000  # finding code in a text takes more than linear time
_MAX_NESTED_SCRIPTS = 3  # deeper ones are not marked
_FORMATTING_LOSS = "bold, italics and other formatting are left out"


class _Flow:
    """Text that is being written, and the white space that is written if something follows it."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.newlines = 0
        self.line_ends = 0  # at the end of what is written
        self.space = False
        self.begins_with_space = False
        self.prefix = ""

    def solid(self, text: str) -> None:
        text = self.prefix + text
        rest = text.lstrip("\n")
        line_ends = len(text) - len(rest)
        if self.parts:
            missing = "\n" * (min(self.newlines, 2) - self.line_ends - line_ends)
            self.parts.append(missing if self.newlines else " " * self.space)
        else:
            self.begins_with_space = self.space
        self.parts.append(text)
        self.line_ends = len(rest) - len(rest.rstrip("\n")) if rest else self.line_ends + line_ends
        self.newlines, self.space, self.prefix = 0, False, ""

    def collapsed(self, text: str) -> None:
        for piece in _SPACE.split(text):
            if piece and not _SPACE.match(piece):
                self.solid(piece)
            elif piece:
                self.space = True

    def lines(self, number: int) -> None:
        self.newlines = max(self.newlines, number)
        self.space = False

    def text(self) -> str:
        return "".join(self.parts)


@dataclass(frozen=True)
class _Open:
    """An element that has not ended. `start`: the number of its flow's parts before it."""

    tag: Tag
    flow: _Flow
    start: int
    keeps_space: bool


@dataclass
class _Page:
    """What has been read of the HTML so far."""

    flow: _Flow = field(default_factory=_Flow)
    losses: dict[str, None] = field(default_factory=dict)
    opened: list[_Open] = field(default_factory=list)
    names: Counter[str] = field(default_factory=Counter)
    lists: list[int | None] = field(default_factory=list)
    cells: int = 0
    language: str = ""

    def lose(self, sentence: str) -> None:
        self.losses[sentence] = None

    @property
    def keeps_space(self) -> bool:
        return bool(self.opened) and self.opened[-1].keeps_space

    @property
    def in_code(self) -> bool:
        return any(self.names[name] for name in CODE)

    def add_text(self, text: str) -> None:
        if self.keeps_space and text:
            self.flow.solid(text)
        else:
            self.flow.collapsed(text)

    def add_lines(self, number: int) -> None:
        if self.names["td"] or self.names["th"]:
            self.flow.space = True
        else:
            self.flow.lines(number)

    def start(self, tag: Tag) -> None:
        style = tag.attributes.get("style", "")
        if tag.name == "a":
            self.end("a")  # links are not nested
        if tag.name in FORMATTING or _FORMATS.search(style):
            self.lose(_FORMATTING_LOSS)
        self._start_block(tag)
        if tag.name in VOID or tag.source.endswith("/>"):
            self._add_void(tag)
            return
        keeps_space = self.keeps_space or tag.name == "pre" or bool(_KEEPS_SPACE.search(style))
        if tag.name in CODE and (named := _LANGUAGE.search(tag.attributes.get("class", ""))):
            self.language = named[1]
        if tag.name in CODE and not self.in_code:
            outer, self.flow = self.flow, _Flow()
            self.opened.append(_Open(tag, outer, 0, keeps_space))
        else:
            self.opened.append(_Open(tag, self.flow, len(self.flow.parts), keeps_space))
        self.names[tag.name] += 1

    def _start_block(self, tag: Tag) -> None:
        if tag.name in PARAGRAPHS:
            self.add_lines(2)
        elif tag.name in LINES:
            self.add_lines(1)
        if tag.name in ("ul", "ol"):
            self.lists.append(0 if tag.name == "ol" else None)
        elif tag.name == "li":
            self._start_item()
        elif tag.name == "table":
            self.lose("a table is written as lines, with | between its cells")
        elif tag.name == "tr":
            self.cells = 0
        elif tag.name in ("td", "th"):
            if self.cells:
                self.flow.space = True
                self.flow.solid("|")
                self.flow.space = True
            self.cells += 1
        elif tag.name in MEDIA:
            self._add_media(tag)
        elif tag.name in FIELDS:
            self.lose("a field to fill in is left out")

    def _start_item(self) -> None:
        mark = "- "
        if self.lists and self.lists[-1] is not None:
            self.lists[-1] += 1
            mark = f"{self.lists[-1]}. "
        self.flow.prefix = "  " * min(len(self.lists) - 1, 10) + mark

    def _add_void(self, tag: Tag) -> None:
        if tag.name == "br":
            if self.keeps_space:
                self.flow.solid("\n")
            else:
                self.add_lines(self.flow.newlines + 1)
        elif tag.name == "img":
            self._add_image(tag.attributes)
        elif tag.name == "source" and (name := _name_in(tag.attributes.get("src", ""))):
            self.lose(f"the file {name} is left out")

    def _add_image(self, attributes: dict[str, str]) -> None:
        alternative = " ".join(attributes.get("alt", "").split())
        formula = attributes.get("data-equation-content", "")
        if not formula and re.search(r"equation_image|texrender", attributes.get("class", "")):
            formula = alternative.removeprefix("LaTeX:").strip()
        if formula:
            self._add_formula(formula)
            return
        source = attributes.get("src", "")
        name = _name_in(source) or alternative or "without a name"
        self.lose(f"the image {name} is left out")
        self.flow.solid(f"[image: {alternative or name}]")

    def _add_formula(self, tex: str) -> None:
        self.flow.solid(f"\\({tex}\\)")

    def _add_media(self, tag: Tag) -> None:
        source = tag.attributes.get("src") or tag.attributes.get("data") or ""
        if source:
            kind = MEDIA[tag.name]
            name = source if kind == "embedded page" else _name_in(source)
            self.lose(f"the {kind} {name} is left out")
            self.flow.solid(f"[{kind}: {name}]")

    def add_raw(self, raw: Raw) -> None:
        if raw.tag.name == "math":
            notes = (found[2] for found in _ANNOTATION.finditer(raw.content) if "tex" in found[1].lower())
            self._add_formula_of(raw.tag.attributes.get("alttext") or next(notes, ""), raw.content)
        elif raw.tag.name == "svg":
            self.lose("a drawing (SVG) is left out")
        elif raw.content.strip():
            self.lose(f"a {raw.tag.name} is left out")

    def _add_formula_of(self, tex: str, content: str) -> None:
        if tex:
            self._add_formula(unescaped(tex).strip())
        else:
            self.lose("a formula (MathML) is reduced to its characters")
            self.flow.collapsed(unescaped(re.sub(r"<[^<>]*>", " ", content)))

    def end(self, name: str) -> None:
        if name in ("br", "p") and not self.names[name]:
            self.add_lines(1 if name == "br" else 2)
            return
        while self.names[name]:
            ended = self.opened.pop()
            self.names[ended.tag.name] -= 1
            self._close(ended)
            if ended.tag.name == name:
                break

    def end_all(self) -> None:
        while self.opened:
            self.end(self.opened[-1].tag.name)

    def _close(self, element: _Open) -> None:
        name = element.tag.name
        if element.flow is not self.flow:
            written, self.flow = self.flow, element.flow
            self._add_code(element.tag, written)
        elif name in ("sub", "sup") and self.names["sub"] + self.names["sup"] < _MAX_NESTED_SCRIPTS:
            self._mark_script("_" if name == "sub" else "^", element.start)
        elif name == "a":
            self._lose_link(element)
        elif name in ("ul", "ol"):
            self.lists.pop()
            self.flow.prefix = ""
        if name in PARAGRAPHS:
            self.add_lines(2)
        elif name in LINES:
            self.add_lines(1)

    def _add_code(self, tag: Tag, written: _Flow) -> None:
        code = written.text()
        if tag.name == "pre":
            code = code.removeprefix("\n").removesuffix("\n")
        if not code:
            self.flow.space = self.flow.space or written.space
        elif tag.name == "pre" or "\n" in code:
            self._add_code_block(code)
        else:
            self.flow.space = self.flow.space or written.begins_with_space
            self.flow.solid(_code_span(code))
            self.flow.space = written.space
        self.language = ""

    def _add_code_block(self, code: str) -> None:
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", code)), default=0))
        if self.flow.prefix:
            self.flow.solid("")
        self.flow.lines(1)
        self.flow.solid(f"{fence}{self.language}\n{code}\n{fence}")
        self.flow.lines(1)

    def _mark_script(self, mark: str, start: int) -> None:
        written = "".join(self.flow.parts[start:])
        del self.flow.parts[start:]
        content = written.strip()
        if content:
            shown = content if _ONE_TERM.fullmatch(content) else f"({content})"
            self.flow.parts.append(written[: len(written) - len(written.lstrip())] + mark + shown)
            self.lose("superscripts are written with ^, subscripts with _")

    def _lose_link(self, link: _Open) -> None:
        address = link.tag.attributes.get("href", "").strip()
        shown = "".join(link.flow.parts[link.start :]).strip()
        if address and address not in (shown, f"mailto:{shown}"):
            self.lose(f"the address of a link is left out: {address}")


def _name_in(address: str) -> str:
    if address[:5].lower() == "data:":
        return "in the text"
    path = re.split("[?#]", address, maxsplit=1)[0]
    return unquote(path.rstrip("/").rpartition("/")[2])


def _code_span(code: str) -> str:
    used = set(map(len, re.findall("`+", code)))
    mark = "`" * next(length for length in range(1, len(used) + 2) if length not in used)
    return f"{mark} {code} {mark}" if code[0] == "`" or code[-1] == "`" else mark + code + mark


def text_of(html: str) -> tuple[str, list[str]]:
    """The text as a test's file has it, and what is lost of the HTML, each as a sentence without a full stop.

    Paragraphs are separated by blank lines. Code becomes Markdown's. A no-break space becomes a space, except where
    white space is kept.
    """
    page = _Page()
    for token in tokens(html):
        if isinstance(token, str):
            page.add_text(unescaped(token))
        elif isinstance(token, Raw):
            page.add_raw(token)
        elif token.closes:
            page.end(token.name)
        else:
            page.start(token)
    page.end_all()
    text = page.flow.text()
    return text, [*page.losses, *formula_losses(text)]


def formula_losses(text: str) -> list[str]:
    """For what Moodle and Canvas show as formulas, unless the text has it only in code."""
    prose = text
    if _has_formula(text) and len(text) <= _MAX_LENGTH_WITH_CODE:
        spans = [part for block in blocks(text) if not block.is_code for part in inline_code(block.text)]
        prose = "".join(part.text for part in spans if not part.is_code)
    return ["a formula is shown as it is written, in LaTeX"] if _has_formula(prose) else []


def _has_formula(text: str) -> bool:
    return any(begin in text and end in text[text.index(begin) + 3 :] for begin, end in _FORMULA_MARKS)
