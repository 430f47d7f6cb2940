"""Moodle XML is read and written."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from cli.questions.bank import (
    AcceptedNumber,
    Answer,
    Bank,
    BankError,
    BankQuestion,
    Body,
    Choice,
    Match,
    Number,
    Ordering,
    Other,
    ShortText,
)
from cli.questions.moodle_xml import is_moodle_xml, read_moodle_xml, write_moodle_xml
from cli.questions.xml_file import middle_and_tolerance
from hypothesis import given, settings

from support.bank_questions import any_text as texts
from support.bank_questions import (
    choices,
    matches,
    numbers,
    orderings,
    others,
    questions,
    short_texts,
    trimmed_text,
    true_false,
)

RIGHT, WRONG, HALF, THIRD = Fraction(1), Fraction(0), Fraction(1, 2), Fraction(1, 3)
HEAD = """<name><text>Kernel</text></name>
<questiontext format="html"><text><![CDATA[<p>What is <code>init</code>?<br></p>]]></text></questiontext>
<generalfeedback format="html"><text><![CDATA[<p>The first <b>process</b>.</p>]]></text></generalfeedback>
<defaultgrade>2.0000000</defaultgrade>"""
TEXT = "<questiontext format='html'><text>Why?</text></questiontext>"
TWO = "<answer fraction='100'><text>a</text></answer><answer fraction='0'><text>b</text></answer>"


def quiz(*elements: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>{"".join(elements)}</quiz>'.encode()


def question(kind: str, content: str, head: str = TEXT) -> str:
    return f'<question type="{kind}">{head}{content}</question>'


def only(bank: Bank) -> BankQuestion:
    assert not bank.unreadable
    (found,) = bank.questions
    return found


def body_of(kind: str, content: str) -> tuple[Body, Sequence[str]]:
    found = only(read_moodle_xml(quiz(question(kind, content))))
    return found.body, found.losses


def test_question_is_read_with_everything_around_it() -> None:
    assert only(read_moodle_xml(quiz(question("essay", "", HEAD)))) == BankQuestion(
        where='question 1 ("Kernel")',
        text="What is `init`?",
        body=Other("essay"),
        name="Kernel",
        points=Fraction(2),
        explanation="The first process.",
        losses=("bold, italics and other formatting are left out",),
    )


@pytest.mark.parametrize(
    ("kind", "content", "body"),
    [
        (
            "multichoice",
            """<single>true</single>
            <answer fraction="100" format="html"><text>&lt;p&gt;a &amp;lt; b&lt;/p&gt;</text>
              <feedback format="html"><text>Yes</text></feedback></answer>
            <answer fraction="33.33333"><text>x<![CDATA[ & y]]></text><feedback><text></text></feedback></answer>
            <answer fraction="-50"><text>no</text></answer><answer><text>none</text></answer>""",
            Choice(
                (
                    Answer("a < b", RIGHT, "Yes"),
                    Answer("x & y", THIRD),
                    Answer("no", Fraction(-1, 2)),
                    Answer("none", WRONG),
                )
            ),
        ),
        ("multichoice", TWO, Choice((Answer("a", RIGHT), Answer("b", WRONG)))),
        ("multichoice", f"<single>1</single>{TWO}", Choice((Answer("a", RIGHT), Answer("b", WRONG)))),
        ("multichoice", f"<single>false</single>{TWO}", Choice((Answer("a", RIGHT), Answer("b", WRONG)), several=True)),
        ("multichoice", f"<single>0</single>{TWO}", Choice((Answer("a", RIGHT), Answer("b", WRONG)), several=True)),
        (
            "truefalse",
            "<answer fraction='0'><text>false</text><feedback><text>No</text></feedback></answer>"
            "<answer fraction='100'><text>True</text></answer>",
            Choice((Answer("True", RIGHT), Answer("False", WRONG, "No")), is_true_false=True),
        ),
        (
            "truefalse",
            "<answer fraction='0'><text>Prawda</text></answer><answer fraction='100'><text>Fałsz</text></answer>",
            Choice((Answer("True", WRONG), Answer("False", RIGHT)), is_true_false=True),
        ),
        (
            "shortanswer",
            "<usecase>1</usecase><answer fraction='100'><text> *pid &lt;1> </text></answer>"
            "<answer fraction='50'><text>a\\*b</text><feedback><text>Nearly</text></feedback></answer>"
            "<answer fraction='0'><text></text></answer>",
            ShortText((Answer("*pid <1>", RIGHT), Answer("a\\*b", HALF, "Nearly")), case_matters=True),
        ),
        (
            "shortanswer",
            "<usecase>0</usecase><answer fraction='100' format='moodle_auto_format'><text>x</text></answer>",
            ShortText((Answer("x", RIGHT),)),
        ),
        ("shortanswer", "<answer fraction='100'>old</answer>", ShortText((Answer("old", RIGHT),))),
        (
            "numerical",
            "<answer fraction='100'><text>3.14</text><tolerance>0.01</tolerance></answer>"
            "<answer fraction='50'><text>3,1</text><tolerance>-0.1</tolerance>"
            "<feedback><text>Rough</text></feedback></answer>"
            "<answer fraction='0'><text>6.02x10^23</text></answer><answer fraction='0'><text>-1e-3</text></answer>",
            Number(
                (
                    AcceptedNumber(Decimal("3.13"), Decimal("3.15"), value=Decimal("3.14")),
                    AcceptedNumber(Decimal("3.0"), Decimal("3.2"), HALF, "Rough", Decimal("3.1")),
                    AcceptedNumber(Decimal("6.02e23"), Decimal("6.02e23"), WRONG),
                    AcceptedNumber(Decimal("-0.001"), Decimal("-0.001"), WRONG),
                )
            ),
        ),
        (
            "matching",
            "<subquestion format='html'><text>&lt;p>ls&lt;/p></text><answer><text>lists &lt;b></text></answer>"
            "</subquestion><subquestion><text></text><answer><text>nothing</text></answer></subquestion>"
            "<subquestion><text/><answer><text/></answer></subquestion>",
            Match((("ls", "lists <b>"),), ("nothing",)),
        ),
        (
            "ddmatch",
            "<subquestion format='html'><text>a</text><answer format='html'><text>&lt;p>b&lt;/p></text></answer>"
            "</subquestion>",
            Match((("a", "b"),)),
        ),
        ("essay", "<responseformat>editor</responseformat>", Other("essay")),
        ("description", "", Other("description")),
        ("calculated", TWO, Other("calculated")),
        ("ddwtos", "<dragbox><text>x</text></dragbox>", Other("ddwtos")),
        (
            "ordering",
            "<selecttype>ALL</selecttype><selectcount>2</selectcount><gradingtype>ALL_OR_NOTHING</gradingtype>"
            "<answer fraction='1.0000000' format='html'><text>&lt;p>fork</text></answer>"
            "<answer fraction='2.0000000' format='plain_text'><text>exec &lt;x></text></answer><answer/>",
            Ordering(("fork", "exec <x>")),
        ),
    ],
)
def test_body_is_read(kind: str, content: str, body: Body) -> None:
    assert body_of(kind, content) == (body, ())


@pytest.mark.parametrize(
    ("written", "share"),
    [
        *(("100", 1), ("0", 0), ("-100", -1), ("50.00000", "1/2"), ("33.33333", "1/3"), ("66.66667", "2/3")),
        *(("-16.66667", "-1/6"), ("83.33333", "5/6"), ("14.28571", "1/7"), ("11.11111", "1/9"), ("12.5", "1/8")),
        *(("33", "33/100"), ("33.333", "1/3"), ("53", "53/100")),
    ],
)
def test_percentage_becomes_a_simple_fraction(written: str, share: str | int) -> None:
    body, _ = body_of("shortanswer", f"<answer fraction='{written}'><text>x</text></answer>")
    assert body == ShortText((Answer("x", Fraction(share)),))


@pytest.mark.parametrize(
    ("text_format", "written", "text", "losses"),
    [
        ("html", "&lt;p&gt;a&amp;nbsp;b&lt;/p&gt;", "a b", ()),
        ("html", "<p>not <b>escaped</b></p>", "not escaped", ("bold, italics and other formatting are left out",)),
        ("plain_text", "a &lt;b> &amp;amp; \n  c", "a <b> &amp; \n  c", ()),
        ("markdown", "`a  b`\n\n- c", "`a  b`\n\n- c", ()),
        ("markdown", "**a**", "**a**", ("Markdown other than code is shown as it is written",)),
        ("markdown", "$$x$$", "$$x$$", ("a formula is shown as it is written, in LaTeX",)),
        (
            "moodle_auto_format",
            "a &lt;b>\nc &amp;amp; d",
            "a\nc & d",
            ("bold, italics and other formatting are left out",),
        ),
        ("", "&lt;p>a&lt;/p>", "a", ()),
    ],
)
def test_text_is_read_by_its_format(text_format: str, written: str, text: str, losses: Sequence[str]) -> None:
    head = f'<questiontext format="{text_format}"><text>{written}</text></questiontext>'
    found = only(read_moodle_xml(quiz(question("essay", "", head))))
    assert (found.text, found.losses) == (text, losses)


FILE = f'<file name="cat.png" path="/" encoding="base64">{base64.b64encode(b"x").decode()}</file>'


@pytest.mark.parametrize(
    ("kind", "content", "losses"),
    [
        ("essay", "<hint><text>x</text></hint>", ["a hint is left out"]),
        ("multichoice", f"{TWO}<hint><text>x</text></hint><hint><text>y</text></hint>", ["2 hints are left out"]),
        (
            "multichoice",
            f"{TWO}<correctfeedback><text>Hooray</text></correctfeedback>"
            "<incorrectfeedback><text>Read chapter 2</text></incorrectfeedback>",
            [
                'the feedback for right answers is left out: "Hooray"',
                'the feedback for wrong answers is left out: "Read chapter 2"',
            ],
        ),
        (
            "numerical",
            "<answer fraction='100'><text>1</text></answer><answer fraction='0'><text>*</text><feedback><text>Hm</text>"
            "</feedback></answer><units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit></units>",
            [
                'the feedback for all other numbers is left out: "Hm"',
                "the units are left out: m",
            ],
        ),
        (
            "numerical",
            "<answer fraction='100'><text>1</text></answer><answer fraction='25'><text>*</text></answer>",
            ["the points for all other numbers are left out"],
        ),
        (
            "ordering",
            "<selecttype>RANDOM</selecttype><selectcount>2</selectcount>"
            "<answer><text>a</text><feedback><text>Hm</text></feedback></answer>"
            "<answer><text>b</text></answer><answer><text>c</text></answer>",
            ['the feedback for a text is left out: "Hm"', "students see all 3 texts here, not only 2 of them"],
        ),
        (
            "ordering",
            f"<logical>1</logical><studentsee>2</studentsee>{TWO}<answer><text>c</text></answer>",
            ["students see all 3 texts here, not only 2 of them"],
        ),
        ("essay", "<image>old/dog.gif</image>", ["the image dog.gif is left out"]),
        ("essay", FILE, ["the file cat.png is left out"]),
        ("essay", f"<generalfeedback><text>x</text>{FILE}</generalfeedback>", ["the file cat.png is left out"]),
        (
            "essay",
            "<generalfeedback><text>&lt;img src='@@PLUGINFILE@@/cat.png'></text>" + FILE + "</generalfeedback>",
            ["the image cat.png is left out"],
        ),
        (
            "multichoice",
            f"{TWO}<answer fraction='0'><text/></answer>",
            ["an option without a text is left out, as Moodle does"],
        ),
        ("multichoice", f"{TWO}<newsetting>1</newsetting>", ["<newsetting> is left out"]),
    ],
)
def test_what_is_lost_is_said(kind: str, content: str, losses: list[str]) -> None:
    assert list(body_of(kind, content)[1]) == losses


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        ("<question><name><text>x</text></name></question>", "it has no type"),
        (question("essay", "", ""), "it has no text"),
        (question("multichoice", ""), "it has fewer than two options"),
        (question("multichoice", TWO.replace("100", "all")), 'the share "all" of an answer is not a number'),
        (question("multichoice", TWO.replace("100", "1e999999")), 'the share "1e999999" of an answer is not a number'),
        (question("truefalse", ""), "it does not have the two answers true and false"),
        (question("shortanswer", ""), "it has no accepted answer"),
        (question("numerical", ""), "it has no accepted number"),
        (
            question("numerical", "<answer fraction='100'><text>1e99999</text></answer>"),
            'the answer "1e99999" or its tolerance is not a number',
        ),
        (question("matching", ""), "it has no pairs"),
        (question("ordering", "<answer><text>a</text></answer>"), "it has fewer than two texts to put in order"),
        (question("matching", "<subquestion><text>a</text></subquestion>"), '"a" has nothing that matches it'),
        (question("essay", "<defaultgrade>x</defaultgrade>"), 'its default grade "x" is not a number'),
    ],
)
def test_unreadable_question_is_named(element: str, reason: str) -> None:
    bank = read_moodle_xml(quiz(question("essay", ""), element))
    assert len(bank.questions) == 1
    ((where, said),) = [(found.where, found.reason) for found in bank.unreadable]
    assert where.startswith("question 2")
    assert said == reason


def test_settings_and_categories_are_noted_once() -> None:
    common = (
        "<shuffleanswers>1</shuffleanswers><penalty>0.3333333</penalty><hidden>1</hidden><idnumber>k1</idnumber>"
        "<tags><tag><text>easy</text></tag></tags><answernumbering>123</answernumbering>"
        "<correctfeedback><text>Your answer is correct.</text></correctfeedback>"
    )
    bank = read_moodle_xml(
        quiz(
            '<question type="category"><category><text>$course$/top/Linux</text></category></question>',
            question("multichoice", TWO + common),
            question("multichoice", TWO + common),
            question("multichoice", TWO + "<shuffleanswers>false</shuffleanswers>"),
            "<unknown/>",
        )
    )
    assert bank.notes == (
        'the category "$course$/top/Linux" is left out',
        "<unknown> is left out",
        "the setting whether options are shuffled is left out: 2 shuffled, 1 in a fixed order",
        "the penalty for further attempts is left out in 2 questions",
        "the ID number or tags are left out in 2 questions",
        "2 questions hidden in Moodle, probably replaced by newer versions",
        "the way in which options are numbered is left out in 2 questions",
        "Moodle's standard feedback for right and wrong answers is left out in 2 questions",
    )
    assert [found.where for found in bank.questions] == ["question 1", "question 2", "question 3"]
    assert not any(found.losses for found in bank.questions)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is not correct XML: no element found: line 1, column 0"),
        (b"just text", "the file is not correct XML: syntax error: line 1, column 0"),
        (b"<html/>", "the file is not Moodle XML: its first element is not <quiz>"),
        (b"<quiz>", "the file is not correct XML: no element found: line 1, column 6"),
        (b"<quiz>\xe9</quiz>", "the file is not in UTF-8: save it as UTF-8"),
        (b"\x7fELF\0\0\0", "the file is not a text file"),
        (
            b"<?xml version='1.0' encoding='nonsense'?><quiz/>",
            "the file is not correct XML: unknown encoding: nonsense",
        ),
        (
            b'<!DOCTYPE quiz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><quiz>&b;</quiz>',
            "the file defines entities (<!ENTITY ...>), which is not safe to read: remove them",
        ),
        (
            b'<!DOCTYPE quiz [<!ENTITY a SYSTEM "file:///etc/passwd">]><quiz>&a;</quiz>',
            "the file defines entities (<!ENTITY ...>), which is not safe to read: remove them",
        ),
        (b" " * (20 * 1024 * 1024 + 1), "the file is larger than 20 MB: split it into smaller files"),
        (quiz("<question/>" * 5_001), "the file has more than 5,000 questions: split it into smaller files"),
    ],
    ids=range(11),
)
def test_file_that_cannot_be_read(data: bytes, reason: str) -> None:
    with pytest.raises(BankError) as error:
        read_moodle_xml(data)
    assert str(error.value) == reason


def test_deep_nesting_is_read() -> None:
    deep = "<b>" * 100_000 + "</b>" * 100_000
    assert len(read_moodle_xml(quiz(question("essay", deep))).questions) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1250"])
def test_encodings(encoding: str) -> None:
    declared = encoding.replace("-sig", "")
    xml = f'<?xml version="1.0" encoding="{declared}"?>\r\n<quiz>{question("essay", "").replace("Why", "Öl")}</quiz>'
    data = xml.encode(encoding)
    assert only(read_moodle_xml(data)).text == "Öl?"
    assert is_moodle_xml(data)


def test_utf_16_that_says_it_is_utf_8_is_read() -> None:
    data = quiz(question("essay", "").replace("Why", "Öl")).decode().encode("utf-16")
    assert only(read_moodle_xml(data)).text == "Öl?"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (quiz(), True),
        (b"\n<!-- exported -->\n<quiz><question/>", True),
        (b"<quizzes/>", False),
        (b"<questestinterop/>", False),
        (b"What is <quiz>?", False),
        (b"\xff\xfe\x00", False),
        (b"PK\x03\x04", False),
        (b"", False),
    ],
)
def test_format_is_recognized(data: bytes, found: bool) -> None:
    assert is_moodle_xml(data) is found


def with_tolerance(accepted: AcceptedNumber) -> AcceptedNumber:
    """As Moodle has a range: a number and its tolerance."""
    if accepted.low == accepted.high:
        return accepted
    return replace(accepted, value=middle_and_tolerance(accepted)[0])


@given(
    questions(
        choices
        | true_false
        | numbers
        | short_texts(trimmed_text)
        | matches(texts, trimmed_text)
        | orderings(texts)
        | others
    ),
)
@settings(max_examples=150, deadline=None)
def test_question_survives_being_written_and_read(written: BankQuestion) -> None:
    data, _ = write_moodle_xml([written])
    if isinstance(written.body, Number):
        written = replace(written, body=Number(tuple(map(with_tolerance, written.body.accepted))))
    assert replace(only(read_moodle_xml(data)), where="here") == written


HERE = BankQuestion("here", "Why?", Other("essay"))


def test_a_partly_right_order_earns_the_share_of_its_pairs_in_moodle() -> None:
    data, _ = write_moodle_xml([replace(HERE, body=Ordering(("a", "b", "c")))])
    assert b"<gradingtype>RELATIVE_ALL_PREVIOUS_AND_NEXT</gradingtype>" in data
    assert b"<selecttype>ALL</selecttype>" in data


@pytest.mark.parametrize(
    ("written", "losses"),
    [
        (HERE, []),
        (replace(HERE, body=Other("cloze")), ["the question is left out, because it is of the type cloze"]),
        (replace(HERE, text=""), ["the question is left out, because it has no text"]),
        (replace(HERE, text="a\x07b"), ["control characters are left out"]),
        (replace(HERE, name=" x "), ["the spaces around the name are left out"]),
        (replace(HERE, points=Fraction(1, 1234567)), ["the points are rounded to 0.0000008"]),
        (
            replace(HERE, body=ShortText((Answer(" x", Fraction(1, 37)),))),
            [
                "the spaces around an accepted text are left out",
                "a share is rounded to 2.7027 %",
                "Moodle may refuse the question, because it does not offer 2.7027 % for an answer",
            ],
        ),
        (
            replace(HERE, body=Choice((Answer("Tak", RIGHT), Answer("Nie", WRONG)), is_true_false=True)),
            ["the question becomes multiple choice, because its options are not True and False"],
        ),
        (
            replace(HERE, body=Choice((Answer("false", RIGHT), Answer("true", WRONG)), is_true_false=True)),
            ["the options become True and False, in this order"],
        ),
    ],
)
def test_what_moodle_cannot_hold_is_said(written: BankQuestion, losses: list[str]) -> None:
    data, said = write_moodle_xml([written])
    assert said == [("here", loss) for loss in losses]
    assert len(read_moodle_xml(data).questions) == (not losses or "is left out, because" not in losses[0])


def test_name_is_made_from_the_text() -> None:
    data, _ = write_moodle_xml([replace(HERE, text="What  is\n\n`this`? " + "x" * 100)])
    assert b"<text>What is `this`? " + b"x" * 44 + b"</text>" in data
    assert only(read_moodle_xml(data)).name is None
