"""`questions.sh import` of texts with formatting and images: as Markdown, with what of them is lost."""

from __future__ import annotations

import io
import zipfile
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from cli.class_folder import ClassFolder
from cli.command import CommandError
from cli.questions.bank_images import MAX_ALL_BYTES
from cli.questions.importing import Import, plan_import, write_tests

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'
SUBJECT = "os"


def moodle(text: str, files: Mapping[str, bytes] | None = None, feedback: str = "", option: str = "yes") -> bytes:
    """A bank with one question. `text`: HTML."""
    attached = "".join(
        f'<file name="{name}" path="/" encoding="base64">{b64encode(content).decode()}</file>'
        for name, content in (files or {}).items()
    )
    return f"""<quiz><question type="multichoice"><name><text>n</text></name>
        <questiontext format="html"><text><![CDATA[{text}]]></text>{attached}</questiontext>
        <defaultgrade>1</defaultgrade><single>true</single>
        <answer fraction="100" format="html"><text><![CDATA[{option}]]></text>
        <feedback format="html"><text><![CDATA[{feedback}]]></text></feedback></answer>
        <answer fraction="0"><text>no</text></answer></question></quiz>""".encode()


def item(text: str) -> str:
    """An item of QTI. `text`: HTML."""
    shown = text.replace("&", "&amp;").replace("<", "&lt;")
    return f"""<item ident="i1" title="Question"><itemmetadata><qtimetadata><qtimetadatafield>
        <fieldlabel>question_type</fieldlabel><fieldentry>short_answer_question</fieldentry>
        </qtimetadatafield></qtimetadata></itemmetadata>
        <presentation><material><mattext texttype="text/html">{shown}</mattext></material>
        <response_str ident="response1"><render_fib><response_label ident="a"/></render_fib></response_str>
        </presentation>
        <resprocessing><outcomes><decvar maxvalue="100" varname="SCORE"/></outcomes><respcondition continue="No">
        <conditionvar><varequal respident="response1">ls</varequal></conditionvar>
        <setvar action="Set" varname="SCORE">100</setvar></respcondition></resprocessing></item>"""


def canvas(text: str, files: Mapping[str, bytes] | None = None) -> bytes:
    """A zip with one quiz, in the folder `q1`."""
    xml = f'<questestinterop><assessment><section ident="root">{item(text)}</section></assessment></questestinterop>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("q1/q1.xml", xml)
        for name, content in (files or {}).items():
            package.writestr(name, content)
    return buffer.getvalue()


def imported(folder: ClassFolder, bank: bytes) -> Import:
    file = folder.path.parent / "bank"
    file.write_bytes(bank)
    return plan_import(file, folder, SUBJECT, "new", None)


def file_of(plan: Import) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(plan.tests[0].text)
    return read


def text_of(plan: Import) -> str:
    text: str = file_of(plan)["questions"][0]["text"]
    return text.rstrip("\n")


def images_of(plan: Import) -> dict[str, bytes]:
    return {path.name: content for path, content in plan.tests[0].images.items()}


@pytest.mark.parametrize(
    "html",
    ["Plain, with 2 * 3 and a_b", "<p>One</p><p>Two</p>", "<code>ls</code>", "a<br>b", '<span lang="en">x</span>'],
)
def test_a_file_without_formatting_stays_plain(folder: ClassFolder, html: str) -> None:
    plan = imported(folder, moodle(html))
    assert "format" not in file_of(plan)
    assert not any("Markdown" in line for line in plan.lines)


@pytest.mark.parametrize(
    ("html", "text", "math", "losses"),
    [
        ("<b>Not</b> <i>x</i> 2*3*4", "**Not** *x* 2\\*3\\*4", False, ""),
        ("<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>", "- a\n- b\n  1. c", False, ""),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1|2</td></tr></table>",
            "| a | b |\n|---|---|\n| 1\\|2 |  |",
            False,
            "",
        ),
        ('<a href="https://e.org/a">x</a>', "[x](https://e.org/a)", False, ""),
        ('<b>x</b> <a href="javascript:alert(1)">y</a>', "**x** y", False, "the address of a link is left out"),
        (r"\(a^2\) costs $5", r"$a^2$ costs \$5", True, ""),
        (r"x $$\frac12$$", "x\n\n" + r"$$\frac12$$", True, ""),
        (r"x \[y\] z", "x\n\n$$y$$\n\nz", True, ""),
        ('<img class="equation_image" data-equation-content="a+b">', "$a+b$", True, ""),
        (r"<b>x</b> \(\nope\)", r"**x** \\(\\nope\\)", False, r"it has the command \nope"),
        ("<h3>T</h3><b>x</b>", "T\n\n**x**", False, "headings become paragraphs"),
        ('<b>H</b><sub>2</sub><span style="color: red">O</span>', "**H**\\_2O", False, "colours and other styles"),
        ('<b>x</b><video src="v.mp4"></video>', "**x**\\[video: v.mp4\\]", False, "the video v.mp4 is left out"),
        ('<b>"x"</b>y', '"x"y', False, "formatting that Markdown cannot hold"),
    ],
)
def test_formatting_becomes_markdown(folder: ClassFolder, html: str, text: str, math: bool, losses: str) -> None:
    plan = imported(folder, moodle(html))
    assert text_of(plan) == text
    assert file_of(plan)["format"] == "markdown"
    assert file_of(plan).get("math", False) == math
    assert any("the texts are in Markdown" in line for line in plan.lines)
    said = " ".join(line for line in plan.lines if "imported, but" in line)
    assert losses in said if losses else not said


