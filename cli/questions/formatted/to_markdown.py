"""What is shown, written in Markdown, so that `read_markdown` reads the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from ansible_collections.training.test_time.plugins.module_utils.class_content.markdown_text import read_markdown
from ansible_collections.training.test_time.plugins.module_utils.class_content.plain_rendition import plain_rendition
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import Node
from cli.questions.formatted.runs import joined, runs_of
from markdown_it.common.normalize_url import normalizeLink

_FORMATTED = ("emphasis", "strong", "list", "table", "link", "image", "formula")
_SPECIAL = re.compile(r"[\\`*\[\]<|$]|(?<![^\W_])_|_(?![^\W_])|&(?=[#\w])")
_AT_START = re.compile(r"[-+~:=#>](?=.*)|\d{1,9}(?=[.)])")
_LONGEST_CHECKED = 50_000
_NOT_HELD = "emphasis and other formatting that Markdown cannot hold at its place are left out"


class Written(NamedTuple):
    """A text in Markdown, and what of it is lost, each as a sentence without a full stop."""

    text: str
    losses: list[str]


def is_formatted(nodes: Sequence[Node]) -> bool:
    """Whether a text has what plain text with code cannot hold."""
    return any(node["type"] in _FORMATTED or is_formatted(node.get("children", [])) for node in nodes)


def nodes_of_text(text: str) -> list[Node]:
    """A text without formatting: paragraphs, and the ends of their lines."""
    blocks: list[Node] = []
    for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        children: list[Node] = []
        for line in filter(None, (line.strip() for line in paragraph.split("\n"))):
            children += [{"type": "break"}] if children else []
            children.append({"type": "text", "text": line})
        if children:
            blocks.append({"type": "paragraph", "children": children})
    return blocks


def markdown_of(nodes: Sequence[Node]) -> Written:
    """The text. If Markdown cannot hold some formatting at its place, the words are there without it."""
    text = _blocks(nodes)
    if len(text) > _LONGEST_CHECKED or _is_read_as(text, nodes):
        return Written(text, [])
    return Written(_blocks([held for block in nodes for held in _held(block)]), [_NOT_HELD])


def _held(block: Node) -> list[Node]:
    """A block as Markdown can hold it."""
    for shown in ([block], _without_marks([block])):
        if _is_read_as(_blocks(shown), shown):
            return shown
    return nodes_of_text(plain_rendition([block]))


def _is_read_as(text: str, nodes: Sequence[Node]) -> bool:
    # Without `math`, the same text is read where no text of the file has a formula.
    has_math = _has_formula(nodes)
    for math in [True] if has_math else [True, False]:
        read = read_markdown(text, math=math, image_id=lambda name: name)
        if read.problems or _comparable(read.nodes) != _comparable(nodes):
            return False
    return True


def _has_formula(nodes: Sequence[Node]) -> bool:
    return any(node["type"] == "formula" or _has_formula(node.get("children", [])) for node in nodes)


def _comparable(nodes: Sequence[Node]) -> list[Any]:
    """What is the same for two texts that look the same."""
    found: list[Any] = []
    for node in nodes:
        if node["type"] in ("paragraph", "cell"):
            runs = joined([*runs_of(node["children"])])
            if runs or node["type"] == "cell":
                found.append((node["type"], [_comparable_run(run.node, run.marks) for run in runs]))
        elif "children" in node:
            found.append((node["type"], node.get("start"), _comparable(node["children"])))
        else:
            found.append((node["type"], node.get("text"), node.get("block")))
    return found


def _comparable_run(node: Node, marks: Sequence[Any]) -> Any:
    shown = {(mark.type, normalizeLink(mark.href)) for mark in marks}
    return node["type"], node.get("text"), node.get("image"), shown


def _without_marks(nodes: Sequence[Node]) -> list[Node]:
    """The nodes without emphasis, and with links as their words and addresses."""
    found: list[Node] = []
    for node in nodes:
        inside = _without_marks(node.get("children", []))
        if node["type"] in ("emphasis", "strong"):
            found += inside
        elif node["type"] == "link":
            found += [*inside, {"type": "text", "text": f" ({node['href']})"}]
        else:
            found.append(node | {"children": inside} if "children" in node else node)
    return found


def _blocks(nodes: Sequence[Node]) -> str:
    """Blocks, with an empty line between them. Two lists that follow each other have different marks."""
    written: list[str] = []
    is_other = False
    before: Node | None = None
    for node in nodes:
        follows = before is not None and before["type"] == node["type"] == "list"
        is_other = follows and ("start" in node) == ("start" in (before or {})) and not is_other
        text = _block(node, is_other=is_other)
        written += [_between(before, node) if before else "", text] if text else []
        before = node
    return "".join(written)


def _between(before: Node, node: Node) -> str:
    """A list can follow a line, unless it would be read as a part of it."""
    return "\n" if before["type"] == "paragraph" and node["type"] == "list" and node.get("start", 1) == 1 else "\n\n"


def _block(node: Node, *, is_other: bool) -> str:
    match node["type"]:
        case "codeBlock":
            mark = "`" * max([3, *(len(run) + 1 for run in re.findall("`{3,}", node["text"]))])
            return f"{mark}\n{node['text']}\n{mark}"
        case "list":
            return _list(node, is_other=is_other)
        case "table":
            return _table(node)
        case "formula" if node.get("block"):
            return f"$${node['text']}$$"
        case _:
            return _lines(node.get("children", [node]))


def _list(node: Node, *, is_other: bool) -> str:
    lines = []
    for number, item in enumerate(node["children"]):
        sign = ")" if is_other else "."
        mark = f"{node['start'] + number}{sign} " if "start" in node else ("* " if is_other else "- ")
        inside = _blocks(item["children"])
        if item["children"] and item["children"][0]["type"] == "list":
            inside = f"\n{inside}"  # a list that begins in the line of another one's item is hard to read
        indented = "\n".join(line and " " * len(mark) + line for line in inside.split("\n"))
        lines.append((mark + indented[len(mark) :] if inside[:1] != "\n" else mark.rstrip() + indented).rstrip())
    return ("\n\n" if any("\n\n" in line for line in lines) else "\n").join(lines)


def _table(node: Node) -> str:
    rows = [[_cell(cell) for cell in row["children"]] for row in node["children"]]
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines)


def _cell(cell: Node) -> str:
    text = _inline(cell["children"]).replace("\\|", "|")
    return text.replace("|", "\\|")


def _lines(nodes: Sequence[Node]) -> str:
    """A paragraph. What would begin a list or a fence at the start of a line is escaped."""
    return "\n".join(_started(line) for line in _inline(nodes).split("\n"))


def _started(line: str) -> str:
    found = _AT_START.match(line)
    if not found:
        return line
    return f"{found[0]}\\{line[found.end() :]}" if found[0].isdigit() else f"\\{line}"


def _inline(nodes: Sequence[Node]) -> str:
    return "".join(map(_part, nodes))


def _part(node: Node) -> str:
    text = node.get("text", "")
    match node["type"]:
        case "break":
            return "\\\n"
        case "code":
            return _code(text)
        case "formula":
            return f"${text}$"
        case "image":
            return f"![{escaped(text)}]({node['image']})"
        case "text":
            return escaped(" ".join(re.split(r"[\n\r]+", text)))
    return _marked(node, _inline(node["children"]))


def _marked(node: Node, inside: str) -> str:
    if node["type"] == "link":
        return f"[{inside}]({_address(node['href'])})"
    mark = "**" if node["type"] == "strong" else "*"
    return f"{mark}{inside}{mark}"


def escaped(text: str) -> str:
    """The text, with a backslash before each sign to which Markdown gives a meaning inside of a line."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def _address(address: str) -> str:
    return f"<{re.sub(r'[<>]', '', address)}>" if re.search(r"[()\\<>&*_`]", address) else address


def _code(code: str) -> str:
    runs = {len(run) for run in re.findall("`+", code)}
    mark = "`" * next(number for number in range(1, len(runs) + 2) if number not in runs)
    has_edge = code[0] in "` " or code[-1] in "` "
    return f"{mark} {code} {mark}" if has_edge and code.strip() else f"{mark}{code}{mark}"
