"""How often each typed answer, order and pair was given, in the report, its figures and its emails."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from common.run.accepted_answers import counted_answer, same_if_alike
from common.shared.documents import AnswerKeyEntry
from report_run.choices import FEWEST_RESULTS, by_halves
from report_run.given_answers import FEWEST_ALIKE, MOST_SHOWN, count_given
from report_run.question_report import question_report
from support.documents import question, right
from support.every_type import ANSWERS, every_type
from support.weekly_class import SUBJECT, TEST, make_students
from support.weekly_run import TRAINER, World

TEN = list(range(10, 0, -1))  # the points for the other questions; the first five students are the upper half
NUMBER = right("", numbers=[{"low": "128", "high": "128"}, {"low": "100", "high": "200", "share": 50}])
TEXT = right("", texts=[{"text": "ls"}, {"text": "dir*"}])


def counted(entry: AnswerKeyEntry, answers: str, others: list[float] | None = None) -> Any:
    """Of answers that are separated by bars; `-` is no answer."""
    given = [[] if each == "-" else [each] for each in answers.split("|")]
    return count_given(
        by_halves(given, TEN[: len(given)] if others is None else others),
        lambda each: same_if_alike(entry, each),
        lambda each: counted_answer(entry, each) is not None,
    )


def shown(entry: AnswerKeyEntry, answers: str, others: list[float] | None = None) -> list[str]:
    found = counted(entry, answers, others)
    return [f"{each.option}{'*' if each.is_right else ''} {each}" for each in [*found.options, found.unanswered]]


def test_numbers_with_the_same_value_are_one_answer_as_most_wrote_it() -> None:
    assert shown(NUMBER, "128|128|128.0|+1,28e2|64|-|128|64,0|64.0|64.0") == ["128* 4 + 1", "64.0 1 + 3", " 0 + 1"]


def test_texts_that_are_compared_alike_are_one_answer() -> None:
    assert shown(TEXT, "ls|LS|rm|ls|Ls|cafe\u0301|Café|café|-|ls") == ["ls* 4 + 1", "Café 0 + 3", "rm 1 + 0", " 0 + 1"]
    cased: AnswerKeyEntry = {**TEXT, "caseMatters": True}
    assert shown(cased, "LS|ls|LS|ls") == ["LS 1 + 1", "ls* 1 + 1", " 0 + 0"]


def test_what_is_not_a_number_is_shown_as_it_was_typed() -> None:
    """Stored before the question became one with a number."""
    assert shown(NUMBER, "a|b|a", others=[1, 1, 1]) == ["a 2", "b 1", " 0"]


def test_an_answer_that_earns_a_part_of_the_points_is_right() -> None:
    assert shown(NUMBER, "150|128") == ["128* 0 + 1", "150* 1 + 0", " 0 + 0"]


def test_only_the_most_frequent_answers_are_shown_and_the_others_are_counted() -> None:
    answers = "|".join([*["x0"] * 3, *["x1"] * 2, *(f"y{number:02}" for number in range(12))])
    found = counted(TEXT, answers, others=[1.0] * 17)
    assert len(found.options) == MOST_SHOWN == 10
    assert [each.option for each in found.options[:3]] == ["x0", "x1", "y00"]
    assert (found.others.lower, found.others.upper, found.unanswered.lower) == (4, None, 0)
    assert counted(TEXT, "|".join(f"y{number}" for number in range(10))).others is None


@pytest.mark.parametrize(
    ("answers", "suspects"),
    [
        ("64|64|64|128|-|128|128|128|128|128", ["64"]),
        ("64|64,0|64.0|128|150|128|128|128|128|128", ["64"]),  # more than both right ones together
        ("64|64|128|150|-|128|128|128|128|128", []),
        ("64|32|16|8|4|128|128|128|128|128", []),  # one student's slip is not two
        ("64|64|32|32|-|-|-|-|-|-", ["32", "64"]),
        ("64|64|64|128|-|128|128|128|128", []),  # too few results
    ],
)
def test_a_wrong_answer_that_more_of_the_upper_half_gave_than_all_right_ones_is_suspect(
    answers: str, suspects: list[str]
) -> None:
    assert FEWEST_ALIKE == 2
    assert FEWEST_RESULTS == 10
    assert counted(NUMBER, answers).suspects == suspects


def test_without_halves_or_a_key_nothing_is_suspect() -> None:
    assert counted(NUMBER, "|".join(["64"] * 10), others=[1.0] * 10).suspects == []
    asked = question(1, "text", "")
    report = question_report(asked, None, [("x",)] * 10, [0.0] * 10, [float(each) for each in TEN])
    assert report.suspects == []
    assert [str(each) for each in report.tables[0].choices.options] == ["5 + 5"]


def test_a_wrong_order_or_pair_that_more_of_the_upper_half_gave_is_suspect() -> None:
    order = question_report(
        question(1, "order", "abc"), right("bca"), [tuple("abc")] * 5 + [tuple("bca")] * 5, [0.0] * 10, TEN
    )
    assert order.suspects == ["a b c"]
    assert order.suspicion == "a b c was given by more of the upper half than the right answer."
    asked = question(1, "match", "abc", items=[{"id": "1", "text": "x"}, {"id": "12", "text": "y"}])
    key = right("", pairs={"1": "a", "12": "b"})
    pairs = question_report(asked, key, [("1:a", "12:c")] * 5 + [("1:a",)] * 5, [0.0] * 10, TEN)
    assert pairs.suspects == ["12c"]
    assert [[str(each) for each in table.choices.options] for table in pairs.tables] == [
        ["5 + 5", "0 + 0", "0 + 0"],
        ["0 + 0", "0 + 0", "5 + 0"],
    ]
    assert [str(table.choices.unanswered) for table in pairs.tables] == ["0 + 0", "0 + 5"]


@pytest.mark.parametrize("correction", [{"drop": True}, {"allCredit": True}])
def test_a_corrected_question_is_not_suspect(correction: Any) -> None:
    key = right("bca", correction={"reason": "slip", **correction})
    answers = [tuple("abc")] * 5 + [tuple("bca")] * 5
    assert question_report(question(1, "order", "abc"), key, answers, [0.0] * 10, TEN).suspects == []


@pytest.fixture(scope="module")
def reported() -> World:
    """Twelve students: the upper half types 64, which the key does not accept; one has dangerous answers."""
    world = World()
    world.publish(SUBJECT, [every_type()], make_students(13))
    for number in range(1, 13):
        answers = dict(ANSWERS["s1" if number <= 6 else "s2"])
        answers["3"] = "64" if number <= 6 else "9.81"
        if number == 12:
            answers["4"] = '</td><script>alert(1)</script>=HYPERLINK("x")'
        world.submit(SUBJECT, TEST, f"s{number}", answers)
    world.run()
    return world


def stored(world: World, name: str) -> str:
    [body] = [body for key, body in world.s3.objects.items() if key.startswith("reports/") and key.endswith(name)]
    return body.decode()


def words(markup: str) -> str:
    """What a person reads of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def test_the_trainers_email_has_the_answers_of_every_type(reported: World) -> None:
    mail: Any
    [mail] = reported.ses.to(TRAINER)
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert '     "64" 6 + 0\n     "9.81"* 0 + 6\n     no answer 0 + 0\n' in text
    assert '     CHECK THE KEY: "64" was given by more of the upper half than all right answers together.\n' in text
    assert '     "LS -l"* 6 + 0\n     "dir"* 0 + 5\n' in text
    assert "     b a c 0 + 6\n     b c a* 6 + 0\n     no answer 0 + 0\n     a: wait; b: fork; c: exec\n" in text
    assert "     1. Poland: a 0 + 0, b* 6 + 6, c 0 + 0, no answer 0 + 0\n" in text
    assert "     2. Italy: a* 6 + 0, b 0 + 0, c 0 + 0, no answer 0 + 6\n     a: Rome; b: Warsaw; c: Berlin\n" in text
    markup = words(mail.get_body(("html",)).get_content())
    assert "64 6 + 0 9.81 (right) 0 + 6 no answer 0 + 0" in markup
    assert "b a c 0 + 6 b c a (right) 6 + 0 no answer 0 + 0 a: wait; b: fork; c: exec" in markup
    assert "2. Italy: a (right) 6 + 0, b 0 + 0, c 0 + 0, no answer 0 + 6" in markup


