"""`questions.sh export` of tests in Markdown: formatting and images go out, and come back where a format holds them."""

from __future__ import annotations

import io
import zipfile
from base64 import b64encode

import pytest
import yaml
from ansible_collections.training.test_time.plugins.module_utils.class_content.markdown_text import read_markdown
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import Node
from cli.class_folder import ClassFolder
from cli.questions.bank_texts import MarkdownTexts
from cli.questions.exporting import exported, questions_of
from cli.questions.formatted import html_of_nodes, markdown_of, nodes_of_html
from cli.questions.importing import Import, plan_import, write_tests
from hypothesis import given, settings
from hypothesis import strategies as st

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
TEST = r"""
title: Formatted
format: markdown
math: true
questions:
  - text: "**Which** [one](https://e.org) has $x^2$?\n\n![A tree](my-tree.png)"
    options: {a: "*x*", b: $y$, c: "![No](my-tree.png)"}
    answer: a
    feedback: {a: "**Yes**"}
    explanation: "- a\n- b"
  - {text: "*Order*", order: ["`a`", "**b**"]}
  - {text: "Match \\*", match: [{item: "*p*", option: q}, {item: r, option: s}]}
  - text: "*Fill* {{1}} and {{2}}"
    points: 2
    gaps: {1: {options: {a: "*x*", b: y}, answer: a}, 2: {options: {a: x, b: y}, answer: b}}
  - {text: "| a | b |\n|---|---|\n| 1 | `2` |", number: 1}
"""


def again(folder: ClassFolder, format: str) -> tuple[bytes, list[str], Import]:
    """The file that is exported, what is lost, and what is imported of it."""
    subject = folder.path / "subjects" / "os"
    (subject / "test02.yml").write_text(TEST)
    (subject / "images").mkdir()
    (subject / "images" / "my-tree.png").write_bytes(PNG)
    data, lines, _ = exported(questions_of(folder, "os/test02"), format)
    file = folder.path.parent / "bank"
    file.write_bytes(data)
    return data, lines, plan_import(file, folder, "other", "new", format)


@pytest.mark.parametrize("format", ["moodle-xml", "qti12"])
def test_formatting_and_images_come_back(folder: ClassFolder, format: str) -> None:
    _, _, plan = again(folder, format)
    original = yaml.safe_load(TEST)
    original["questions"][0]["feedback"]["a"] = "\\*Yes\\*"  # feedback is shown as plain text
    new = yaml.safe_load(plan.tests[0].text)
    for question in [*original["questions"], *new["questions"]]:
        question["text"] = question["text"].rstrip("\n")
    assert [new["format"], new["math"]] == ["markdown", True]
    for number, question in enumerate(original["questions"]):
        question.pop("answer", None) if number else None
        for place in list(question.get("gaps", {})):
            question["gaps"][str(place)] = question["gaps"].pop(place)
    assert new["questions"] == original["questions"]
    write_tests(plan.tests)
    assert (folder.path / "subjects" / "other" / "images" / "my-tree.png").read_bytes() == PNG


def test_moodle_gets_the_images_as_files(folder: ClassFolder) -> None:
    data, _, _ = again(folder, "moodle-xml")
    file = f'<file name="my-tree.png" path="/" encoding="base64">{b64encode(PNG).decode()}</file>'
    assert data.decode().count(file) == 2  # of the text and an option
    assert b"@@PLUGINFILE@@/my-tree.png" in data


def test_canvas_gets_the_images_in_the_zip(folder: ClassFolder) -> None:
    data, _, _ = again(folder, "qti12")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.read("web_resources/my-tree.png") == PNG
        assert b'href="web_resources/my-tree.png"' in package.read("imsmanifest.xml")


def test_gift_loses_images_but_not_formatting(folder: ClassFolder) -> None:
    data, lines, plan = again(folder, "gift")
    assert b"<strong>Which</strong>" in data
    assert "test02, question 1: the image my-tree.png is left out" in lines
    assert "\\[image: A tree\\]" in plan.tests[0].text


def test_aiken_loses_formatting(folder: ClassFolder) -> None:
    data, lines, _ = again(folder, "aiken")
    assert b"*Which* one (https://e.org) has `x^2`?" in data
    assert "test02, question 1: its formatting is left out" in lines


words = st.text(st.sampled_from(list("ab1 *_`[]()<>&$\\#-+.|!~:\"'é=>{}")), min_size=1, max_size=12)
inline = st.recursive(
    words.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag.split()[0]}>",
        st.sampled_from(["b", "i", "code", 'a href="https://e.org/_x_"']),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
blocks = st.recursive(
    st.builds(lambda tag, text: f"<{tag}>{text}</{tag}>", st.sampled_from(["p", "div", "pre", "h1"]), inline),
    lambda inner: (
        st.builds(
            lambda tag, parts: f"<{tag}>{''.join(f'<li>{part}</li>' for part in parts)}</{tag}>",
            st.sampled_from(["ul", "ol"]),
            st.lists(inner, min_size=1, max_size=3),
        )
        | st.lists(inline, min_size=1, max_size=4).map(
            lambda cells: f"<table><tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr></table>"
        )
    ),
    max_leaves=5,
)
pages = st.lists(blocks, min_size=1, max_size=4).map("".join)


def shown(nodes: list[Node]) -> str:
    """The letters that are seen, whatever formatting they have."""
    return "".join(letter for letter in _text(nodes) if not letter.isspace())


def _text(nodes: list[Node]) -> str:
    return "".join(node.get("text", "") + _text(node.get("children", [])) for node in nodes)


@given(html=pages)
@settings(deadline=None, max_examples=50)
def test_what_is_imported_shows_the_text_of_the_bank(html: str) -> None:
    nodes = nodes_of_html(html, None).nodes  # type: ignore[arg-type]  # there are no images
    written = markdown_of(nodes)
    for math in (False, True):
        read = read_markdown(written.text, math=math, image_id=lambda name: name)
        assert not read.problems
        if not written.losses:
            assert shown(read.nodes) == shown(nodes)
        seen = iter(shown(read.nodes))
        assert all(letter in seen for letter in shown(nodes))  # links have their addresses too


@given(html=pages)
@settings(deadline=None, max_examples=50)
def test_what_is_imported_is_exported_and_imported_the_same(html: str) -> None:
    text = MarkdownTexts().of_html(html).text
    nodes = read_markdown(text, math=True, image_id=lambda name: name).nodes
    again = MarkdownTexts().of_html(html_of_nodes(nodes)).text
    assert read_markdown(again, math=True, image_id=lambda name: name).nodes == nodes
