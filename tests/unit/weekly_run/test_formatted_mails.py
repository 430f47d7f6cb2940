"""Texts in Markdown in emails: as HTML, cut to a length that suits emails, and nothing but data."""

from __future__ import annotations

import re
from typing import Any

import pytest

from common.run.mail_text import LONGEST_TEXT, plain, prose
from common.shared.object_keys import review_key
from support.formatted_questions import HOSTILE, READER, TEXT, formatted
from support.weekly_class import SUBJECT, TEST, make_students, make_test
from support.weekly_run import World


def html(text: str) -> str:
    rendition = READER.rendition(text)
    return str(prose(rendition["text"], rendition["nodes"]))


def without_styles(text: str) -> str:
    return re.sub(r' (style|dir|rel)="[^"]*"', "", html(text))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("one **two** *three*", "<p>one <strong>two</strong> <em>three</em></p>"),
        ("a  \nb", "<p>a<br>b</p>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("```\na < b\n```", "<pre>a &lt; b</pre>"),
        ("- a\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
        ("3. a", '<ol start="3"><li><p>a</p></li></ol>'),
        (
            "| a |\n|---|\n| 1 |",
            "<div><table><tbody><tr><th>a</th></tr><tr><td>1</td></tr></tbody></table></div>",
        ),
        ("[a](https://e.org/?b=c&d)", '<p><a href="https://e.org/?b=c&amp;d">a</a></p>'),
        ("![a *tree*](tree.png)", "<p>[image: a tree]</p>"),
        ("$a<b$", "<p><code>a&lt;b</code></p>"),
        ("$$x^2$$", "<pre>x^2</pre>"),
        ("a\u202eb", "<p>ab</p>"),
    ],
)
def test_each_part_is_the_element_for_it(written: str, shown: str) -> None:
    assert without_styles(written) == shown


def test_texts_without_nodes_stay_as_they_are() -> None:
    assert str(prose("**a** `b`")) == str(prose("**a** `b`", None))
    assert "**a**" in prose("**a** `b`")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_data(text: str) -> None:
    shown = html(text)
    for mark in ("<img", "<script", "<svg", "<b>", "<text"):
        assert mark not in shown
    assert 'onclick="' not in shown


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "", "/v1"])
def test_a_link_elsewhere_is_its_words(address: str) -> None:
    node: Any = {"type": "link", "href": address, "children": [{"type": "text", "text": "words"}]}
    assert str(prose("", [node])) == "words"


@pytest.mark.parametrize(
    "text",
    [
        "z" * 5000,
        "`" + "z" * 5000 + "`",
        "- z\n" * 1200,
        "| a |\n|---|\n" + "| z |\n" * 1200,
        "![" + "z" * 5000 + "](tree.png)",
        "```\n" + "z" * 5000 + "\n```",
    ],
)
def test_a_long_text_is_cut(text: str) -> None:
    shown = html(text)
    assert shown.count("z") <= LONGEST_TEXT + 1  # and the one of a style
    assert shown.count("<") == shown.count(">")
    assert html("short").count("…") == 0


def test_a_cut_text_says_so() -> None:
    assert html("x" * LONGEST_TEXT).endswith("x</p>")
    assert html("x" * (LONGEST_TEXT + 1)).endswith("x…</p>")
    assert html("a\n\n" * LONGEST_TEXT).endswith("a</p>")
    assert html("a\n\n" * (LONGEST_TEXT + 9)).count("…") == 1


def test_plain_mails_show_the_plain_rendition() -> None:
    [question] = formatted(TEXT)
    shown = plain(question["text"])
    assert "see fork(2) (https://man7.org/linux/man-pages/man2/fork.2.html)" in shown
    assert "| call  " in shown
    assert "[image: A parent with two children]" in shown


def test_a_run_shows_what_is_formatted_in_the_review_and_in_the_email() -> None:
    test: Any = make_test()
    asked, entry = test["questions"][0], test["key"]["questions"]["1"]
    asked |= READER.rendition("Is **one** right?")
    asked["options"][0] |= READER.rendition("`a`")
    explanation = READER.rendition("Because of ![a tree](tree.png) and **a**.")
    entry |= {"explanation": explanation["text"], "explanationNodes": explanation["nodes"]}
    world = World()
    world.publish(SUBJECT, [test], make_students())
    world.submit(SUBJECT, TEST, "s1", {"1": "a"})
    world.run()
    reviewed = world.get(review_key(SUBJECT, TEST, "s1"))["questions"][0]
    assert reviewed["nodes"] == asked["nodes"]
    assert reviewed["options"][0]["nodes"] == asked["options"][0]["nodes"]
    assert reviewed["explanationNodes"] == explanation["nodes"]
    mail: Any
    [mail] = world.ses.to("s1@example.org")
    shown, text = (mail.get_body((kind,)).get_content() for kind in ("html", "plain"))
    assert "Is <strong>one</strong> right?" in shown
    assert 'white-space:pre-wrap"><p' in shown, "what is strong must be seen"
    assert shown.count("font-weight:bold;white-space:pre-wrap") == 2
    assert "Because of [image: a tree] and <strong>a</strong>." in shown
    assert "Is *one* right?" in text
    assert "Because of [image: a tree] and *a*." in text
