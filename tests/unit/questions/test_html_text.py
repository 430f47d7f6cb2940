"""HTML of question banks is read into texts of a test's file, and written from them."""

from __future__ import annotations

import pytest
from cli.questions.html import html_of, text_of
from hypothesis import example, given, settings
from hypothesis import strategies as st

FORMATTING = "bold, italics and other formatting are left out"
TABLE = "a table is written as lines, with | between its cells"
SCRIPTS = "superscripts are written with ^, subscripts with _"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("  plain \n text ", "plain text"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<p>one<p>two", "one\n\ntwo"),
        ("<p>one</p>\n\n<p></p>\n<p>&nbsp;</p><p><br></p><p>two<br></p>", "one\n\ntwo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("one<br><br>two", "one\n\ntwo"),
        ("one<br><br><br><br>two", "one\n\ntwo"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("<div>one</div><div><br></div><div>two</div>", "one\n\ntwo"),
        ("a&lt;b &amp;&amp; c&#39;s &eacute; &#x1F600; &nbsp;x", "a<b && c's é 😀 x"),
        ("5 < 6 and 7 > 6 & so", "5 < 6 and 7 > 6 & so"),
        ("#include <stdio.h> and List<Integer>", "#include <stdio.h> and List<Integer>"),
        ("a <b", "a <b"),
        ("<o:p>Word</o:p> <my-element>own</my-element>", "Word own"),
        ("a<!-- hidden <p> -->b<!DOCTYPE html>c<?php echo ?>d", "abcd"),
        ("a<!-- not closed", "a<!-- not closed"),
        ('<span title="a > b">x</span>', "x"),
        ("<span title='a > b' lang=en data-x=\"'\">x</span>", "x"),
        ("<p title=it's>x</p><p>it's</p>", "x\n\nit's"),
        ("<P>upper</P><BR>case", "upper\n\ncase"),
        ("</div></p>x</b>", "x"),
        ("&#99999999999999999999;&#0;", "\ufffd\ufffd"),
        ("Type <code>ls -l</code>, then", "Type `ls -l`, then"),
        ("a<code> b </code>c", "a `b` c"),
        ("<code>a`b</code> <tt>``</tt> <kbd>q</kbd>", "``a`b`` ` `` ` `q`"),
        ("<code></code>x", "x"),
        ("<code>a<br>b</code>", "```\na\nb\n```"),
        ("<p>What?</p><pre>for x:\n    y &lt; <b>z</b>\n</pre><p>So</p>", "What?\n\n```\nfor x:\n    y < z\n```\n\nSo"),
        ('<pre><code class="language-c++">int x;<br/>\n</code></pre>', "```c++\nint x;\n\n```"),
        ('<pre class="lang-sh">x</pre><pre>y</pre>', "```sh\nx\n```\n```\ny\n```"),
        ("<pre>\n\n  a\n```\n</pre>", "````\n\n  a\n```\n````"),
        ("<pre>never closed", "```\nnever closed\n```"),
        ("<ul><li>a</li>\n<li><p>b</p></li></ul>c", "- a\n\n- b\n\nc"),
        ("x<ul><li>a</li><li>b<ol><li>c<li>d</ol></li></ul>", "x\n- a\n- b\n  1. c\n  2. d"),
        ("<ul><li></li><li>a</li></ul>b", "- a\nb"),
        ("<ul><li><pre>x</pre></li></ul>", "- \n```\nx\n```"),
        ('<span style="white-space: pre-wrap">  a\n\n\n b\xa0</span>', "  a\n\n\n b\xa0"),
    ],
)
def test_text_is_read(html: str, text: str) -> None:
    assert text_of(html)[0] == text


@pytest.mark.parametrize(
    ("html", "text", "losses"),
    [
        ("<b>a</b> <em>b</em>", "a b", [FORMATTING]),
        ('<span style="color: red">a</span>', "a", [FORMATTING]),
        ('<span style="font-size: 14px">a</span>', "a", []),
        ("<h3>Title</h3>text", "Title\n\ntext", [FORMATTING]),
        (
            '<img src="@@PLUGINFILE@@/my%20cat.png" alt="A  cat">',
            "[image: A cat]",
            ["the image my cat.png is left out"],
        ),
        ('<img src="$IMS-CC-FILEBASE$/Up/cat.png?x=1#y"/>', "[image: cat.png]", ["the image cat.png is left out"]),
        (
            '<img alt="dot" src="data:image/png;base64,iVBORw0KGgo=">',
            "[image: dot]",
            ["the image in the text is left out"],
        ),
        ("<img>", "[image: without a name]", ["the image without a name is left out"]),
        (
            '<a href="https://x.org/?a=1&amp;b=2">here</a>',
            "here",
            ["the address of a link is left out: https://x.org/?a=1&b=2"],
        ),
        ('<a href="https://x.org">https://x.org</a> <a name="n">x</a>', "https://x.org x", []),
        ('<a href="mailto:a@x.org">a@x.org</a>', "a@x.org", []),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td><p>1</p><p>2</p></td><td></td><td>3</td></tr></table>x",
            "a | b\n1 2 | | 3\n\nx",
            [TABLE],
        ),
        (
            "x<sup>2</sup> + 10<sup>-9</sup> + e<sup>n+1</sup> H<sub>2</sub>O<sup></sup>",
            "x^2 + 10^-9 + e^(n+1) H_2O",
            [SCRIPTS],
        ),
        (
            '<img class="equation_image" alt="LaTeX: x^2" data-equation-content="x^2" src="/eq/x">',
            "\\(x^2\\)",
            ["a formula is shown as it is written, in LaTeX"],
        ),
        ("<code>echo $$ $$</code> has $$", "`echo $$ $$` has $$", []),
        ("so $$x$$", "so $$x$$", ["a formula is shown as it is written, in LaTeX"]),
        (
            "<math><mi>x</mi><annotation encoding='application/x-tex'>a&lt;x</annotation></math>",
            "\\(a<x\\)",
            ["a formula is shown as it is written, in LaTeX"],
        ),
        ("<math><mi>x</mi><mo>&lt;</mo></math>", "x <", ["a formula (MathML) is reduced to its characters"]),
        ('<video src="a/film.mp4"></video>', "[video: film.mp4]", ["the video film.mp4 is left out"]),
        ('<audio><source src="a.mp3">a.mp3</audio>', "a.mp3", ["the file a.mp3 is left out"]),
        (
            '<iframe src="https://y.org/v"></iframe>',
            "[embedded page: https://y.org/v]",
            ["the embedded page https://y.org/v is left out"],
        ),
        (
            "a<script>alert('<p>')</script>b<style>p {}</style><script></script>",
            "ab",
            ["a script is left out", "a style is left out"],
        ),
        ("a<script>alert(1)", "a", ["a script is left out"]),
        ("a<svg><text>x</text></svg>b", "ab", ["a drawing (SVG) is left out"]),
        ('a <input type="text"> b', "a b", ["a field to fill in is left out"]),
    ],
)
def test_what_text_cannot_hold_is_said(html: str, text: str, losses: list[str]) -> None:
    assert text_of(html) == (text, losses)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("heap", "heap"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("one\ntwo", "one<br>two"),
        ("one\n\ntwo", "<p>one</p><p>two</p>"),
        ("Run `ls  -l`.", 'Run <code>ls<span style="white-space: pre-wrap">  </span>-l</code>.'),
        ("What?\n\n```bash\nls\n```", '<p>What?</p><pre class="language-bash">\nls\n</pre>'),
        ("What?\n```\nls\n```\nSo", "<div>What?</div><pre>\nls\n</pre><div>So</div>"),
        ("What?\n\n```\nls\n```\n", '<p>What?</p><pre>\nls\n</pre><span style="white-space: pre-wrap">\n</span>'),
        ("~~~\nls\n~~~", '<span style="white-space: pre-wrap">~~~\nls\n~~~</span>'),
    ],
)
def test_text_is_written(text: str, html: str) -> None:
    assert html_of(text) == html
    assert text_of(html)[0] == text


