"""QTI 1.2 is read, as an XML file and as the zips of Canvas, and written."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from html import escape

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
from cli.questions.qti12 import is_qti12, read_qti12, write_qti12
from hypothesis import given, settings
from hypothesis import strategies as st

from support.bank_questions import (
    any_text,
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
NAMESPACE = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"


def material(text: str, texttype: str = "text/plain") -> str:
    return f'<material><mattext texttype="{texttype}">{escape(text)}</mattext></material>'


def lid(labels: Mapping[str, str], cardinality: str = "Single", ident: str = "response1", prompt: str = "") -> str:
    written = "".join(
        f'<response_label ident="{key}">{material(text)}</response_label>' for key, text in labels.items()
    )
    return (
        f'<response_lid ident="{ident}" rcardinality="{cardinality}">{prompt}<render_choice>{written}</render_choice>'
        "</response_lid>"
    )


def fib(kind: str = "") -> str:
    return (
        f'<response_str ident="response1" rcardinality="Single"><render_fib{kind}><response_label ident="answer1"/>'
        "</render_fib></response_str>"
    )


def equal(value: str, respident: str = "response1", case: str = "") -> str:
    return f'<varequal respident="{respident}"{case}>{value}</varequal>'


def at_place(value: str, place: int) -> str:
    return f'<varequal respident="response1" index="{place}">{value}</varequal>'


def rule(condition: str, change: str = "", feedback: str = "", goes_on: str = "No") -> str:
    shown = f'<displayfeedback feedbacktype="Response" linkrefid="{feedback}"/>' if feedback else ""
    return (
        f'<respcondition continue="{goes_on}"><conditionvar>{condition}</conditionvar>{change}{shown}</respcondition>'
    )


def setvar(value: str, action: str = "Set") -> str:
    return f'<setvar action="{action}" varname="SCORE">{value}</setvar>'


def said(ident: str, text: str) -> str:
    return f'<itemfeedback ident="{ident}"><flow_mat>{material(text, "text/html")}</flow_mat></itemfeedback>'


def item(
    kind: str,
    responses: str,
    rules: str = "",
    feedback: str = "",
    *,
    title: str = "Question",
    points: str = "1.0",
    highest: str = "100",
) -> str:
    fields = {"question_type": kind, "points_possible": points}
    metadata = "".join(
        f"<qtimetadatafield><fieldlabel>{label}</fieldlabel><fieldentry>{entry}</fieldentry></qtimetadatafield>"
        for label, entry in fields.items()
        if entry
    )
    return (
        f'<item ident="g1" title="{title}"><itemmetadata><qtimetadata>{metadata}</qtimetadata></itemmetadata>'
        f"<presentation>{material('<div><p>Why?</p></div>', 'text/html')}{responses}</presentation>"
        f'<resprocessing><outcomes><decvar maxvalue="{highest}" varname="SCORE" vartype="Decimal"/></outcomes>'
        f"{rules}</resprocessing>{feedback}</item>"
    )


def quiz(*items: str, title: str = "Quiz", extra: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<questestinterop xmlns="{NAMESPACE}">'
        f'<assessment ident="a1" title="{title}">{extra}<section ident="root_section">{"".join(items)}</section>'
        "</assessment></questestinterop>"
    ).encode()


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            package.writestr(name, data)
    return buffer.getvalue()


def only(bank: Bank) -> BankQuestion:
    assert not bank.unreadable
    (found,) = bank.questions
    return found


ABC = {"1": "one", "2": "two", "3": "three"}
ESSAY = item("essay_question", fib(), rule("<other/>"))


def test_question_is_read_with_everything_around_it() -> None:
    feedback = (
        said("general_fb", "<p>So.</p>") + said("correct_fb", "Yes!") + said("general_incorrect_fb", "<i>No!</i>")
    )
    assert only(
        read_qti12(
            quiz(
                item("essay_question", fib(), rule("<other/>", "", "general_fb"), feedback, title="Name", points="2.5")
            )
        )
    ) == (
        BankQuestion(
            where='question 1 ("Name")',
            text="Why?",
            body=Other("essay"),
            name="Name",
            points=Fraction(5, 2),
            explanation="So.",
            losses=(
                'the feedback for right answers is left out: "Yes!"',
                "bold, italics and other formatting are left out",
                'the feedback for wrong answers is left out: "No!"',
            ),
        )
    )


CANVAS_PAIRS = (
    lid({"r1": "lists", "r2": "copies", "r3": "nothing"}, ident="response_1", prompt=material("ls"))
    + lid({"r1": "lists", "r2": "copies", "r3": "nothing"}, ident="response_2", prompt=material("cp")),
    rule(equal("r1", "response_1"), setvar("50.00", "Add")) + rule(equal("r2", "response_2"), setvar("50.00", "Add")),
)


@pytest.mark.parametrize(
    ("kind", "responses", "rules", "body"),
    [
        (
            "multiple_choice_question",
            lid(ABC),
            rule(equal("1"), "", "1_fb", "Yes") + rule(equal("2"), setvar("100"), "2_fb"),
            Choice((Answer("one", WRONG, "No"), Answer("two", RIGHT, "Well done"), Answer("three", WRONG))),
        ),
        (
            "multiple_choice_question",
            lid(ABC),
            rule(equal("1"), setvar("33.33")) + rule(equal("2"), setvar("100")) + rule("<other/>", setvar("0")),
            Choice((Answer("one", THIRD), Answer("two", RIGHT), Answer("three", WRONG))),
        ),
        (
            "multiple_choice_question",
            lid(ABC),
            rule(f"<not>{equal('2')}</not>", setvar("-50"), goes_on="Yes") + rule(equal("2"), setvar("100", "Add")),
            Choice((Answer("one", -HALF), Answer("two", RIGHT), Answer("three", -HALF))),
        ),
        (
            "true_false_question",
            lid({"1": "True", "2": "False"}),
            rule(equal("2"), setvar("100")),
            Choice((Answer("True", WRONG), Answer("False", RIGHT)), is_true_false=True),
        ),
        (
            "multiple_answers_question",
            lid(ABC, "Multiple"),
            rule(f"<and>{equal('1')}<not>{equal('2')}</not>{equal('3')}</and>", setvar("100")),
            Choice((Answer("one", HALF), Answer("two", -HALF), Answer("three", HALF)), several=True),
        ),
        (
            "multiple_answers_question",
            lid(ABC, "Multiple"),
            rule(f"<and>{equal('1')}<not>{equal('2')}</not><not>{equal('3')}</not></and>", setvar("100")),
            Choice((Answer("one", RIGHT), Answer("two", -RIGHT), Answer("three", -RIGHT)), several=True),
        ),
        (
            "multiple_answers_question",
            lid(ABC, "Multiple"),
            rule(equal("1") + equal("3"), setvar("100")),
            Choice((Answer("one", HALF), Answer("two", -HALF), Answer("three", HALF)), several=True),
        ),
        (
            "multiple_answers_question",
            lid(ABC, "Multiple"),
            rule(f"<and>{''.join(f'<not>{equal(key)}</not>' for key in ABC)}</and>", setvar("100")),
            Choice((Answer("one", WRONG), Answer("two", WRONG), Answer("three", WRONG)), several=True),
        ),
        (
            "multiple_answers_question",
            lid(ABC, "Multiple"),
            rule(equal("1"), setvar("66.67", "Add"), goes_on="Yes")
            + rule(equal("2"), setvar("50", "Subtract"), goes_on="Yes")
            + rule(equal("3"), setvar("33.33", "Add"), goes_on="Yes"),
            Choice((Answer("one", Fraction(2, 3)), Answer("two", -HALF), Answer("three", THIRD)), several=True),
        ),
        (
            "short_answer_question",
            fib(),
            rule(equal("Paris") + equal("a*b"), setvar("100")) + rule(equal("Pari"), setvar("50")),
            ShortText((Answer("Paris", RIGHT), Answer("a\\*b", RIGHT), Answer("Pari", HALF))),
        ),
        (
            "short_answer_question",
            fib(),
            rule(equal("Paris", case=' case="Yes"'), setvar("100")),
            ShortText((Answer("Paris", RIGHT),), case_matters=True),
        ),
        (
            "numerical_question",
            fib(' fibtype="Decimal"'),
            rule(
                f"<or>{equal('4')}<and><vargte respident='response1'>3.9</vargte>"
                "<varlte respident='response1'>4.1</varlte></and></or>",
                setvar("100"),
            )
            + rule("<vargte>10.0</vargte><varlte>20.0</varlte>", setvar("50"), "1_fb")
            + rule(equal("7"), setvar("100")),
            Number(
                (
                    AcceptedNumber(Decimal("3.9"), Decimal("4.1"), value=Decimal(4)),
                    AcceptedNumber(Decimal(10), Decimal(20), HALF, "No"),
                    AcceptedNumber(Decimal(7), Decimal(7)),
                )
            ),
        ),
        ("matching_question", *CANVAS_PAIRS, Match((("ls", "lists"), ("cp", "copies")), ("nothing",))),
        (
            "ordering_question",
            lid(ABC, "Ordered"),
            rule(equal("3") + equal("1") + equal("2"), setvar("100")) + rule(equal("3"), setvar("50")),
            Ordering(("three", "one", "two")),
        ),
        (
            "",
            lid(ABC, "Ordered"),
            rule(f"<and>{at_place('3', 10)}{at_place('1', 9)}{at_place('2', 2)}</and>", setvar("1")),
            Ordering(("two", "one", "three")),
        ),
        ("essay_question", fib(), "", Other("essay")),
        ("file_upload_question", "", "", Other("file upload")),
        ("text_only_question", "", "", Other("description")),
        (
            "fill_in_multiple_blanks_question",
            lid({"1": "x"}),
            rule(equal("1"), setvar("100")),
            Other("fill in multiple blanks"),
        ),
        ("multiple_dropdowns_question", lid({"1": "x"}), "", Other("multiple dropdowns")),
        ("calculated_question", fib(), "", Other("calculated")),
        ("some_new_question", fib(), "", Other("some new")),
        # without the name of a type
        (
            "",
            lid(ABC),
            rule(equal("2"), setvar("100")),
            Choice((Answer("one", WRONG), Answer("two", RIGHT), Answer("three", WRONG))),
        ),
        (
            "",
            lid({"a": "TRUE", "b": "FALSE"}),
            rule(equal("a"), setvar("100")),
            Choice((Answer("TRUE", RIGHT), Answer("FALSE", WRONG)), is_true_false=True),
        ),
        (
            "",
            lid({"a": "x", "b": "y"}, "Multiple"),
            rule(f"{equal('a')}<not>{equal('b')}</not>", setvar("100")),
            Choice((Answer("x", RIGHT), Answer("y", -RIGHT)), several=True),
        ),
        ("", fib(), rule(equal("x"), setvar("100")), ShortText((Answer("x", RIGHT),))),
        (
            "",
            fib(' fibtype="Integer"'),
            rule(equal("1"), setvar("100")),
            Number((AcceptedNumber(Decimal(1), Decimal(1)),)),
        ),
        ("", fib(), rule("<other/>"), Other("essay")),
        ("", "", "", Other("description")),
        ("", *CANVAS_PAIRS, Match((("ls", "lists"), ("cp", "copies")), ("nothing",))),
        ("", fib() + fib(), "", Other("fill in multiple blanks")),
        ("", '<response_xy ident="r"/>', "", Other("hotspot")),
    ],
)
def test_body_is_read(kind: str, responses: str, rules: str, body: Body) -> None:
    feedback = (said("1_fb", "No") if "1_fb" in rules else "") + (said("2_fb", "Well done") if "2_fb" in rules else "")
    found = only(read_qti12(quiz(item(kind, responses, rules, feedback))))
    assert (found.body, found.losses) == (body, ())


@pytest.mark.parametrize(
    "rules",
    [
        rule(equal("2"), setvar("100")) + rule(f"<not>{equal('1')}</not>", setvar("0")),
        rule(equal("2"), setvar("100"), goes_on="Yes") + rule("<other/>", setvar("0")),
        rule("<unanswered/>", setvar("50")) + rule(f"<and>{equal('2')}</and>", setvar("100")),
        rule("<varsubset>2</varsubset>", setvar("100")),
        rule(f"<or>{equal('2')}{equal('9')}</or>", setvar("100")),
        rule(equal("2"), setvar("200"), goes_on="Yes") + rule(equal("2"), setvar("2", "Divide")),
        rule(equal("2"), setvar("10"), goes_on="Yes") + rule(equal("2"), setvar("10", "Multiply")),
        rule(equal("1", "response2"), setvar("100")) + rule(equal("2"), setvar("100")),
    ],
)
def test_rules_are_followed_in_their_order(rules: str) -> None:
    found = only(read_qti12(quiz(item("multiple_choice_question", lid(ABC), rules))))
    assert found.body == Choice((Answer("one", WRONG), Answer("two", RIGHT), Answer("three", WRONG)))


def test_feedback_for_all_right_answers_is_not_an_options() -> None:
    rules = rule(equal("2"), setvar("100"), "correct_fb")
    found = only(read_qti12(quiz(item("multiple_choice_question", lid(ABC), rules, said("correct_fb", "Yes!")))))
    assert isinstance(found.body, Choice)
    assert found.body.options[1] == Answer("two", RIGHT)
    assert found.losses == ('the feedback for right answers is left out: "Yes!"',)


def test_order_of_new_quizzes_of_canvas_is_read() -> None:
    labels = "".join(f'<response_label ident="{key}">{material(text)}</response_label>' for key, text in ABC.items())
    edges = [material(text).replace("<material>", f'<material position="{text}">') for text in ("top", "bottom")]
    response = (
        '<response_lid ident="response1" rcardinality="Ordered"><render_extension>'
        f'{edges[0]}<ims_render_object shuffle="No"><flow_label>{labels}</flow_label></ims_render_object>{edges[1]}'
        "</render_extension></response_lid>"
    )
    written = item("ordering_question", response, rule(equal("2") + equal("1") + equal("3"), setvar("100")), highest="")
    found = only(read_qti12(quiz(written)))
    assert (found.text, found.body) == ("Why?", Ordering(("two", "one", "three")))
    assert found.losses == ('the label "top" is left out', 'the label "bottom" is left out')


def test_option_without_a_text_is_said() -> None:
    written = item("", lid({**ABC, "4": ""}), rule(equal("1"), setvar("100")))
    assert only(read_qti12(quiz(written))).losses == ("an option without a text is left out",)


@pytest.mark.parametrize(
    ("highest", "values", "shares"),
    [
        ("10.0", ("SCORE.max", "0"), (1, 0)),
        ("2", ("1", "1"), (HALF, HALF)),
        ("", ("1", "1"), (HALF, HALF)),
        ("", ("3", "1"), (Fraction(3, 4), Fraction(1, 4))),
        ("0", ("-1", "1"), (-1, 1)),
    ],
)
def test_points_of_several_options_are_added(
    highest: str, values: Sequence[str], shares: Sequence[Fraction | int]
) -> None:
    rules = "".join(
        rule(equal(ident), setvar(value, "Add"), goes_on="Yes") for ident, value in zip("12", values, strict=True)
    )
    body = only(read_qti12(quiz(item("", lid(ABC, "Multiple"), rules, highest=highest)))).body
    assert isinstance(body, Choice)
    assert [option.share for option in body.options] == [*shares, 0]


def test_score_other_than_percent_is_read() -> None:
    written = item("", lid(ABC), rule(equal("1"), setvar("3")) + rule(equal("2"), setvar("1")), highest="3", points="")
    found = only(read_qti12(quiz(written)))
    assert found.body == Choice((Answer("one", RIGHT), Answer("two", THIRD), Answer("three", WRONG)))
    assert found.points is None


def test_type_and_points_of_a_common_cartridge_are_read() -> None:
    written = item("", lid(ABC, "Multiple"), rule(equal("1"), setvar("100")), points="")
    field = "<qtimetadatafield><fieldlabel>{}</fieldlabel><fieldentry>{}</fieldentry></qtimetadatafield>"
    profile = field.format("cc_profile", "cc.multiple_response.v0p1") + field.format("cc_weighting", "3")
    found = only(read_qti12(quiz(written.replace("<qtimetadata>", f"<qtimetadata>{profile}"))))
    assert found.body == Choice((Answer("one", RIGHT), Answer("two", WRONG), Answer("three", WRONG)), several=True)
    assert found.points == 3


@pytest.mark.parametrize(
    ("kind", "responses", "rules", "losses"),
    [
        (
            "numerical_question",
            fib(),
            rule("<vargt>1</vargt><varlte>2</varlte>", setvar("100")),
            ["the bound 1 now belongs to the range"],
        ),
        (
            "numerical_question",
            fib(),
            rule(equal("9"), setvar("100")) + rule("<vargte>1</vargte>", setvar("100")),
            ["a range with only one end is left out: 1"],
        ),
        (
            "short_answer_question",
            fib(),
            rule(equal("x"), setvar("100")) + rule("<varsubstring>y</varsubstring>", setvar("100")),
            ['an accepted text is left out, because its rule is <varsubstring>: "y"'],
        ),
        (
            "short_answer_question",
            fib(),
            rule(equal("x", case=' case="Yes"') + equal("y"), setvar("100")),
            ["upper and lower case matter for all accepted texts, not only for some"],
        ),
        (
            "essay_question",
            f"{fib()}<material><matimage uri='a/b/cat.png'/></material>",
            "",
            ["the image cat.png is left out"],
        ),
        ("essay_question", f"{fib()}<material><mataudio uri='s.mp3'/></material>", "", ["the file s.mp3 is left out"]),
    ],
)
def test_what_is_lost_is_said(kind: str, responses: str, rules: str, losses: list[str]) -> None:
    assert list(only(read_qti12(quiz(item(kind, responses, rules)))).losses) == losses


DEEP = "<and>" * 30 + equal("1") + "</and>" * 30


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ('<item ident="g1" title="Question"/>', "it has no text"),
        (item("multiple_choice_question", ""), "it does not have exactly one place for an answer"),
        (item("multiple_choice_question", lid({"1": "x"})), "it has fewer than two options"),
        (item("multiple_choice_question", lid({"1": "x", "2": ""})), "it has fewer than two options"),
        (
            item("multiple_choice_question", lid(ABC), rule(equal("1"), setvar("all"))),
            "a rule for its points has a value that is not a number",
        ),
        (item("multiple_choice_question", lid(ABC), rule(DEEP, setvar("1"))), "its conditions are nested too deeply"),
        (
            item("multiple_choice_question", lid(ABC), rule(DEEP.replace("and>", "not>"), setvar("1"))),
            "its conditions are nested too deeply",
        ),
        (
            item(
                "multiple_choice_question", lid({str(n): "x" for n in range(600)}), rule(equal("1"), setvar("1")) * 600
            ),
            "it has too many options and rules for its points",
        ),
        (
            item(
                "multiple_answers_question",
                lid(ABC, "Multiple"),
                rule(f"<and>{equal('1')}{equal('other')}</and>", setvar("100")),
            ),
            "which options are right cannot be worked out from its rules",
        ),
        (item("short_answer_question", fib()), "it has no accepted answer"),
        (item("numerical_question", fib()), "it has no accepted number"),
        (item("numerical_question", fib(), rule(equal("x"), setvar("100"))), 'the answer "x" is not a number'),
        (item("matching_question", ""), "it has no pairs"),
        (item("ordering_question", lid({"1": "x"}, "Ordered")), "it has fewer than two texts to put in order"),
        (
            item("ordering_question", lid(ABC, "Ordered"), rule(equal("3") + equal("1"), setvar("100"))),
            "the right order cannot be worked out from its rules",
        ),
        (item("matching_question", lid(ABC, prompt=material("ls"))), '"ls" has nothing that matches it'),
        (item("essay_question", fib(), points="many"), 'its points "many" are not a number'),
    ],
)
def test_unreadable_question_is_named(written: str, reason: str) -> None:
    bank = read_qti12(quiz(ESSAY, written))
    assert len(bank.questions) == 1
    assert [(found.where, found.reason) for found in bank.unreadable] == [('question 2 ("g1")', reason)]


def test_canvas_package_with_several_quizzes_is_read() -> None:
    meta = b'<?xml version="1.0"?><quiz xmlns="http://canvas.instructure.com/xsd/cccv1p0"><title>A</title></quiz>'
    manifest = b"""<manifest xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"><resources>
      <resource identifier="b" type="imsqti_xmlv1p2"><file href="b/b.xml"/></resource>
      <resource identifier="a" type="imsqti_xmlv1p2"><file href="a/a.xml"/></resource></resources></manifest>"""
    bank = read_qti12(
        zipped(
            {
                "a/a.xml": quiz(ESSAY, title="First"),
                "a/assessment_meta.xml": meta,
                "b/b.xml": quiz(ESSAY, ESSAY, title="Second"),
                "imsmanifest.xml": manifest,
                "Uploaded Media/cat.png": b"x",
            }
        )
    )
    assert [found.where for found in bank.questions] == [
        'question 1 of "Second" ("g1")',
        'question 2 of "Second" ("g1")',
        'question 3 of "First" ("g1")',
    ]
    assert bank.notes == (
        "the settings of quizzes are left out, such as their description, time limit and number of attempts",
        "other files in the zip are left out: cat.png",
    )


def test_quiz_that_a_course_has_twice_is_read_once() -> None:
    reduced, whole = quiz(ESSAY), quiz(ESSAY, ESSAY)
    files = {"g1/assessment_qti.xml": reduced, "non_cc_assessments/g1.xml.qti": whole, "web/page.xml": b"<page/>"}
    bank = read_qti12(zipped(files))
    assert len(bank.questions) == 2
    assert bank.notes == ("other files in the zip are left out: page.xml",)


def test_question_bank_is_read() -> None:
    bank = f'<questestinterop xmlns="{NAMESPACE}"><objectbank ident="b">{ESSAY}</objectbank></questestinterop>'.encode()
    assert len(read_qti12(zipped({"non_cc_assessments/b.xml.qti": bank})).questions) == 1


@pytest.mark.parametrize(
    ("ident", "where"),
    [
        ("i7", 'question 1 ("i7")'),
        ("g" + "0123456789abcdef" * 2, "question 1"),
        ("text2qti_question_" + "0f" * 32, "question 1"),
    ],
)
def test_identifiers_that_no_person_has_chosen_are_not_shown(ident: str, where: str) -> None:
    assert only(read_qti12(quiz(ESSAY.replace('ident="g1"', f'ident="{ident}"')))).where == where


def test_weight_of_an_older_system_is_its_points() -> None:
    field = (
        "<qti_metadatafield><fieldlabel>qmd_weighting</fieldlabel><fieldentry>2.000</fieldentry></qti_metadatafield>"
    )
    written = item("", lid(ABC), rule(equal("1"), setvar("100")), points="").replace(
        "<qtimetadata>", f"<qtimetadata>{field}"
    )
    assert only(read_qti12(quiz(written))).points == 2


def test_rules_with_several_variables_are_not_guessed_at() -> None:
    other = setvar("1", "Add").replace("SCORE", "D2L_Incorrect")
    written = item("", lid(ABC, "Multiple"), rule(equal("1"), setvar("1", "Add")) + rule(equal("2"), other))
    (found,) = read_qti12(quiz(written)).unreadable
    assert found.reason == 'its rules count points in several variables: "D2L_Incorrect, SCORE"'


def test_points_of_a_group_count() -> None:
    selection = (
        "<selection><selection_extension><points_per_item>2.5</points_per_item></selection_extension></selection>"
    )
    group = f'<section ident="s"><selection_ordering>{selection}</selection_ordering>{ESSAY}</section>'
    assert [found.points for found in read_qti12(quiz(ESSAY, group)).questions] == [Fraction(1), Fraction(5, 2)]


def test_names_of_elements_may_have_a_prefix() -> None:
    data = (
        quiz(ESSAY)
        .replace(b"<", b"<q:")
        .replace(b"<q:/", b"</q:")
        .replace(b"<q:?", b"<?")
        .replace(b"xmlns=", b"xmlns:q=")
    )
    assert is_qti12(data)
    assert is_qti12(zipped({"a.xml": data}))
    assert read_qti12(zipped({"a.xml": data})).questions == read_qti12(quiz(ESSAY)).questions


def test_what_macos_adds_to_a_zip_is_not_mentioned() -> None:
    bank = read_qti12(zipped({"a.xml": quiz(ESSAY), "__MACOSX/._a.xml": b"\0\5\x16\7"}))
    assert (len(bank.questions), bank.notes) == (1, ())


def test_groups_are_noted() -> None:
    picked = "<selection_ordering><selection>{}<selection_number>1</selection_number></selection></selection_ordering>"
    group = f'<section ident="s" title="Group">{picked.format("")}{ESSAY}{ESSAY}</section>'
    elsewhere = f'<section ident="s2" title="Bank">{picked.format("<sourcebank_ref>b</sourcebank_ref>")}</section>'
    bank = read_qti12(quiz(group, elsewhere, extra="<presentation_material/>"))
    assert len(bank.questions) == 2
    assert bank.notes == (
        'the group "Group" draws 1 of its 2 questions: the drawing is left out',
        'the group "Bank" draws 1 of its 0 questions: the drawing is left out',
        'the group "Bank" draws questions from a bank that is in another file',
        'the introduction of the quiz "Quiz" is left out',
    )


BOMB = b'<?xml version="1.0"?><questestinterop>' + b" " * (21 * 1024 * 1024) + b"</questestinterop>"
ENTITIES = b'<!DOCTYPE q [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><questestinterop>&b;</questestinterop>'
UNSAFE = "the file defines entities (<!ENTITY ...>), which is not safe to read: remove them"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is not correct XML: no element found: line 1, column 0"),
        (b"<quiz/>", "the file is not QTI 1.2: its first element is not <questestinterop>"),
        (b"<assessmentItem/>", "the file is QTI 2, which is not supported: export it as QTI 1.2"),
        (ENTITIES, UNSAFE),
        (quiz(ESSAY * 5_001), "the file has more than 5,000 questions: split it into smaller files"),
        (b"PK\x03\x04" + b"x" * 100, "the zip is damaged: export it again"),
        (b"PK\x03\x04" + b"x" * 21 * 1024 * 1024, "the file is larger than 20 MB: split it into smaller files"),
        (zipped({"a.xml": quiz(ESSAY)})[:-40], "the zip is damaged: export it again"),
        (zipped({"a.txt": b"x"}), "the zip has no QTI 1.2 file"),
        (zipped({"a.xml": b"<assessmentItem/>"}), "the zip has QTI 2, which is not supported: export it as QTI 1.2"),
        (zipped({"a.xml": ENTITIES}), f"a.xml in the zip: {UNSAFE}"),
        (zipped({"a.xml": BOMB}), "the zip has more than 20 MB of XML: split it into smaller files"),
        (zipped({"../../etc/a.xml": quiz(ESSAY)}), "the zip has a file whose path leads out of it"),
        (zipped({"/a.xml": quiz(ESSAY)}), "the zip has a file whose path leads out of it"),
        (zipped({"C:/a.xml": quiz(ESSAY)}), "the zip has a file whose path leads out of it"),
        (zipped({f"{n}.txt": b"" for n in range(10_001)}), "the zip has more than 10,000 files"),
    ],
    ids=range(16),
)
def test_file_that_cannot_be_read(data: bytes, reason: str) -> None:
    with pytest.raises(BankError) as error:
        read_qti12(data)
    assert str(error.value) == reason


def test_zip_with_a_password_is_refused() -> None:
    data = bytearray(zipped({"a.xml": quiz(ESSAY)}))
    data[6] |= 1  # the flag of the file
    data[data.rindex(b"PK\x01\x02") + 8] |= 1  # the same in the directory
    with pytest.raises(BankError, match="password"):
        read_qti12(bytes(data))
    assert not is_qti12(bytes(data))


def test_document_type_of_the_specification_is_read() -> None:
    data = quiz(ESSAY).replace(b"?>\n", b'?>\n<!DOCTYPE questestinterop SYSTEM "ims_qtiasiv1p2.dtd">\n')
    assert len(read_qti12(data).questions) == 1


def test_elements_in_a_text_can_be_nested_too_deeply() -> None:
    deep = f"<material><mattext>{'<b>' * 9_000}{'</b>' * 9_000}</mattext></material>"
    with pytest.raises(BankError, match="nested too deeply"):
        read_qti12(quiz(item("essay_question", deep).replace(material("<div><p>Why?</p></div>", "text/html"), "")))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (quiz(), True),
        (zipped({"a/b.xml": quiz()}), True),
        (zipped({"non_cc_assessments/b.xml.qti": quiz()}), True),
        (zipped({"b.txt": quiz()}), False),
        (b"<quiz/>", False),
        (b"PK\x03\x04", False),
        (b"\xff\xfe\0", False),
        (b"", False),
    ],
)
def test_format_is_recognized(data: bytes, found: bool) -> None:
    assert is_qti12(data) is found


literal_text = trimmed_text.map(lambda text: text.replace("\\", "/").replace("*", "\\*"))
different_texts = st.lists(literal_text, min_size=1, max_size=4, unique=True)


def with_different_texts(texts: Sequence[str], body: ShortText) -> ShortText:
    accepted = [replace(answer, text=text) for answer, text in zip(body.accepted, texts, strict=False)]
    return ShortText(tuple(accepted), body.case_matters)


bodies = (
    choices
    | true_false
    | numbers
    | matches(any_text, any_text)
    | orderings(any_text)
    | others
    | st.builds(with_different_texts, different_texts, short_texts(trimmed_text))
)


@given(questions(bodies))
@settings(max_examples=150, deadline=None)
def test_question_survives_being_written_and_read(written: BankQuestion) -> None:
    data, _ = write_qti12([written])
    assert replace(only(read_qti12(data)), where="here") == written


HERE = BankQuestion("here", "Why?", Other("essay"))


@pytest.mark.parametrize(
    ("accepted", "has_value"),
    [
        (AcceptedNumber(Decimal(1), Decimal(1)), True),
        (AcceptedNumber(Decimal(1), Decimal(3), value=Decimal(2)), True),
        (AcceptedNumber(Decimal(1), Decimal(3)), False),
    ],
)
def test_canvas_tells_a_tolerance_from_a_range_by_the_value(accepted: AcceptedNumber, has_value: bool) -> None:
    data, _ = write_qti12([replace(HERE, body=Number((accepted,)))])
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        xml = package.read("questions/questions.xml")
    assert (b"<varequal" in xml) is has_value
    assert b"<vargte" in xml
    assert b"<varlte" in xml


@pytest.mark.parametrize(
    ("written", "losses"),
    [
        (HERE, []),
        (replace(HERE, body=Other("cloze")), ["the question is left out, because it is of the type cloze"]),
        (replace(HERE, text=""), ["the question is left out, because it has no text"]),
        (replace(HERE, text="a\x07b"), ["control characters are left out"]),
        (replace(HERE, name="a\nb"), ["line ends and runs of spaces in the name become a space"]),
        (replace(HERE, points=Fraction(1, 1234567)), ["the points are rounded to 0.0000008"]),
        (
            replace(
                HERE,
                body=ShortText(
                    (Answer("ls*", RIGHT), Answer("a\\*b", RIGHT), Answer(" x ", RIGHT), Answer("x", RIGHT))
                ),
            ),
            [
                "an accepted text with a wildcard is left out: ls*",
                "the spaces around an accepted text are left out",
                "an accepted text is left out, because it is there twice: x",
            ],
        ),
        (
            replace(HERE, body=ShortText((Answer("ls*", RIGHT),))),
            ["the question is left out, because all of its accepted texts have wildcards, or none has a text"],
        ),
        (
            replace(HERE, body=ShortText((Answer("x", RIGHT),), case_matters=True)),
            ["Canvas ignores upper and lower case"],
        ),
        (
            replace(HERE, body=Choice((Answer("x", RIGHT), Answer("y", Fraction(1, 37))))),
            [
                "a share is rounded to 2.7027 %",
                "Canvas may take an answer that earns a part of the points for right or wrong",
            ],
        ),
        (
            replace(HERE, body=ShortText((Answer("x", RIGHT),), spaces_matter=True)),
            ["the file does not say that spaces matter"],
        ),
        (
            replace(HERE, body=Ordering(("x", "y"))),
            ["Canvas imports questions whose options are put in order only into New Quizzes"],
        ),
        (replace(HERE, body=Choice((Answer("x", RIGHT), Answer("y", -RIGHT)), several=True)), []),
        (
            replace(HERE, body=Choice((Answer("x", RIGHT), Answer("y", -HALF)), several=True)),
            ["Canvas may score the question in its own way, because its options have different shares"],
        ),
    ],
)
def test_what_qti_cannot_hold_is_said(written: BankQuestion, losses: list[str]) -> None:
    data, found = write_qti12([written])
    assert found == [("here", loss) for loss in losses]
    assert len(read_qti12(data).questions) == (not losses or "the question is left out" not in losses[0])


def test_same_questions_give_the_same_zip() -> None:
    assert write_qti12([HERE]) == write_qti12([HERE])


TEXT2QTI = """Quiz title: Commands

