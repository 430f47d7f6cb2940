"""What Moodle's importer makes of GIFT, and what is said about the rest."""

from __future__ import annotations

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
from cli.questions.gift import is_gift, read_gift

_HALF = Fraction(1, 2)


def _bank(text: str) -> Bank:
    return read_gift(text.encode())


def _question(text: str) -> BankQuestion:
    bank = _bank(text)
    assert not bank.unreadable
    (question,) = bank.questions
    return question


def _reason(text: str) -> str:
    bank = _bank(text)
    assert not bank.questions
    (unreadable,) = bank.unreadable
    return unreadable.reason


def _right(text: str, feedback: str | None = None) -> Answer:
    return Answer(text, Fraction(1), feedback)


def _wrong(text: str, feedback: str | None = None) -> Answer:
    return Answer(text, Fraction(0), feedback)


@pytest.mark.parametrize(
    ("answers", "body"),
    [
        # Choices
        ("=a ~b", Choice((_right("a"), _wrong("b")))),
        ("~a\n=b\n~c", Choice((_wrong("a"), _right("b"), _wrong("c")))),
        ("~a=b~c", Choice((_wrong("a"), _right("b"), _wrong("c")))),
        ("a ~b =c", Choice((_wrong("a"), _wrong("b"), _right("c")))),
        ("=a =b ~c", Choice((_right("a"), _right("b"), _wrong("c")))),
        ("=a#yes ~b # no, b # is", Choice((_right("a", "yes"), _wrong("b", "no, b # is")))),
        ("=a ~%50%b ~%-25%c", Choice((_right("a"), Answer("b", _HALF), Answer("c", Fraction(-1, 4))))),
        (
            "~%33.33333%a ~%66.66667%b ~%-100%c",
            Choice((Answer("a", Fraction(1, 3)), Answer("b", Fraction(2, 3)), Answer("c", Fraction(-1))), several=True),
        ),
        ("~%100%a ~b", Choice((_right("a"), _wrong("b")), several=True)),
        (
            "~%50.%a#f ~ %50%b ~%50%c",
            Choice((Answer("a", _HALF, "f"), Answer("b", _HALF), Answer("c", _HALF)), several=True),
        ),
        ("=a -> b ~c", Choice((_right("a -> b"), _wrong("c")))),
        ("=T ~F", Choice((_right("T"), _wrong("F")))),
        (r"=\=a\~ ~\{b\}\#", Choice((_right("=a~"), _wrong("{b}#")))),
        ("=[plain]%50% ~[html][plain]", Choice((_right("%50%"), _wrong("[plain]")))),
        ("~=a ~b", Choice((_right("a"), _wrong("b")))),
        # True or false
        ("T", Choice((_right("True"), _wrong("False")), is_true_false=True)),
        ("TRUE", Choice((_right("True"), _wrong("False")), is_true_false=True)),
        (" F ", Choice((_wrong("True"), _right("False")), is_true_false=True)),
        ("FALSE#no#yes", Choice((_wrong("True", "no"), _right("False", "yes")), is_true_false=True)),
        ("T#no#yes#yes", Choice((_right("True", "yes#yes"), _wrong("False", "no")), is_true_false=True)),
        ("T##yes", Choice((_right("True", "yes"), _wrong("False")), is_true_false=True)),
        ("T # no", Choice((_right("True"), _wrong("False", "no")), is_true_false=True)),
        # Texts to type
        ("=a", ShortText((_right("a"),))),
        ("a b", ShortText((_right("a b"),))),
        ("=a=%50%b#half =*#no", ShortText((_right("a"), Answer("b", _HALF, "half"), _right("*", "no")))),
        (r"=a\*b\\*", ShortText((_right(r"a\*b\*"),))),
        ("=<b>", ShortText((_right("<b>"),))),
        (r"=\#", ShortText((_right("#"),))),
        ("a -> b", ShortText((_right("a -> b"),))),
        # Numbers
        ("#3", Number((AcceptedNumber(Decimal(3), Decimal(3)),))),
        ("# 3 : 2", Number((AcceptedNumber(Decimal(1), Decimal(5), value=Decimal(3)),))),
        (
            "#3.14:0.005#fb",
            Number((AcceptedNumber(Decimal("3.135"), Decimal("3.145"), feedback="fb", value=Decimal("3.14")),)),
        ),
        ("#3:0", Number((AcceptedNumber(Decimal(3), Decimal(3)),))),
        ("#-1..5", Number((AcceptedNumber(Decimal(-1), Decimal(5)),))),
        ("#1 .. 1.5e3", Number((AcceptedNumber(Decimal(1), Decimal(1500)),))),
        ("#.5", Number((AcceptedNumber(Decimal("0.5"), Decimal("0.5")),))),
        (
            "#\n=1:0.1#fb\n=%50%1:2",
            Number(
                (
                    AcceptedNumber(Decimal("0.9"), Decimal("1.1"), feedback="fb", value=Decimal(1)),
                    AcceptedNumber(Decimal(-1), Decimal(3), _HALF, value=Decimal(1)),
                )
            ),
        ),
        ("#1 =2", Number((AcceptedNumber(Decimal(1), Decimal(1)), AcceptedNumber(Decimal(2), Decimal(2))))),
        # Order
        (
            ">3 ALL VERTICAL RELATIVE_ALL_PREVIOUS_AND_NEXT SHOW abc\nfork\nexec(a \\= 1)\nwait = end\n",
            Ordering(("fork", "exec(a = 1)", "wait = end")),
        ),
        (">2\na\nb", Ordering(("a", "b"))),
        (">2", ShortText((Answer(">2", Fraction(1)),))),
        # Pairs
        ("=a -> b =c -> d", Match((("a", "b"), ("c", "d")))),
        ("=a->b\n=->c", Match((("a", "b"),), ("c",))),
        ("=a -> b -> c =d -> T#x", Match((("a", "b -> c"), ("d", "T#x")))),
        (r"=\=> -> [html] =%50%c -> d\:", Match((("=>", "[html]"), ("%50%c", "d:")))),
        # Nothing
        ("", Other("essay")),
        (" \n ", Other("essay")),
        ("####Look it up", Other("essay")),
    ],
)
def test_the_answers_decide_the_type(answers: str, body: Body) -> None:
    question = _question(f"q {{{answers}}}")
    assert (question.text, question.body, question.losses) == ("q", body, ())


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ("1:MULTICHOICE:=a~b", "Cloze"),
        (":SA:=a", "Cloze"),
        ("~a", "needs two options"),
        ("=a ~", "needs two options"),
        ("~a ~b", "no option is right"),
        ("~%-50%a ~b", "no option is right"),
        ("~%101%a ~b", "is not between"),
        ("~%-500%a =b", "is not between"),
        ("=a -> b", "two pairs or more"),
        ("=-> b =-> c", "two pairs or more"),
        ("=a -> b =c", '"c" has no ->'),
        ("=a -> b =c ->", "nothing stands after ->"),
        ("=", "an accepted text is empty"),
        ("=a=", "an accepted text is empty"),
        ("=#fb", "an accepted text is empty"),
        ("=%0%a", "no accepted text earns points"),
        ("#", "no number stands after #"),
        ("#~#fb", "no number stands after #"),
        ("#abc", '"abc" is not a number that can be used'),
        ("#1:x", '"x" is not a number'),
        ("#3,5", "write a point instead of the comma"),
        ("#1:-1", "negative"),
        ("#5..1", "ends below its beginning"),
        ("#1..", "is not a number"),
        ("#..1", "is not a number"),
        ("#1e999", "is not a number that can be used"),
        ("#0x10", "is not a number"),
        ("#nan", "is not a number"),
        ("#" + "1" * 51, "is not a number that can be used"),
        ("#=%0%1", "no accepted number earns points"),
        ("~a" * 501, "more than 500 answers"),
    ],
)
def test_answers_that_are_none_are_named(answers: str, said: str) -> None:
    assert said in _reason(f"q {{{answers}}}")


