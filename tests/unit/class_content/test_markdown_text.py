"""Texts in Markdown: the parts that are shown, what stays text, what is refused, and the plain rendition."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.markdown_text import (
    Markdown,
    read_markdown,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.plain_rendition import plain_rendition
from hypothesis import given
from hypothesis import strategies as st

from common.run.code_in_text import blocks

IMAGES = {"shell.png": "i1"}


def read(text: str, *, math: bool = False) -> Markdown:
    return read_markdown(text, math=math, image_id=IMAGES.get)


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def node(kind: str, *children: Any, **more: Any) -> dict[str, Any]:
    return {"type": kind, **more, "children": [text(each) if isinstance(each, str) else each for each in children]}


def item(words: str) -> dict[str, Any]:
    return node("item", node("paragraph", words))


@pytest.mark.parametrize(
    ("written", "nodes"),
    [
        ("one\ntwo", [node("paragraph", "one two")]),
        ("one\n\ntwo", [node("paragraph", "one"), node("paragraph", "two")]),
        ("one  \ntwo", [node("paragraph", "one", {"type": "break"}, "two")]),
        ("*em* **strong**", [node("paragraph", node("emphasis", "em"), " ", node("strong", "strong"))]),
        ("`a  b`", [node("paragraph", {"type": "code", "text": "a  b"})]),
        ("```sh\nls\n  -l\n```", [{"type": "codeBlock", "text": "ls\n  -l"}]),
        ("    ls", [{"type": "codeBlock", "text": "ls"}]),
        ("- a\n- b", [node("list", item("a"), item("b"))]),
        ("3. a\n4. b", [node("list", item("a"), item("b"), start=3)]),
        (
            "| a | b |\n|---|---|\n| 1 | 2 |",
            [
                node(
                    "table",
                    node("row", node("cell", "a", header=True), node("cell", "b", header=True)),
                    node("row", node("cell", "1"), node("cell", "2")),
                )
            ],
        ),
        ("[words](https://e.org/a?b=c)", [node("paragraph", node("link", "words", href="https://e.org/a?b=c"))]),
        ("<mailto:a@e.org>", [node("paragraph", node("link", "mailto:a@e.org", href="mailto:a@e.org"))]),
        ("![a *shell*](shell.png)", [node("paragraph", {"type": "image", "image": "i1", "text": "a shell"})]),
    ],
)
def test_the_parts_of_a_text(written: str, nodes: list[Any]) -> None:
    found = read(written)
    assert found.nodes == nodes
    assert found.problems == []


@pytest.mark.parametrize(
    "written",
    [
        "# root",
        "> quoted",
        "---",
        "<b>bold</b>",
        "<script>alert(1)</script>",
        "<!-- note -->",
        "$x$ and $5",
        "1 < 2 & 3",
    ],
)
def test_what_is_not_shown_as_a_part_stays_text(written: str) -> None:
    assert read(written).nodes == [node("paragraph", written)]


def test_headings_underlined_stay_text() -> None:
    assert read("Title\n---").nodes == [node("paragraph", "Title ---")]


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("[x](javascript:alert(1))", "has a link to 'javascript:alert(1)'"),
        ("[x](JaVaScRiPt:alert(1))", "has a link to"),
        ("[x](data:text/html,a)", "has a link to"),
        ("[x](//e.org)", "has a link to '//e.org'"),
        ("[x](notes.txt)", "has a link to 'notes.txt'"),
        ("[x](https:e.org)", "has a link to"),
        ("![words](https://e.org/a.png)", "has the image 'https://e.org/a.png', and there is no such file"),
        ("![words](../students.yml)", "has the image '../students.yml', and there is no such file"),
        ("![](shell.png)", "has the image 'shell.png' without words for who cannot see it"),
    ],
)
def test_links_and_images_that_cannot_be_shown_are_problems(written: str, problem: str) -> None:
    [found] = read(written).problems
    assert found.startswith(problem)


def test_all_problems_of_a_text_are_found_and_the_images_it_has() -> None:
    found = read("![a](shell.png) ![b](no.png) [c](no.txt) $\\frac{1}$", math=True)
    assert len(found.problems) == 3
    assert found.images == ["shell.png"]


def test_formulas_are_read_only_if_wanted() -> None:
    [paragraph] = read("Is $x^2$ even?", math=True).nodes
    assert [child["type"] for child in paragraph["children"]] == ["text", "formula", "text"]
    assert paragraph["children"][1]["text"] == "x^2"
    [block] = read("$$x^2$$", math=True).nodes
    assert block["block"]
    assert read("It costs $5 or $6.", math=True).nodes == [node("paragraph", "It costs $5 or $6.")]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("one\ntwo\n\nthree", "one two\n\nthree"),
        ("one  \ntwo", "one\ntwo"),
        ("*em* **strong**", "*em* *strong*"),
        ("a `` `b` `` c", "a `` `b` `` c"),
        ("```sh\nls\n```", "```\nls\n```"),
        ("````\n```\n````", "````\n```\n````"),
        ("- a\n- b\n  - c", "- a\n- b\n  - c"),
        ("9. a\n10. b\n    - c", "9. a\n10. b\n    - c"),
        ("- a\n\n  ```\n  ls\n  ```", "- a\n```\nls\n```"),
        ("| a | b |\n|---|---|\n| 10 |  |", "```\na   b\n--  -\n10\n```"),
        ("[words](https://e.org)", "words (https://e.org)"),
        ("<https://e.org>", "https://e.org"),
        ("<a@e.org>", "a@e.org"),
        ("![a shell](shell.png)", "[image: a shell]"),
        ("Is $x^2$ even?", "Is `x^2` even?"),
        ("$$x^2$$", "```\nx^2\n```"),
        (r"\~~~ no fence", "    ~~~ no fence"),
    ],
)
def test_the_plain_rendition(written: str, plain: str) -> None:
    assert plain_rendition(read(written, math=True).nodes) == plain


LINES = st.sampled_from(
    [
        "```",
        "~~~",
        "````",
        r"\```",
        "- a",
        "  - b",
        "1. c",
        "    code",
        "  ```",
        "*em*",
        "`` ` ``",
        "",
        "| a |\n|-|\n| ``` |",
        "![x](shell.png)",
    ]
)


def code_of(nodes: Any) -> list[str]:
    found = []
    for each in nodes:
        if each["type"] == "codeBlock":
            found.append(each["text"])
        elif each["type"] not in ("table",):
            found += code_of(each.get("children", []))
    return found


@given(st.lists(LINES, max_size=12).map("\n".join))
def test_blocks_of_code_stay_whole_in_the_plain_rendition(written: str) -> None:
    """Whoever reads the plain rendition finds the same blocks of code in it, and nothing else between fences."""
    nodes = read(written).nodes
    tables = sum(each["type"] == "table" for each in nodes)
    code = [part.text for part in blocks(plain_rendition(nodes)) if part.is_code]
    assert len(code) >= tables
    assert [each for each in code if each in code_of(nodes)] == code_of(nodes)


def test_what_the_parser_cannot_read_is_nested_too_deep() -> None:
    assert read("*" * 4_000 + "a" + "*" * 4_000).problems == ["is nested more than 20 deep; simplify it"]


def test_a_text_is_nested_up_to_a_depth_that_every_reader_can_walk() -> None:
    def found(depth: int) -> list[str]:
        return read("- " * depth + "a").problems

    assert found(9) == []
    assert found(11) == found(40) == ["is nested more than 20 deep; simplify it"]


def test_a_formula_at_the_start_of_a_text_that_ends_with_a_digit_is_one() -> None:
    [paragraph] = read("$n$ is 5", math=True).nodes
    assert [each["type"] for each in paragraph["children"]] == ["formula", "text"]