PIECES = st.sampled_from(
    [
        "a",
        "b c",
        " ",
        "\n",
        "\n\n",
        "\t",
        "\r",
        "\xa0",
        "`",
        "``",
        "```",
        "```sh\n",
        "\n```\n",
        "~~~",
        "- ",
        "1. ",
        "<p>",
        "&amp;",
        "<!--",
        "é",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40))
@example("a\n\n\nb\n")
@example("```\nx\n```\na\n\nb\n```\ny\n```")
@example("\n\n```\n\n```\n\n\n")
@settings(max_examples=150, deadline=None)
def test_text_survives_being_written_and_read(text: str) -> None:
    assert text_of(html_of(text)) == (text, [])


@pytest.mark.parametrize(
    "piece",
    [
        "<b>",
        "</b>",
        "<a",
        "<a ",
        "<a ='",
        '<a ="> ',
        "<!--",
        "<!-->",
        "<",
        "&",
        "&#",
        "&#9",
        "<pre>",
        "<li>",
        "<ul>",
        "<td>",
        "<sup>",
        "<sup>x",
        "<a href=x>y",
        "<svg>",
        "<math><",
        "<math>x</math>",
        "<script>",
        "<i></b>",
        "<a a ",
        "<a a\t",
        "<p/ a=",
        "`",
        "<code>`",
        " ",
        "<?",
        "$$",
        "<math><annotation tex",
        "<annotation tex>",
        "<math><annotation textextex",
        "tex",
        "<x ",
        "<x-y ",
    ],
)
def test_hostile_html_is_read_in_linear_time(piece: str) -> None:
    """A quadratic reader would need minutes for one of these."""
    for end in ("", ">"):
        text, _ = text_of(piece * (200_000 // len(piece)) + end)
        assert len(text) < 2_000_000