@pytest.mark.parametrize(
    ("written", "text", "name"),
    [
        ("q {T}", "q", None),
        ("::n::q{T}", "q", "n"),
        (":: n : m ::\n q\n {T}", "q", "n : m"),
        (r"::a\:\:b\\::q{T}", "q", "a::b\\"),
        ("::::q{T}", "q", None),
        ("::q{T}", "q", None),
        ("::n::[plain]<b>q</b>{T}", "<b>q</b>", "n"),
        ("[moodle]q{T}", "q", None),
        ("[HTML]q{T}", "[HTML]q", None),
        ("[unknown] q{T}", "[unknown] q", None),
        ("a {T} b.", "a _____ b.", None),
        ("{T} b", "_____ b", None),
        ("a {T}\n.", "a _____\n.", None),
        ("  a\n\tb  \n{T}", "a\nb", None),
        ("a\n// b\nc {T}", "a\nc", None),
        (r"a\nb\\n\{\}\t {T}", "a\nb\\n{}\\t", None),
        ("Zażółć 🙂 {T}", "Zażółć 🙂", None),
        ("\u00a0q {T}", "\u00a0q", None),
        ("[markdown]```\n    a\n  // b\n```\n  c {T}", "```\n    a\n  // b\n```\nc", None),
        ("```\n    a {T}", "```\na", None),  # a block of code that does not end is none
    ],
)
def test_texts_and_names(written: str, text: str, name: str | None) -> None:
    question = _question(written)
    assert (question.text, question.name, question.losses) == (text, name, ())


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_files_of_every_system(line_end: str) -> None:
    text = line_end.join(["::a::q {", "=a", "~b", "}", " \t", "q2 {T}"])
    assert [question.where for question in _bank(text).questions] == ["line 1", "line 6"]
    assert read_gift(text.encode("utf-8-sig")).questions[0].name == "a"
    assert read_gift(text.encode("utf-16")).questions[0].name == "a"


