"""What HTML shows, as the tree that Markdown has: of everything else, only its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ansible_collections.training.test_time.plugins.module_utils.class_content.formula import WrongFormula, formula
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import Node, NodeType
from cli.questions.formatted.runs import Mark, Run, grouped
from cli.questions.html.tags import CODE, FIELDS, FORMATTING, LINES, MEDIA, PARAGRAPHS, Raw, Tag, tokens, unescaped

_SPACE = re.compile(r"([ \t\n\r\f\xa0]+)")
_KEEPS_SPACE = re.compile(r"white-space\s*:\s*(?:break-spaces|pre)", re.IGNORECASE)
_STYLES = re.compile(
    r"(?:^|[;\s])(?:color|background(?:-color)?|font-(?:weight|style|size)|text-decoration)\s*:", re.IGNORECASE
)
_ANNOTATION = re.compile(r"<annotation\b([^<>]*+)>([^<]*+)", re.IGNORECASE)
_ONE_TERM = re.compile(r"[-+\u2212]?\w*")
_MARKS: dict[str, NodeType] = {
    **dict.fromkeys(("b", "strong"), "strong"),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), "emphasis"),
}
_BLOCKS = PARAGRAPHS | LINES | {"pre"}
_EMPTY = ("br", "img", "source", "hr", "wbr", "input", "embed")
# Between which element and this one another one ends.
_IMPLIED = {
    "li": (("ul", "ol"), ("li",)),
    "tr": (("table",), ("td", "th", "tr")),
    **dict.fromkeys(("td", "th"), (("table",), ("td", "th"))),
}
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SCRIPTS = {"sub": "_", "sup": "^"}
_LINKS = ("http://", "https://", "mailto:")
_FORMULAS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}
_FORMULA_BEGINS = re.compile(r"\\\(|\\\[|\$\$")
_DEEPEST = 200  # what is nested deeper has no formatting of its own
_LONGEST_START = 999_999_999


class Formulas:
    """Finds formulas in texts. `losses`: those of formulas that cannot be shown."""

    def __init__(self) -> None:
        self.losses: dict[str, None] = {}

    def node(self, latex: str, *, is_block: bool) -> Node | None:
        """The formula, None if it cannot be shown."""
        latex = " ".join(latex.split())
        try:
            if not latex or "$" in latex or latex.endswith("\\"):
                raise WrongFormula("has a dollar sign" if "$" in latex else "is empty")
            formula(latex, is_block=is_block)
        except WrongFormula as problem:
            self.losses[f"a formula is shown as it is written, in LaTeX, because it {problem}"] = None
            return None
        return {"type": "formula", "text": latex, "block": True} if is_block else {"type": "formula", "text": latex}

    def split(self, text: str) -> Iterator[str | Node]:
        """The formulas in a text, and what is between them."""
        place = 0
        absent: set[str] = set()  # ends that do not follow any more
        for begin in _FORMULA_BEGINS.finditer(text):
            end_mark = _FORMULAS[begin[0]]
            if begin.start() < place or end_mark in absent:
                continue
            end = text.find(end_mark, begin.end())
            if end < 0:
                absent.add(end_mark)
            elif node := self.node(text[begin.end() : end], is_block=begin[0] != "\\("):
                yield text[place : begin.start()]
                yield node
                place = end + len(end_mark)
        yield text[place:]


def with_formulas(nodes: Sequence[Node], formulas: Formulas) -> list[Node]:
    """The nodes, with what banks show as formulas in their texts as formulas inside of lines."""
    found: list[Node] = []
    for node in nodes:
        if node["type"] == "text":
            for part in formulas.split(node["text"]):
                if isinstance(part, str):
                    found.append({"type": "text", "text": part})
                else:
                    found.append({"type": "formula", "text": part["text"]})
        elif "children" in node:
            found.append(node | {"children": with_formulas(node["children"], formulas)})
        else:
            found.append(node)
    return found


@dataclass
class Reading:
    """What HTML became. `losses`: each a sentence without a full stop."""

    nodes: list[Node] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)


# Of an image's address and its alternative text, what is shown in its place.
ImageOf = Callable[[str, str, Callable[[str], None]], Node]


def nodes_of_html(html: str, image_of: ImageOf) -> Reading:
    """What the HTML shows. `image_of`: also takes what is called with each loss."""
    page = _Page(image_of)
    for token in tokens(html):
        if isinstance(token, str):
            page.text(unescaped(token))
        elif isinstance(token, Raw):
            page.raw(token)
        elif token.closes:
            page.end(token.name)
        else:
            page.start(token)
    while page.opened:
        page.end(page.opened[-1].tag.name)
    page.end_paragraph()
    return Reading(page.blocks, [*page.losses, *page.formulas.losses])


@dataclass
class _Open:
    """An element that has not ended. `blocks`: those around it, if it has its own. `code`: what is in it, if code."""

    tag: Tag
    mark: Mark | None = None
    blocks: list[Node] | None = None
    is_code: bool = False
    keeps_space: bool = False
    script_from: int = -1


@dataclass
class _Page:
    image_of: ImageOf
    blocks: list[Node] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    opened: list[_Open] = field(default_factory=list)
    losses: dict[str, None] = field(default_factory=dict)
    formulas: Formulas = field(default_factory=Formulas)
    space: bool = False
    code: list[str] | None = None

    def lose(self, sentence: str) -> None:
        self.losses[sentence] = None

    def has_open(self, *names: str) -> bool:
        return any(each.tag.name in names for each in self.opened)

    @property
    def marks(self) -> tuple[Mark, ...]:
        return tuple(dict.fromkeys(each.mark for each in self.opened if each.mark))

    # Text

    def text(self, text: str) -> None:
        keeps_space = bool(self.opened) and self.opened[-1].keeps_space
        if self.code is not None:
            self.code.append(text if keeps_space else _SPACE.sub(" ", text))
            return
        for part in self.formulas.split(text):
            if not isinstance(part, str):
                self.formula(part)
                continue
            for number, line in enumerate(part.split("\n") if keeps_space else [part]):
                if number:
                    self.line_break()
                self._words(line)

    def _words(self, text: str) -> None:
        for piece in _SPACE.split(text):
            if not piece:
                continue
            if _SPACE.match(piece):
                self.space = True
            else:
                self._word(piece)

    def _word(self, word: str) -> None:
        if word[0].isdigit() and self.runs and self.runs[-1].node["type"] == "formula":
            self.space = True  # a `$` before a digit ends no formula
        self.inline({"type": "text", "text": word})

    def inline(self, node: Node) -> None:
        """Add what stands in a line, after a space if there was one."""
        marks = self.marks
        if self.space and self.runs and self.runs[-1].node["type"] != "break":
            shared = tuple(mark for mark in marks if mark in self.runs[-1].marks)
            self.runs.append(Run({"type": "text", "text": " "}, shared))
        self.space = False
        self.runs.append(Run(node, marks))

    def formula(self, node: Node) -> None:
        if "block" in node and not self.marks and not self.has_open("td", "th"):
            self.end_paragraph()
            self.blocks.append(node)
            return
        before = self.runs[-1].node.get("text", "") if self.runs and not self.space else ""
        if before and before[-1].isdigit():
            self.space = True  # a `$` after a digit begins no formula
        self.inline({"type": "formula", "text": node["text"]})

    def line_break(self) -> None:
        self.space = False
        if self.has_open("td", "th"):
            self.space = True
            self.lose("line ends in the cells of a table become spaces")
        elif self.runs and self.runs[-1].node["type"] == "break":
            self.end_paragraph()
        elif self.runs:
            self.runs.append(Run({"type": "break"}, ()))

    def end_paragraph(self) -> None:
        if self.has_open("td", "th"):
            self.space = True
            return
        children = grouped(self.runs)
        self.runs, self.space = [], False
        if children:
            self.blocks.append({"type": "paragraph", "children": children})

    # Elements

    def start(self, tag: Tag) -> None:
        name = tag.name
        if name == "a":
            self.end("a")  # links are not nested
        if name == "li" and not self.has_open("ul", "ol"):
            tag = Tag("div", tag.attributes, closes=False, source="<div>")
            name = tag.name
        self._lose_style(tag)
        if name in _EMPTY:
            self._void(tag)
            return
        if tag.source.endswith("/>") and name not in CODE:
            return
        if len(self.opened) >= _DEEPEST:
            return
        element = _Open(tag, keeps_space=self._keeps_space(tag))
        self._end_implied(name)
        if name in _BLOCKS:
            self.end_paragraph()
        if name in MEDIA:
            self._media(tag)
        elif name in FIELDS:
            self.lose("a field to fill in is left out")
        self._open(element)

    def _open(self, element: _Open) -> None:
        name = element.tag.name
        if name in CODE and self.code is None:
            element.is_code, self.code = True, []
        elif name in _MARKS:
            element.mark = Mark(_MARKS[name])
        elif name == "a":
            element.mark = self._link(element.tag)
        elif name in _SCRIPTS:
            element.script_from = len(self.runs) + (self.space and bool(self.runs))
        elif self._has_blocks(name):
            element.blocks, self.blocks = self.blocks, []
        self.opened.append(element)

    def _keeps_space(self, tag: Tag) -> bool:
        inherited = bool(self.opened) and self.opened[-1].keeps_space
        return inherited or tag.name == "pre" or bool(_KEEPS_SPACE.search(tag.attributes.get("style", "")))

    def _end_implied(self, name: str) -> None:
        """HTML may leave out the end of an item, a row and a cell."""
        around, ended = _IMPLIED.get(name, ((), ()))
        for each in reversed(self.opened if around else []):
            if each.tag.name in around:
                break
            if each.tag.name in ended:
                self.end(each.tag.name)
                self._end_implied(name)
                break

    def _has_blocks(self, name: str) -> bool:
        if self.has_open("td", "th"):
            if name in ("ul", "ol", "table"):
                self.lose("a list or a table in the cell of a table becomes text")
            return False
        if name in ("tr", "td", "th"):
            return self.has_open("table")
        return name in ("ul", "ol", "li", "table")

    def _lose_style(self, tag: Tag) -> None:
        name = tag.name
        if name in _HEADINGS:
            self.lose("headings become paragraphs")
        elif name == "blockquote":
            self.lose("quotations become paragraphs")
        elif name in _SCRIPTS:
            self.lose("superscripts are written with ^, subscripts with _")
        elif name in FORMATTING and name not in _MARKS:
            self.lose(f"the formatting <{name}> is left out")
        if _STYLES.search(tag.attributes.get("style", "")) or name == "font":
            self.lose("colours and other styles are left out")
        if {"colspan", "rowspan"} & tag.attributes.keys():
            self.lose("cells of a table that are joined become single ones")

    def _void(self, tag: Tag) -> None:
        if tag.name == "br" and self.code is not None:
            self.code.append("\n")
        elif tag.name == "br":
            self.line_break()
        elif tag.name == "img":
            self._image(tag.attributes)
        elif tag.name == "hr":
            self.end_paragraph()
        elif tag.name == "embed":
            self._media(tag)
        elif tag.name == "source" and tag.attributes.get("src"):
            self.lose(f"the file {tag.attributes['src']} is left out")

    def _image(self, attributes: dict[str, str]) -> None:
        alternative = " ".join(attributes.get("alt", "").split())
        latex = attributes.get("data-equation-content", "")
        if not latex and re.search(r"equation_image|texrender", attributes.get("class", "")):
            latex = alternative.removeprefix("LaTeX:").strip()
        if latex:
            self._latex(latex)
        elif self.code is not None:
            self.code.append(f"[image: {alternative}]")
        else:
            self.inline(self.image_of(attributes.get("src", "").strip(), alternative, self.lose))

    def _latex(self, latex: str) -> None:
        if self.code is not None:
            self.code.append(latex)
        elif node := self.formulas.node(latex, is_block=False):
            self.formula(node)
        else:
            self._words(f"\\({latex}\\)")

    def _media(self, tag: Tag) -> None:
        source = tag.attributes.get("src") or tag.attributes.get("data") or ""
        if source:
            self.lose(f"the {MEDIA[tag.name]} {source} is left out")
            self._words(f"[{MEDIA[tag.name]}: {source}]")

    def _link(self, tag: Tag) -> Mark | None:
        address = "".join(tag.attributes.get("href", "").split())
        if address.lower().startswith(_LINKS):
            return Mark("link", address)
        if address:
            self.lose(f"the address of a link is left out: {address}")
        return None

    def raw(self, raw: Raw) -> None:
        if raw.tag.name == "math":
            notes = (found[2] for found in _ANNOTATION.finditer(raw.content) if "tex" in found[1].lower())
            latex = raw.tag.attributes.get("alttext") or next(notes, "")
            if latex:
                self._latex(unescaped(latex).strip())
            else:
                self.lose("a formula (MathML) is reduced to its characters")
                self._words(unescaped(re.sub(r"<[^<>]*>", " ", raw.content)))
        elif raw.tag.name == "svg":
            self.lose("a drawing (SVG) is left out")
        elif raw.content.strip():
            self.lose(f"a {raw.tag.name} is left out")

    def end(self, name: str) -> None:
        if not self.has_open(name):
            if name in ("br", "p"):
                self.line_break() if name == "br" else self.end_paragraph()
            return
        while True:
            ended = self.opened[-1]
            self._close(ended)
            if ended.tag.name == name:
                return

    def _close(self, element: _Open) -> None:
        name = element.tag.name
        is_cell = name in ("td", "th") and element.blocks is not None
        if name in _BLOCKS and not is_cell and not element.is_code:
            self.end_paragraph()
        self.opened.pop()
        if element.is_code:
            self._add_code(name)
        elif element.script_from >= 0:
            self._add_script(_SCRIPTS[name], element.script_from)
        elif element.blocks is not None:
            inside, self.blocks = self.blocks, element.blocks
            if is_cell:
                cell: Node = {"type": "cell", "children": grouped(self.runs)}
                self.runs, self.space = [], False
                self.blocks.append(cell | {"header": True} if name == "th" else cell)
            elif node := _container(name, element.tag, inside, self.lose):
                self.blocks.append(node)

    def _add_code(self, name: str) -> None:
        code = "".join(self.code or [])
        self.code = None
        if name == "pre":
            code = code.removeprefix("\n").removesuffix("\n")
        if (name == "pre" or "\n" in code.strip()) and not self.has_open("td", "th"):
            self.end_paragraph()
            if code.strip():
                self.blocks.append({"type": "codeBlock", "text": code})
            return
        inline = code.strip()
        self.space = self.space or code[:1].isspace()
        if inline:
            self.inline({"type": "code", "text": " ".join(inline.split("\n"))})
            self.space = code[-1:].isspace()

    def _add_script(self, sign: str, start: int) -> None:
        inside = self.runs[start:]
        shown = "".join(run.node.get("text", "") for run in inside).strip()
        if not shown or any(run.node["type"] != "text" for run in inside):
            return
        del self.runs[start:]
        text = shown if _ONE_TERM.fullmatch(shown) else f"({shown})"
        self.runs.append(Run({"type": "text", "text": sign + text}, self.marks))


def _container(name: str, tag: Tag, inside: list[Node], lose: Callable[[str], None]) -> Node | None:
    if name in ("ul", "ol"):
        items: list[Node] = [
            each if each["type"] == "item" else {"type": "item", "children": [each]} for each in inside
        ]
        if not items:
            return None
        shown: Node = {"type": "list", "children": items}
        if name == "ol":
            start = tag.attributes.get("start", "1")
            shown["start"] = int(start) if start.isdecimal() and int(start[:12]) <= _LONGEST_START else 1
        return shown
    if name == "li":
        return {"type": "item", "children": inside} if inside else None
    if name == "table":
        return _table([each for each in inside if each["type"] == "row"], inside, lose)
    return {"type": "row", "children": [each for each in inside if each["type"] == "cell"]}


def _table(rows: list[Node], inside: list[Node], lose: Callable[[str], None]) -> Node | None:
    """A table whose lines all have as many cells as the first one, which is its head."""
    rows = [row for row in rows if row["children"]]
    if len(rows) < len(inside):
        lose("what is in a table beside its cells is left out")
    if not rows:
        return None
    if not any("header" in cell for cell in rows[0]["children"]):
        lose("the first line of a table becomes its head")
    width = max(len(row["children"]) for row in rows)
    lines: list[Node] = []
    for number, row in enumerate(rows):
        cells: list[Node] = [{"type": "cell", "children": cell["children"]} for cell in row["children"]]
        cells += [{"type": "cell", "children": []} for _ in range(width - len(cells))]
        shown = [cell | {"header": True} for cell in cells] if number == 0 else cells
        lines.append({"type": "row", "children": shown})
    return {"type": "table", "children": lines}