def test_the_kept_page_has_the_answers_in_words(reported: World) -> None:
    page = words(stored(reported, "report.html"))
    assert "64 6 + 0 9.81 (right) 0 + 6 no answer 0 + 0" in page
    assert "b a c: fork → wait → exec 0 + 6 b c a: fork → exec → wait (right) 6 + 0" in page
    assert "1. Poland a. Rome 0 + 0 b. Warsaw (right) 6 + 6 c. Berlin 0 + 0 no answer 0 + 0 2. Italy" in page


def test_rare_answers_are_counted_together() -> None:
    world = World()
    world.publish(SUBJECT, [every_type()], make_students(13))
    for number in range(1, 14):
        world.submit(SUBJECT, TEST, f"s{number}", {"4": f"answer {number:02}"})
    world.run()
    mail: Any
    [mail] = world.ses.to(TRAINER)
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert '     "answer 10" 1\n     other answers 3\n     no answer 0\n' in text
    assert "answer 10 1 other answers 3 no answer 0" in words(mail.get_body(("html",)).get_content())
    assert "answer 10 1 other answers 3 no answer 0" in words(stored(world, "report.html"))
    options = json.loads(stored(world, "statistics.json"))["questions"][3]["options"]
    assert options[10:] == [
        {"option": "other", "text": "", "right": False, "upper": None, "lower": 3},
        {"option": "", "text": "", "right": False, "upper": None, "lower": 0},
    ]


def test_what_students_typed_is_text_and_never_markup(reported: World) -> None:
    mail: Any
    [mail] = reported.ses.to(TRAINER)
    for markup in (stored(reported, "report.html"), mail.get_body(("html",)).get_content()):
        assert "<script" not in markup
        assert "&lt;/td&gt;&lt;script&gt;" in markup


def test_the_gradebook_has_no_words_of_students(reported: World) -> None:
    assert "HYPERLINK" not in stored(reported, ".csv")


def test_the_figures_have_every_type(reported: World) -> None:
    figures = json.loads(stored(reported, "statistics.json"))["questions"]
    assert [each["type"] for each in figures] == ["single", "multiple", "number", "text", "order", "match"]
    assert figures[2]["options"] == [
        {"option": "1", "text": "64", "right": False, "upper": 6, "lower": 0},
        {"option": "2", "text": "9.81", "right": True, "upper": 0, "lower": 6},
        {"option": "", "text": "", "right": False, "upper": 0, "lower": 0},
    ]
    assert figures[2]["suspects"] == ["64"]
    assert figures[4]["options"][1]["text"] == "b c a: fork → exec → wait"
    assert figures[5]["items"][1] == {
        "text": "Italy",
        "right": "a",
        "counts": {"a": [6, 0], "b": [0, 0], "c": [0, 0], "": [0, 6]},
    }
    assert figures[5]["options"][1] == {"option": "b", "text": "Warsaw", "right": True, "upper": 6, "lower": 6}
    assert ["items" in each for each in figures] == [False] * 5 + [True]
