"""What is shown, as HTML for another system."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from ansible_collections.training.test_time.plugins.module_utils.shared.documents import Node

_TAGS = {"paragraph": "p", "item": "li", "table": "table", "row": "tr", "emphasis": "em", "strong": "strong"}


def html_of_nodes(nodes: Sequence[Node], address: Callable[[str], str] = lambda name: name) -> str:
    """The HTML. `address`: of an image's file. Formulas are as Moodle and Canvas show them: `\\(x\\)`."""
    return "".join(_html(node, address) for node in nodes)


def _html(node: Node, address: Callable[[str], str]) -> str:
    kind, text = node["type"], escape(node.get("text", ""), quote=False)
    if "children" in node:
        return _element(node, html_of_nodes(node["children"], address))
    if kind == "image":
        return f'<img src="{escape(address(node["image"]))}" alt="{escape(node["text"])}">'
    if kind == "formula":
        return f"\\[{text}\\]" if node.get("block") else f"\\({text}\\)"
    return {"break": "<br>", "code": f"<code>{text}</code>", "codeBlock": f"<pre>\n{text}\n</pre>"}.get(kind, text)


def _element(node: Node, inside: str) -> str:
    match node["type"]:
        case "link":
            return f'<a href="{escape(node["href"])}">{inside}</a>'
        case "list":
            start = node.get("start")
            numbered = "ol" if start in (None, 1) else f'ol start="{start}"'
            return f"<ul>{inside}</ul>" if start is None else f"<{numbered}>{inside}</ol>"
        case "cell":
            return f"<th>{inside}</th>" if "header" in node else f"<td>{inside}</td>"
        case kind:
            return f"<{_TAGS[kind]}>{inside}</{_TAGS[kind]}>"