@pytest.mark.parametrize(
    ("answers", "explanation"),
    [
        ("=a ~b ####e", "e"),
        ("=a#f####e", "e"),
        ("T#wrong#right####e # e", "e # e"),
        ("#1:2####e", "e"),
        ("=a->b =c->d\n####e\ne", "e\ne"),
        ("####", None),
        ("=a#f####e####f", "f"),
    ],
)
def test_general_feedback_is_the_explanation(answers: str, explanation: str | None) -> None:
    assert _question(f"q {{{answers}}}").explanation == explanation


def test_html_becomes_text_and_is_the_format_of_answers_too() -> None:
    question = _question(r"[html]<p>a &lt; b</p>{=<p>a</p>#<p>&\#39;</p> ~[plain]<p> ####<p>x</p><p>y</p>}")
    assert question.text == "a < b"
    assert question.body == Choice((_right("a", "'"), _wrong("<p>")))
    assert (question.explanation, question.losses) == ("x\n\ny", ())


@pytest.mark.parametrize(
    ("text", "read", "losses"),
    [
        ("a <br>b &amp; c", "a\nb & c", ["its HTML is read as in Moodle"]),
        ("[moodle]a<br>b", "a\nb", []),
        ("[moodle]<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "- a\n- b", []),
        ("[moodle]<p>a</p>\nb\nc", "a\n\nb\nc", []),
        ("a < b & c", "a < b & c", []),
        ("#include <stdio.h>", "#include <stdio.h>", []),
        ("`<b>x</b>`", "`<b>x</b>`", []),
        ("<b>x</b>", "x", ["its HTML is read as in Moodle", "bold"]),
        ("[markdown]**a**", "**a**", ["Markdown other than code"]),
        ("[markdown]`**a**`", "`**a**`", []),
        ("$$x^2$$", "$$x^2$$", ["a formula is shown as it is written"]),
    ],
)
def test_formats_that_a_text_has_in_moodle(text: str, read: str, losses: list[str]) -> None:
    question = _question(f"{text} {{T}}".replace("#i", r"\#i"))
    assert question.text == read
    assert len(question.losses) == len(losses)
    assert all(said.startswith(loss) for said, loss in zip(question.losses, losses, strict=True))


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ("#1 ~#no", 'the feedback for all other numbers is left out: "no"'),
        ("#=1 =%0%*#no", 'the feedback for all other numbers is left out: "no"'),
        ("#=%100%1:0.1# =%0%*:0#[html]<p>no</p>", 'the feedback for all other numbers is left out: "no"'),
        ("#=1 =%50%*", "the points for all other numbers are left out"),
        ("=a ~b ~", "an empty option is left out"),
        ("~2+2=4 ~2+2=5", "an answer ends at each = and ~"),
        ('=<img src="x"> ~b', "an answer ends at each = and ~"),
        ("=%50%a =%50%b ~c", "a weight after = is read as a weight"),
        ("true", "it is read as a text to type"),
        ("=False", None),
    ],
)
def test_what_is_lost_is_said(answers: str, said: str | None) -> None:
    losses = _question(f"q {{{answers}}}").losses
    if said is None:
        said = "it is read as a text to type"
    assert any(loss.startswith(said) for loss in losses)


def test_weights_after_the_right_sign_make_several_right() -> None:
    body = Choice((Answer("a", _HALF), Answer("b", _HALF), _wrong("c")), several=True)
    assert _question("q {=%50%a =%50%b ~c}").body == body


def test_a_question_without_text_has_its_name() -> None:
    question = _question("::n::{T}")
    assert (question.text, question.losses) == ("n", ("it has no text, so its name is taken instead",))
    assert _reason("{T}") == "no text stands before its answers"


def test_text_without_braces_is_a_description() -> None:
    assert _bank("Read this.\n\nq {T}").questions[0].body == Other("description")


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("q1 {T}\nq2 {F}", "line 1", "more braces in line 2: put an empty line between two questions"),
        ("::a::q1 {\n=a\n~b\n}\n::b::q2 {\n=a\n~b\n}", "line 1", "more braces in line 5"),
        ("q1 {T\nq2 {F}", "line 1", "more braces in line 2"),
        ("q {=\\{a} ~b}}", "line 1", "more braces in line 1"),
        ("q {=a", "line 1", "a { without a }"),
        ("::q:: =a}", "line 1", "a } without a {"),
        ("} q {", "line 1", "a } stands before the {"),
        ("// c\nq {\n=a\n\n~b\n}", "line 2", "remove the empty lines between line 2 and line 6"),
        ("q {\n\n=a\n\n~b\n\n}", "line 1", "remove the empty lines between line 1 and line 7"),
    ],
)
def test_questions_that_are_not_separated_are_named_with_what_to_do(text: str, where: str, said: str) -> None:
    (unreadable,) = _bank(text).unreadable
    assert unreadable.where == where
    assert said in unreadable.reason