Title: Listing
Points: 2
1.  Which lists files, `ls` or `cp`?
... It is short for list.
*a) `ls`
... Yes.
b)  `cp`

2.  Which are shells?
[*] bash
[*] zsh
[ ] ls

3.  Which command copies?
*   cp
*   copy

4.  Is this true?
*a) True
b)  False

5.  How much is 1 + 1.5?
=   2.5 +- 0.1

6.  Which bits?
=   [1, 8]

7.  Explain.
____
"""


def test_quiz_of_text2qti_is_read() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from text2qti.config import Config
        from text2qti.qti import QTI
        from text2qti.quiz import Quiz

    data = QTI(Quiz(TEXT2QTI, config=Config())).zip_bytes()
    assert is_qti12(data)
    bank = read_qti12(data)
    assert not bank.unreadable
    assert not any(found.losses for found in bank.questions)
    first = bank.questions[0]
    assert (first.name, first.points, first.explanation) == ("Listing", Fraction(2), "It is short for list.")
    found_bodies = [found.body for found in bank.questions]
    assert (first.text, found_bodies) == (
        "Which lists files, `ls` or `cp`?",
        [
            Choice((Answer("`ls`", RIGHT, "Yes."), Answer("`cp`", WRONG))),
            Choice((Answer("bash", HALF), Answer("zsh", HALF), Answer("ls", -HALF)), several=True),
            ShortText((Answer("cp", RIGHT), Answer("copy", RIGHT))),
            Choice((Answer("True", RIGHT), Answer("False", WRONG)), is_true_false=True),
            Number((AcceptedNumber(Decimal("2.4"), Decimal("2.6"), value=Decimal("2.5")),)),
            Number((AcceptedNumber(Decimal(1), Decimal(8)),)),
            Other("essay"),
        ],
    )
    rewritten = read_qti12(write_qti12(bank.questions)[0])
    assert [replace(found, where="") for found in rewritten.questions] == [
        replace(found, where="") for found in bank.questions
    ]