def test_texts_of_one_formatted_question_escape_those_of_others(folder: ClassFolder) -> None:
    bank = moodle("<b>x</b>").replace(b"</quiz>", b"") + moodle("# __init__").replace(b"<quiz>", b"")
    questions = file_of(imported(folder, bank))["questions"]
    assert [each["text"] for each in questions] == ["**x**", "\\# \\_\\_init\\_\\_"]


@pytest.mark.parametrize(
    ("address", "file", "name"),
    [
        ("@@PLUGINFILE@@/tree.png", "tree.png", "tree.png"),
        ("@@PLUGINFILE@@/my%20tree.png", "my tree.png", "my-tree.png"),
        ("@@PLUGINFILE@@/tree.gif", "tree.gif", "tree.png"),
        ("@@PLUGINFILE@@/.png", ".png", "png.png"),
    ],
)
def test_images_of_moodle_become_files(folder: ClassFolder, address: str, file: str, name: str) -> None:
    plan = imported(folder, moodle(f'<img src="{address}" alt="A tree">', {file: PNG}))
    assert text_of(plan) == f"![A tree]({name})"
    assert images_of(plan) == {name: PNG}
    assert any("with 1 new image" in line for line in plan.lines)
    write_tests(plan.tests)
    assert (folder.path / "subjects" / SUBJECT / "images" / name).read_bytes() == PNG
    assert not folder.load().tests[SUBJECT, "new"].problems


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("%24IMS-CC-FILEBASE%24/Uploaded%20Media/t.png", "web_resources/Uploaded Media/t.png"),
        ("$IMS-CC-FILEBASE$/t.png?canvas_download=1", "web_resources/t.png"),
        ("$IMS-CC-FILEBASE$/images/t.png", "images/t.png"),
        ("t.png", "q1/t.png"),
        ("../images/t.png", "images/t.png"),
    ],
)
def test_images_of_a_zip_become_files(folder: ClassFolder, address: str, file: str) -> None:
    plan = imported(folder, canvas(f'<img src="{address}" alt="A tree">', {file: PNG}))
    assert text_of(plan) == "![A tree](t.png)"
    assert images_of(plan) == {"t.png": PNG}
    assert not any("other files" in line for line in plan.lines)


def test_an_image_in_the_text_itself_becomes_a_file(folder: ClassFolder) -> None:
    plan = imported(folder, moodle(f'<img src="data:image/png;base64,{b64encode(PNG).decode()}" alt="x">'))
    assert list(images_of(plan).values()) == [PNG]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"GIF89a", "is not a PNG, a JPEG or an SVG"),
        (PNG + bytes(500_000), "is larger than 500 KB"),
        (SVG.replace(b"<path", b"<script>alert(1)</script><path"), "script"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, "DOCTYPE"),
        (b"", "is not a PNG"),
    ],
)
@pytest.mark.parametrize("bank", [moodle, canvas])
def test_an_image_that_cannot_be_shown_is_left_out(folder: ClassFolder, bank: Any, content: bytes, reason: str) -> None:
    plan = imported(folder, bank('<b>x</b> <img src="t.png" alt="A tree">', {"t.png": content}))
    assert text_of(plan) == "**x** \\[image: A tree\\]"
    assert images_of(plan) == {}
    assert any("the image t.png is left out" in line and reason in line for line in plan.lines)


@pytest.mark.parametrize(
    "address",
    ["../../etc/passwd.png", "$IMS-CC-FILEBASE$/../../x.png", "/etc/hostname", "file:///etc/hostname", "q1/q1.xml", ""],
)
def test_no_path_leads_out_of_the_zip(folder: ClassFolder, address: str) -> None:
    plan = imported(folder, canvas(f'<b>x</b> <img src="{address}" alt="y">', {"t.png": PNG}))
    assert images_of(plan) == {}
    assert any("is not in the file" in line for line in plan.lines)


def test_a_zip_with_a_path_that_leads_out_is_refused(folder: ClassFolder) -> None:
    with pytest.raises(CommandError, match="leads out"):
        imported(folder, canvas("<b>x</b>", {"../t.png": PNG}))


def test_a_file_that_is_huge_once_unpacked_is_left_out(folder: ClassFolder) -> None:
    plan = imported(folder, canvas('<b>x</b> <img src="t.png" alt="y">', {"t.png": PNG + bytes(100_000_000)}))
    assert images_of(plan) == {}
    assert any("larger than 500 KB" in line for line in plan.lines)


