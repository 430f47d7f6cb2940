"""Texts with gaps: Moodle's Cloze, and Canvas's blanks and dropdowns."""

from __future__ import annotations

import io
import time
import zipfile
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from cli.class_folder import ClassFolder
from cli.questions.authored import NotAuthored, authored, banked
from cli.questions.bank import AcceptedNumber, Answer, Bank, BankQuestion, Body, Choice, Gaps, Number, ShortText
from cli.questions.exporting import exported, questions_of
from cli.questions.formats import FORMATS
from cli.questions.gift import read_gift, write_gift
from cli.questions.importing import plan_import
from cli.questions.moodle_xml import read_moodle_xml, write_moodle_xml
from cli.questions.qti12 import read_qti12, write_qti12
from hypothesis import example, given
from hypothesis import strategies as st

from support.bank_questions import line_of_text

ALL, NONE, HALF = Fraction(1), Fraction(0), Fraction(1, 2)
SCHEDULES = Choice((Answer("schedules", ALL), Answer("prints", NONE, "A printer does.")))
BYTES = Number(
    (
        AcceptedNumber(Decimal(4096), Decimal(4096)),
        AcceptedNumber(Decimal(4), Decimal(4), HALF, "In bytes."),
        AcceptedNumber(Decimal("9.71"), Decimal("9.91"), Fraction(1, 4), None, Decimal("9.81")),
    )
)
COMMAND = ShortText((Answer("getconf*", ALL), Answer("arch", HALF, "`-m`?")), case_matters=True)
TEXT = "The kernel {{1}} processes. A page has {{2}} bytes, and `{{3}}` shows it."
QUESTION = BankQuestion("here", TEXT, Gaps((SCHEDULES, BYTES, COMMAND)), None, Fraction(3), "Because.")


