"""What stands in a line, as runs: each with the marks that it has. In which order it has them cannot be seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from ansible_collections.training.test_time.plugins.module_utils.shared.documents import Node, NodeType


class Mark(NamedTuple):
    """Emphasis, strong emphasis or a link, with its address."""

    type: NodeType
    href: str = ""


MARKS: tuple[NodeType, ...] = ("emphasis", "strong", "link")


class Run(NamedTuple):
    """A part of a line in which no other part is. `marks`: the outer one first."""

    node: Node
    marks: tuple[Mark, ...] = ()


def runs_of(nodes: Sequence[Node], marks: tuple[Mark, ...] = ()) -> Iterator[Run]:
    """The runs of what stands in a line."""
    for node in nodes:
        if node["type"] in MARKS:
            mark = Mark(node["type"], node.get("href", ""))
            yield from runs_of(node["children"], marks if mark in marks else (*marks, mark))
        else:
            yield Run(node, marks)


def joined(runs: Sequence[Run]) -> list[Run]:
    """The runs without white space and line breaks at the ends, and neighbouring texts with equal marks as one."""
    found: list[Run] = []
    for (kind, marks), group in groupby(runs, key=lambda run: (run.node["type"], run.marks)):
        if kind not in ("text", "code"):
            found += group
        elif text := "".join(run.node["text"] for run in group):
            found.append(Run({"type": kind, "text": text}, marks))
    return _trimmed(found)


def _trimmed(runs: list[Run]) -> list[Run]:
    while runs and _is_blank(runs[0]):
        runs = runs[1:]
    while runs and _is_blank(runs[-1]):
        runs = runs[:-1]
    if runs and runs[0].node["type"] == "text":
        runs = [_with_text(runs[0], runs[0].node["text"].lstrip()), *runs[1:]]
    if runs and runs[-1].node["type"] == "text":
        runs = [*runs[:-1], _with_text(runs[-1], runs[-1].node["text"].rstrip())]
    return runs


def _is_blank(run: Run) -> bool:
    return run.node["type"] == "break" or (run.node["type"] == "text" and not run.node["text"].strip())


def _with_text(run: Run, text: str) -> Run:
    return Run({"type": "text", "text": text}, run.marks)


def grouped(runs: Sequence[Run]) -> list[Node]:
    """The runs as nodes: neighbours that share their outer mark are in one."""
    return _grouped(joined(runs))


def _grouped(runs: Sequence[Run]) -> list[Node]:
    nodes: list[Node] = []
    place = 0
    while place < len(runs):
        run = runs[place]
        if not run.marks:
            nodes.append(run.node)
            place += 1
            continue
        outer = run.marks[0]
        end = place
        while end < len(runs) and outer in runs[end].marks:
            end += 1
        inside = [Run(each.node, tuple(mark for mark in each.marks if mark != outer)) for each in runs[place:end]]
        node: Node = {"type": outer.type, "children": _grouped(inside)}
        nodes.append(node | {"href": outer.href} if outer.href else node)
        place = end
    return nodes