def test_an_unclosed_question_does_not_hide_the_next_ones() -> None:
    bank = _bank("q1 {=a\n\ntext\n\nq2 {T}\n\nq3 {T}")
    assert [unreadable.where for unreadable in bank.unreadable] == ["line 1"]
    assert [question.where for question in bank.questions] == ["line 3", "line 5", "line 7"]


def test_categories_ids_tags_and_comments_are_notes() -> None:
    bank = _bank(
        "// question: 0  name: Switch category to $course$/top\n$CATEGORY: $course$/top/A\\:B\n\n\n"
        "// question: 12  name: n\n// [id:i1] [tag:t] [tag:u]\n::n::q{T}\n\n"
        "//\n// Written by me\n\n"
        "// question: 13  name: A cloze\n// [tag:v]\n\n"
        "$CATEGORY: second\nq2 {T}\n"
    )
    assert [(question.where, question.text) for question in bank.questions] == [("line 7", "q"), ("line 16", "q2")]
    assert bank.notes == (
        'categories are left out: "$course$/top/A:B" (line 2), "second" (line 15)',
        "IDs and tags in comments are left out: line 6, line 13",
        "comments are left out: line 10",
        'Moodle has not exported these questions, because GIFT cannot hold their type: "A cloze" (line 12)',
    )
    assert not bank.unreadable


def test_a_category_after_a_question_is_not_a_part_of_it() -> None:
    bank = _bank("q1 {T}\n$CATEGORY: a\nq2 {F}")
    assert [(question.where, question.text) for question in bank.questions] == [("line 1", "q1"), ("line 3", "q2")]


def test_a_note_does_not_list_everything() -> None:
    assert _bank("// c\n" * 12 + "q {T}").notes == (
        f"comments are left out: {', '.join(f'line {number}' for number in range(1, 11))}, and 2 more",
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\x89PNG\0", "not a text file"),
        (b"PK\x03\x04\0", "not a text file"),
        ("Zażółć {T}".encode("cp1250"), "save it as UTF-8"),
        (b'<?xml version="1.0"?><quiz>{T}</quiz>', "XML or HTML"),
        (b"Just a letter.\n\nTo you.", "no question has its answers in { }"),
        (b"q {T}\n\n" * 5001, "more than 5,000 questions"),
        (b"q\n\n" * 5001 + b"{", "more than 5,000 questions"),
        (b"q {\n\n" + b"q\n\n" * 5001, "more than 5,000 questions"),
        (b"{}\n\n" * 5001, "more than 5,000 questions"),
        (b"// c\n" * 10_001 + b"{}", "lines 1 to 10001 have none"),
        (b"{}" + b"a" * (20 * 1024 * 1024), "larger than 20 MB"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused_with_the_reason(data: bytes, said: str) -> None:
    with pytest.raises(BankError, match=said):
        read_gift(data)


@pytest.mark.parametrize(
    "sign", ["=", "~", "#", "{", "}", "\\", ":", "`", "<", "<p", "&", "%", " ", "[", "-", "9", "//", "\r"]
)
def test_a_long_run_of_a_sign_takes_no_longer_than_its_length(sign: str) -> None:
    """With quadratic time, this would take very long."""
    long = sign * 200_000
    for text in (f"q {{={long} ~b}}", f"q {{#{long}}}", f"[html]{long} {{T}}", f"::{long} {{=a#{long}}}"):
        data = text.encode()
        is_gift(data)
        try:
            read_gift(data)
        except BankError:
            assert sign == "\r"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("q {T}", True),
        ("q {\n  =a\n ~b }", True),
        ("::n:: q", True),
        ("$CATEGORY: a", True),
        ("q {#3:2}", True),
        ("q {}", True),
        ("Grant is {~buried =entombed} here", True),
        ("q {Paris}", True),
        (r"q \{T\}", False),
        ("q\nA. a\nB. {b}\nANSWER: A", False),
        ('{"a": [1]}', False),
        ('<?xml version="1.0"?><quiz><question>{=a ~b}</question></quiz>', False),
        ("Nothing", False),
        ("", False),
    ],
)
def test_gift_is_recognized(text: str, expected: bool) -> None:
    assert is_gift(text.encode()) is expected


def test_other_data_is_not_gift() -> None:
    assert not is_gift(b"\0\xff{T}")
    assert not is_gift(b"PK\x03\x04{T}\xff")