def test_all_images_together_have_a_limit(folder: ClassFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_ALL_BYTES == 50_000_000
    monkeypatch.setattr("cli.questions.bank_images.MAX_ALL_BYTES", 25)
    plan = imported(
        folder, moodle('<img src="a.png" alt="a"> <img src="b.png" alt="b">', {"a.png": PNG, "b.png": PNG + b"b"})
    )
    assert list(images_of(plan)) == ["a.png"]


def test_a_remote_image_becomes_a_link(folder: ClassFolder) -> None:
    plan = imported(folder, moodle('<img src="https://e.org/t.png" alt="A tree">'))
    assert text_of(plan) == "[A tree](https://e.org/t.png)"
    assert any("the image t.png stays on the web" in line for line in plan.lines)


def test_an_image_without_words_gets_its_name(folder: ClassFolder) -> None:
    plan = imported(folder, moodle('<img src="t.png">', {"t.png": PNG}))
    assert text_of(plan) == "![t.png](t.png)"
    assert any("no words for who cannot see it" in line for line in plan.lines)


def test_feedback_has_no_image(folder: ClassFolder) -> None:
    plan = imported(folder, moodle("<b>x</b>", feedback='See <img src="data:image/png;base64,AAAA" alt="t">'))
    assert file_of(plan)["questions"][0]["feedback"] == {"a": "See \\[image: t\\]"}


@pytest.mark.parametrize(
    ("there", "name", "new"),
    [
        ({"t.png": PNG}, "t.png", False),
        ({"t.png": PNG + b"other"}, "t-2.png", True),
        ({"T.PNG": PNG}, "t-2.png", True),
        ({"t.png": b"no image", "t-2.png": PNG}, "t-2.png", False),
        ({"other.png": PNG}, "t.png", True),
    ],
)
def test_a_name_that_is_taken_gets_a_number(folder: ClassFolder, there: dict[str, bytes], name: str, new: bool) -> None:
    images = folder.path / "subjects" / SUBJECT / "images"
    images.mkdir()
    for file, content in there.items():
        (images / file).write_bytes(content)
    plan = imported(folder, moodle('<img src="t.png" alt="x">', {"t.png": PNG}))
    assert text_of(plan) == f"![x]({name})"
    assert list(images_of(plan)) == ([name] if new else [])
    write_tests(plan.tests)
    assert {file: (images / file).read_bytes() for file in there} == there


def test_no_image_is_written_without_its_test(folder: ClassFolder) -> None:
    plan = imported(folder, moodle('<img src="t.png" alt="x">', {"t.png": PNG}))
    (folder.path / "subjects" / SUBJECT / "new.yml").touch()
    with pytest.raises(CommandError, match="exists already"):
        write_tests(plan.tests)
    assert not (folder.path / "subjects" / SUBJECT / "images").exists()


def test_an_image_of_a_question_that_does_not_come_in_is_not_written(folder: ClassFolder) -> None:
    bank = moodle('<img src="t.png" alt="x">', {"t.png": PNG}).replace(b'"100"', b'"0"')
    plan = imported(folder, bank.replace(b"</quiz>", b"") + moodle("<b>x</b>").replace(b"<quiz>", b""))
    assert plan.imported == 1
    assert images_of(plan) == {}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("**a** [x](https://e.org)", "**a** [x](https://e.org)"),
        ("*a* $5 and $6", "*a* \\$5 and \\$6"),
        ("*a* ![t](t.png)", "*a* ![t](t.png)"),
        ("*a* [x](../y)", "\\*a\\* \\[x\\](../y)"),
    ],
)
def test_markdown_of_moodle_is_read_as_markdown(folder: ClassFolder, source: str, text: str) -> None:
    bank = moodle(source, {"t.png": PNG}, option="<b>y</b>").replace(b'xt format="html"', b'xt format="markdown"')
    assert text_of(imported(folder, bank)) == text


def test_markdown_of_gift_is_read_as_markdown(folder: ClassFolder) -> None:
    plan = imported(folder, b"[markdown]Which **one**? {=a_b ~[html]<i>c</i>}")
    assert file_of(plan)["questions"] == [
        {"text": "Which **one**?", "options": {"a": "a_b", "b": "*c*"}, "answer": "a"}
    ]


def test_gaps_stay_where_they_are(folder: ClassFolder) -> None:
    bank = moodle("<b>A</b> {1:SHORTANSWER:=l*s} and {1:MULTICHOICE:=<i>x</i>~y}")
    plan = imported(folder, bank.replace(b'"multichoice"', b'"cloze"'))
    question = file_of(plan)["questions"][0]
    assert question["text"] == "**A** {{1}} and {{2}}"
    assert question["gaps"] == {"1": {"accept": "l*s"}, "2": {"options": {"a": "*x*", "b": "y"}, "answer": "a"}}