def cloze(text: str, **attributes: str) -> Bank:
    """The questions of a file whose only one has this text, in HTML."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    kind = attributes.get("type", "multianswer")
    return read_moodle_xml(
        f"<quiz><question type='{kind}'><questiontext format='{attributes.get('format', 'html')}'>"
        f"<text>{escaped}</text>"
        "</questiontext><defaultgrade>7</defaultgrade></question></quiz>".encode()
    )


def gaps(text: str) -> Any:
    [question] = cloze(text).questions
    assert isinstance(question.body, Gaps)
    return question.body.gaps


@pytest.mark.parametrize(
    "code",
    [
        *("MULTICHOICE", "MC", "MULTICHOICE_V", "MCV", "MULTICHOICE_H", "MCH", "MULTICHOICE_S", "MCS"),
        *("MULTICHOICE_VS", "MCVS", "MULTICHOICE_HS", "MCHS"),
    ],
)
def test_each_kind_of_options_is_read(code: str) -> None:
    assert gaps(f"It {{1:{code}:%50%half~=schedules#Yes.~prints#<i>No.</i>~<code>x</code>}}.") == (
        Choice(
            (
                Answer("half", HALF),
                Answer("schedules", ALL, "Yes."),
                Answer("prints", NONE, "No."),
                Answer("`x`", NONE),
            )
        ),
    )


@pytest.mark.parametrize("code", ["SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC"])
def test_each_kind_of_text_is_read(code: str) -> None:
    accepted = (Answer("ls", ALL, "Right."), Answer("dir*", HALF), Answer("rm", NONE, "No!"))
    assert gaps(f"{{:{code}:=ls#Right.~%50%dir*~rm#No!}}") == (ShortText(accepted, case_matters="C" in code),)


@pytest.mark.parametrize("code", ["NUMERICAL", "NM"])
def test_each_kind_of_number_is_read(code: str) -> None:
    assert gaps(f"{{1:{code}:=9,81:0.1#Yes.~%33.33333%10~=-1e3:0}}") == (
        Number(
            (
                AcceptedNumber(Decimal("9.71"), Decimal("9.91"), ALL, "Yes.", Decimal("9.81")),
                AcceptedNumber(Decimal(10), Decimal(10), Fraction(1, 3)),
                AcceptedNumber(Decimal(-1000), Decimal(-1000)),
            )
        ),
    )


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("a\\}b", "a}b"),
        ("a\\#b", "a#b"),
        ("a\\~b", "a\\~b"),  # as Moodle does
        ("a&#125;b&#35;c&#126;d", "a}b#c~d"),
        ("&lt;b&gt; &amp; c", "<b> & c"),
        ("&amp;~x", "&~x"),  # as Moodle does: what follows an ampersand ends nothing
        (" a ", "a"),
        ("a=b%50%c", "a=b%50%c"),
        ("a\nb", "a\nb"),
        ("{x", "{x"),
    ],
)
def test_what_moodle_escapes_is_read_as_moodle_reads_it(answer: str, text: str) -> None:
    assert gaps(f"{{1:SA:={answer}}}")[0].accepted[0].text == text


def test_the_text_has_numbers_where_the_gaps_were() -> None:
    [question] = cloze("<p>The {1:SA:=a} of <code>{2:NM:=1}</code>.</p><p>{x} {:XX:=a} {1:SA:} {1:SA:=b").questions
    assert question.text == "The {{1}} of `{{2}}`.\n\n{x} {:XX:=a} {1:SA:} {1:SA:=b"
    assert question.points == 3
    assert isinstance(question.body, Gaps)
    assert question.body.has_weights
    [plain] = cloze("a {1:SA:=x}\nb", format="plain_text").questions
    assert plain.text == "a {{1}}\nb"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no gap", "its text has no gaps"),
        ("", "its text has no gaps"),
        ("{1:MULTIRESPONSE:=a~=b~c}", "students may choose several options in gap 1, which a test cannot have"),
        ("{1:SA:=a} {1:MRHS:=a~b}", "students may choose several options in gap 2, which a test cannot have"),
        ("{1:MC:=a}", "gap 1 has fewer than two options, or one without a text"),
        ("{1:NM:=many}", 'the answer "many" in gap 1, or its tolerance, is not a number'),
        ("{1:NM:=1:x}", 'the answer "1:x" in gap 1, or its tolerance, is not a number'),
        ("{1:NM:*}", "gap 1 has no accepted number"),
        ("{1:SA:= }", "gap 1 has no accepted answer"),
        ("{1:SA:=a}" + "x" * 50_000, "its text has more than 50,000 characters"),
    ],
)
def test_what_cannot_be_a_gap_is_told(text: str, reason: str) -> None:
    bank = cloze(text)
    assert [each.reason for each in bank.unreadable] == [reason]
    assert cloze("{1:SA:=a}", type="cloze").questions


def test_a_number_for_everything_is_lost() -> None:
    [question] = cloze("{1:NM:=1~%10%*#Any.}").questions
    assert question.losses == (
        "the points for all other numbers in gap 1 are left out",
        'the feedback for all other numbers in gap 1 is left out: "Any."',
    )


@pytest.mark.parametrize("unit", ["{1:SA:", "{1:SA:=a~b", "{1:SA:=a#", "{1:SA:~", "&#", "\\}"])
def test_no_text_takes_long(unit: str) -> None:
    began = time.perf_counter()
    cloze("{1:SA:=a} " + unit * (49_000 // len(unit)))
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("body", "gaps", "losses"),
    [
        (
            Gaps((SCHEDULES, BYTES, COMMAND)),
            {
                "1": {
                    "options": {"a": "schedules", "b": "prints"},
                    "answer": "a",
                    "feedback": {"b": "A printer does."},
                },
                "2": {
                    "number": [
                        "4096",
                        {"value": "4", "share": 50, "feedback": "In bytes."},
                        {"value": "9.81", "tolerance": "0.10", "share": 25},
                    ]
                },
                "3": {
                    "accept": ["getconf*", {"text": "arch", "share": 50, "feedback": "`-m`?"}],
                    "case_matters": True,
                },
            },
            [],
        ),
        (
            Gaps((ShortText((Answer("a", ALL), Answer("*", NONE, "No."))),), has_weights=True),
            {"1": {"accept": "a"}},
            ["its gaps all earn the same here", 'in gap 1, the feedback for all other answers is left out: "No."'],
        ),
        (
            Gaps((Choice((Answer("a", ALL), Answer("b", HALF))),)),
            {"1": {"options": {"a": "a", "b": "b"}, "answer": "a"}},
            ["in gap 1, only the right option earns points here"],
        ),
    ],
)
def test_gaps_are_authored(body: Gaps, gaps: Any, losses: list[str]) -> None:
    result = authored(BankQuestion("here", "{{1}}", body))
    assert result.question["gaps"] == gaps
    assert result.losses == losses


def test_what_a_gap_cannot_be_is_told() -> None:
    wrong = Choice((Answer("a", NONE), Answer("b", NONE)))
    with pytest.raises(NotAuthored, match=r"^in gap 2, none of its options is right$"):
        authored(BankQuestion("here", "{{1}} {{2}}", Gaps((SCHEDULES, wrong))))
    with pytest.raises(NotAuthored, match="it has 27 gaps, and a test's question can have 26"):
        authored(BankQuestion("here", "x", Gaps((SCHEDULES,) * 27)))


def test_a_question_of_a_test_is_banked_with_its_gaps_in_order() -> None:
    question: Any = {
        "text": TEXT,
        "points": 3,
        "explanation": "Because.",
        "gaps": {
            "2": {"number": ["4096", {"value": "4", "share": 50, "feedback": "In bytes."}]},
            "1": {"options": {"a": "schedules", "b": "prints"}, "answer": "a", "feedback": {"b": "A printer does."}},
            "3": {"accept": ["getconf*", {"text": "arch", "share": 50, "feedback": "`-m`?"}], "case_matters": True},
        },
    }
    found = banked(1, question)
    expected = Gaps((SCHEDULES, replace(BYTES, accepted=BYTES.accepted[:2]), COMMAND))
    assert as_lists(found.body) == as_lists(expected)
    assert isinstance(found.body, Gaps)
    assert found.body.gaps[2] == replace(COMMAND, accepted=list(COMMAND.accepted))
    assert (found.text, found.points) == (TEXT, Fraction(3))


def as_lists(body: Any) -> Any:
    """The same whatever sequences it has."""
    return [(type(gap).__name__, list(gap.options if isinstance(gap, Choice) else gap.accepted)) for gap in body.gaps]


def test_moodle_gets_its_gaps_and_they_come_back() -> None:
    data, lost = write_moodle_xml([QUESTION])
    assert lost == []
    shown = data.decode()
    assert "{1:MULTICHOICE:=schedules~prints#A printer does.}" in shown
    assert "{1:NUMERICAL:=4096~%50%4#In bytes.~%25%9.81:0.10}" in shown
    assert "{1:SHORTANSWER_C:=getconf*~%50%arch#" in shown
    assert 'type="multianswer"' in shown
    [copy] = read_moodle_xml(data).questions
    assert as_lists(copy.body) == as_lists(QUESTION.body)
    assert (copy.text, copy.points, copy.explanation, copy.losses) == (TEXT, Fraction(3), "Because.", ())


@pytest.mark.parametrize(
    ("points", "written", "losses"),
    [
        (Fraction(6), Fraction(6), []),
        (None, Fraction(3), []),
        (Fraction(1), Fraction(3), ["its points are 3 in Moodle, where each gap has a whole number of points"]),
        (Fraction(9, 2), Fraction(3), ["its points are 3 in Moodle, where each gap has a whole number of points"]),
    ],
)
def test_each_of_moodles_gaps_has_whole_points(points: Fraction | None, written: Fraction, losses: list[str]) -> None:
    data, lost = write_moodle_xml([replace(QUESTION, points=points)])
    assert [loss for _, loss in lost] == losses
    assert read_moodle_xml(data).questions[0].points == written


@pytest.mark.parametrize(
    ("question", "losses"),
    [
        (
            replace(QUESTION, text="`{1:SA:=a}` {{1}} {{2}} {{3}}"),
            ["the question is left out, because Moodle would take a part of its text for a gap"],
        ),
        (
            replace(QUESTION, text="{{1}}", points=None, body=Gaps((replace(COMMAND, spaces_matter=True),))),
            ["spaces around an answer do not matter in Moodle"],
        ),
        (
            replace(QUESTION, text="{{1}}", points=None, body=Gaps((ShortText((Answer("a\\}", ALL),)),))),
            ["a backslash before } or # is left out"],
        ),
    ],
)
def test_what_moodle_cannot_hold_is_told(question: BankQuestion, losses: list[str]) -> None:
    assert [loss for _, loss in write_moodle_xml([question])[1]] == losses


def body_of_lines(*lines: str) -> Body:
    first, second, third, fourth = lines
    choice = Choice((Answer(first, ALL, second), Answer(f"{first} x", NONE, third)))
    return Gaps((choice, ShortText((Answer(third, ALL), Answer(f"{third} y", HALF, fourth)))))


@example(("=", "#a~}", "%50%x", "\\"), "{1:x}")
@given(st.tuples(line_of_text, line_of_text, line_of_text, line_of_text), line_of_text)
def test_any_texts_come_back_from_moodle(lines: tuple[str, str, str, str], text: str) -> None:
    if any("\\}" in line or "\\#" in line for line in lines):
        return
    question = BankQuestion("here", f"x {text} {{{{1}}}} and {{{{2}}}}", body_of_lines(*lines), None, Fraction(2))
    data, lost = write_moodle_xml([question])
    assert lost == []
    [copy] = read_moodle_xml(data).questions
    assert copy.text == question.text
    assert as_lists(copy.body) == as_lists(question.body)


def document(zipped: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(zipped)) as package:
        return package.read("questions/questions.xml").decode()


TYPED = BankQuestion(
    "here",
    "Roses are {{1}}, `{{2}}` are blue.",
    Gaps((ShortText((Answer("red", ALL), Answer("re\\*d", ALL, "Well."))), ShortText((Answer("violets", ALL),)))),
    None,
    Fraction(1),
)
CHOSEN = replace(
    TYPED,
    body=Gaps((SCHEDULES, Choice((Answer("x", NONE), Answer("y", ALL), Answer("z", NONE))))),
)


@pytest.mark.parametrize(
    ("question", "kind"),
    [(TYPED, "fill_in_multiple_blanks_question"), (CHOSEN, "multiple_dropdowns_question")],
)
def test_canvas_gets_blanks_or_dropdowns_and_they_come_back(question: BankQuestion, kind: str) -> None:
    data, lost = write_qti12([question])
    assert lost == []
    assert kind in document(data)
    assert "Roses are [gap1]" in document(data)
    assert 'respident="response_gap2"' in document(data)
    [copy] = read_qti12(data).questions
    assert as_lists(copy.body) == as_lists(question.body)
    assert (copy.text, copy.points, copy.losses) == (question.text, Fraction(1), ())
    assert isinstance(copy.body, Gaps)
    assert not copy.body.has_weights


@pytest.mark.parametrize(
    ("gap", "losses", "kept"),
    [
        (COMMAND, ["the question is left out, because no text or single number is right in gap 1"], None),
        (
            Number((AcceptedNumber(Decimal(1), Decimal(2)),)),
            ["the question is left out, because no text or single number is right in gap 1"],
            None,
        ),
        (
            BYTES,
            [
                "Canvas compares the number in gap 1 as a text",
                "accepted answers in gap 1 that have a wildcard, a range or only a part of the points are left out",
            ],
            ["4096"],
        ),
        (
            ShortText((Answer("ls", ALL), Answer("dir", HALF), Answer("x*", ALL)), True, True),
            [
                "Canvas ignores upper and lower case",
                "the file does not say that spaces matter",
                "accepted answers in gap 1 that have a wildcard, a range or only a part of the points are left out",
            ],
            ["ls"],
        ),
    ],
)
def test_what_canvas_cannot_hold_of_a_gap_is_told(gap: Any, losses: list[str], kept: list[str] | None) -> None:
    data, lost = write_qti12([BankQuestion("here", "x {{1}}", Gaps((gap,)))])
    assert [loss for _, loss in lost] == losses
    questions: Any = read_qti12(data).questions if kept else ()
    texts = [[each.text for each in question.body.gaps[0].accepted] for question in questions]
    assert texts == ([kept] if kept else [])


def test_canvas_has_no_mixed_gaps() -> None:
    [(_, loss)] = write_qti12([QUESTION])[1]
    assert loss == (
        "the question is left out, because Canvas does not have gaps with options and gaps to type in in the same text"
    )


def test_names_of_gaps_are_not_in_the_text() -> None:
    question = replace(TYPED, text="[gap1] {{2}} and [gap_x] {{1}}")
    data, _ = write_qti12([question])
    assert "[gap1] [gap__2] and [gap_x] [gap__1]" in document(data)


CANVAS = """<questestinterop><assessment><section><item ident='i1' title='Q'><itemmetadata><qtimetadata>
<qtimetadatafield><fieldlabel>question_type</fieldlabel><fieldentry>{kind}</fieldentry></qtimetadatafield>
</qtimetadata></itemmetadata><presentation><material><mattext texttype='text/html'>{text}</mattext></material>
<response_lid ident='response_color1'><material><mattext>color1</mattext></material><render_choice>
<response_label ident='11'><material><mattext texttype='text/plain'>red</mattext></material></response_label>
<response_label ident='12'><material><mattext texttype='text/plain'>rouge</mattext></material></response_label>
</render_choice></response_lid>
<response_lid ident='response_color2'><material><mattext>color2</mattext></material><render_choice>
<response_label ident='21'><material><mattext texttype='text/plain'>blue</mattext></material></response_label>
<response_label ident='22'><material><mattext texttype='text/plain'>bl*e</mattext></material></response_label>
</render_choice></response_lid></presentation>
<resprocessing><outcomes><decvar maxvalue='100' minvalue='0' varname='SCORE' vartype='Decimal'/></outcomes>
<respcondition><conditionvar><varequal respident='response_color1'>11</varequal></conditionvar>
<setvar varname='SCORE' action='Add'>{first}</setvar></respcondition>
<respcondition><conditionvar><varequal respident='response_color2'>21</varequal></conditionvar>
<setvar varname='SCORE' action='Add'>{second}</setvar></respcondition>
</resprocessing></item></section></assessment></questestinterop>"""


def canvas(**changes: str) -> Bank:
    given = {
        "kind": "fill_in_multiple_blanks_question",
        "text": "&lt;p&gt;[color2] and [color1] [x]&lt;/p&gt;",
        "first": "50.00",
        "second": "50.00",
    } | changes
    return read_qti12(CANVAS.format(**given).encode())


def test_canvas_accepts_every_answer_of_a_blank() -> None:
    [question] = canvas().questions
    assert question.text == "{{1}} and {{2}} [x]"
    assert question.body == Gaps(
        (
            ShortText((Answer("blue", ALL), Answer("bl\\*e", ALL))),
            ShortText((Answer("red", ALL), Answer("rouge", ALL))),
        )
    )


def test_canvas_has_one_right_option_in_a_dropdown() -> None:
    [question] = canvas(kind="multiple_dropdowns_question", first="40").questions
    assert question.body == Gaps(
        (
            Choice((Answer("blue", ALL), Answer("bl*e", NONE))),
            Choice((Answer("red", ALL), Answer("rouge", NONE))),
        ),
        has_weights=True,
    )


@pytest.mark.parametrize("text", ["[color1] only", "[color1] [color2] [color2]"])
def test_a_blank_that_is_not_once_in_the_text_is_told(text: str) -> None:
    assert [each.reason for each in canvas(text=text).unreadable] == [
        'its text does not have the gap "color2" exactly once'
    ]


@pytest.mark.parametrize("format", ["moodle-xml", "qti12"])
def test_gaps_of_a_test_come_back(folder: ClassFolder, format: str) -> None:
    path = folder.path / "subjects" / "os" / "test01.yml"
    first, second = "options: {a: x, b: 'y # `z`'}, answer: b, feedback: {a: No.}", "options: {a: no, b: c}, answer: a"
    typed = "gaps: {1: {accept: [ls, 1.10]}, 2: {accept: no}}"
    path.write_text(
        "title: Gaps\nquestions:\n"
        f"- {{text: 'A {{{{1}}}} and `{{{{2}}}}`', points: 2, gaps: {{1: {{{first}}}, 2: {{{second}}}}}}}\n"
        f"- {{text: '{{{{2}}}} {{{{1}}}}', points: 4, {typed}}}\n"
    )
    data, lines, count = exported(questions_of(folder, "os/test01"), format)
    assert (lines, count) == ([], 2)
    file = folder.path.parent / "bank"
    file.write_bytes(data)
    plan = plan_import(file, folder, "os", "copy", None)
    original = folder.load().tests["os", "test01"].data["questions"]
    path.write_text(plan.tests[0].text)
    copy = folder.load().tests["os", "test01"].data["questions"]
    assert copy[0] == original[0]
    # Gaps are numbered in the order of the text.
    assert (copy[1]["text"], copy[1]["gaps"]) == (
        "{{1}} {{2}}",
        {"1": {"accept": "no"}, "2": {"accept": ["ls", "1.10"]}},
    )
    assert "partial_credit: net-correct" in plan.tests[0].text


def test_text_that_looks_like_a_gap_is_not_imported_with_gaps(folder: ClassFolder) -> None:
    file = folder.path.parent / "bank"
    file.write_bytes(
        b"<quiz><question type='cloze'><questiontext><text>{{1}} {1:SA:=a}</text></questiontext></question></quiz>"
    )
    plan = plan_import(file, folder, "os", "copy", None)
    assert plan.imported == 0
    assert "not imported: questions[1].text: has {{1}} more than once" in "\n".join(plan.lines)


def test_gift_says_that_it_has_no_gaps_and_a_missing_word_stays_a_text() -> None:
    assert write_gift([QUESTION])[1] == [
        ("here", "it is left out: GIFT does not have texts with gaps that have answers of their own")
    ]
    [question] = read_gift(b"Two {=a} gaps.\n").questions
    assert (question.text, type(question.body)) == ("Two _____ gaps.", ShortText)


def test_aiken_says_that_it_has_no_gaps() -> None:
    [(_, loss)] = FORMATS["aiken"].write([QUESTION], None)[1]
    assert "Aiken holds only questions with one right option" in loss
