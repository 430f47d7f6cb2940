"""Questions with gaps in a run: their scores, reviews, emails and reports."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from common.run.review import reviewed_questions
from common.shared.object_keys import answer_key_key, draft_key, review_key, score_key
from report_run.question_report import question_report
from score_batch.answer_keys import BrokenAnswerKey, check_key
from score_batch.question_points import answer_parts, question_score
from support.documents import answer_key, question, right
from support.gap_questions import gap_key, gap_question
from support.weekly_class import SUBJECT, TEST, make_students, make_test
from support.weekly_run import World

ALL = {"1": "a", "2": "4096", "3": "getconf -a"}
HALF = {"1": "b", "2": "4", "3": "arch"}


def share(answer: Any, rule: str = "net-correct", key: Any = None) -> Fraction:
    asked, entry = gap_question(), key or gap_key()
    points, most = question_score(asked, entry, answer_parts(asked, answer), rule)
    assert most == 3
    return points / 3


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ALL, 1),
        ({"1": "a"}, Fraction(1, 3)),
        ({"2": "4.096e3"}, Fraction(1, 3)),
        ({"2": "4"}, Fraction(1, 6)),
        ({"3": "arch"}, Fraction(1, 12)),
        ({"3": "Arch"}, 0),
        (HALF, Fraction(1, 4)),
        ({**ALL, "1": "c"}, Fraction(2, 3)),
        ({"1": "c", "2": "5", "3": "x"}, 0),
        ({"1": "4096", "2": "a", "3": "4"}, 0),
        ({"7": "a"}, 0),
        ({**ALL, "7": "a"}, 1),
        ("a", 0),
        (["a"], 0),
        (None, 0),
    ],
)
def test_gaps_earn_the_mean_of_their_shares(answer: Any, expected: Fraction) -> None:
    assert share(answer) == share(answer, "each-answer") == expected
    assert share(answer, "off") == (expected == 1)


@pytest.mark.parametrize(
    ("answer", "off", "others"),
    [  # the table of docs/scoring.md, of 6 points
        (ALL, 6, 6),
        ({**ALL, "2": "4"}, 0, 5),
        ({"1": "a", "2": "4"}, 0, 3),
        ({"1": "c", "2": "4", "3": "x"}, 0, 1),
    ],
)
def test_the_examples_of_the_guide_are_right(answer: Any, off: int, others: int) -> None:
    for rule, points in (("off", off), ("net-correct", others), ("each-answer", others)):
        assert question_score(gap_question(), gap_key(points=6), answer, rule) == (Fraction(points), Fraction(6))


@pytest.mark.parametrize(
    ("also", "answer", "expected"),
    [
        ({"1": {"alsoAccept": ["c"]}}, {"1": "c"}, Fraction(1, 3)),
        ({"1": {"alsoAccept": ["c"]}}, {"1": "b", "2": "c", "3": "c"}, 0),
        ({"2": {"numbers": [{"low": "4", "high": "4"}]}}, {"2": "4"}, Fraction(1, 3)),
        ({"2": {"numbers": [{"low": "5", "high": "6", "share": 50}]}}, {"2": "5,5"}, Fraction(1, 6)),
        ({"3": {"texts": [{"text": "lscpu"}]}}, {"3": "lscpu"}, Fraction(1, 3)),
        ({"3": {"texts": [{"text": "lscpu"}]}}, {"3": "LSCPU"}, 0),
    ],
)
def test_a_correction_accepts_more_in_its_gap(also: Any, answer: Any, expected: Fraction) -> None:
    assert share(answer, key=gap_key(correction={"reason": "slip", "gaps": also})) == expected


def test_a_correction_of_all_gaps_may_drop_the_question_or_give_all_its_points() -> None:
    asked = gap_question()
    assert question_score(asked, gap_key(correction={"reason": "x", "drop": True}), ALL, "off") == (
        Fraction(0),
        Fraction(0),
    )
    assert question_score(asked, gap_key(correction={"reason": "x", "allCredit": True}), {}, "off") == (
        Fraction(3),
        Fraction(3),
    )


def test_a_score_has_the_answers_in_gaps_sorted() -> None:
    assert list(answer_parts(gap_question(), {"3": "x", "1": "a"}).items()) == [("1", "a"), ("3", "x")]  # type: ignore[union-attr]


GAPS: Any = gap_key()["gaps"]


@pytest.mark.parametrize(
    "entry",
    [
        right("a", points=3),
        gap_key(gaps={}),
        gap_key(gaps={"1": GAPS["1"], "2": GAPS["2"]}),
        gap_key(gaps={**GAPS, "1": {"correct": []}}),
        gap_key(gaps={**GAPS, "2": {"numbers": []}}),
        gap_key(gaps={**GAPS, "2": {"numbers": [{"low": "2", "high": "1"}]}}),
        gap_key(gaps={**GAPS, "2": {"numbers": [{"low": "many", "high": "1"}]}}),
        gap_key(gaps={**GAPS, "3": GAPS["2"]}),
        gap_key(gaps={**GAPS, "3": {"texts": [{"text": 4}]}}),
        gap_key(gaps=[]),
    ],
)
def test_a_key_that_does_not_fit_the_gaps_is_found(entry: Any) -> None:
    with pytest.raises(BrokenAnswerKey):
        check_key([gap_question()], answer_key(SUBJECT, TEST, entry))


def test_a_key_that_fits_is_used() -> None:
    check_key([gap_question()], answer_key(SUBJECT, TEST, gap_key()))


def reviewed(answer: Any, entry: Any = None, *, shuffle: bool = False) -> Any:
    test: Any = {"subjectName": SUBJECT, "testId": TEST, "shuffle": shuffle, "questions": [gap_question()]}
    key = answer_key(SUBJECT, TEST, entry or gap_key())
    score: Any = {"studentId": "s1", "questions": {"1": {"answer": answer, "points": 1, "maxPoints": 3}}}
    return reviewed_questions(test, key, score)[0]


def test_a_review_has_what_is_right_in_each_gap_and_the_feedback_in_their_order() -> None:
    question = reviewed(HALF)
    assert question["answer"] == HALF
    assert question["right"] == {"1": "a", "2": "4096", "3": "getconf…"}
    assert question["feedback"] == ["A printer does.", "In bytes."]
    assert (question["text"], question["gaps"], question["options"]) == (
        gap_question()["text"],
        gap_question()["gaps"],
        [],
    )


def test_a_review_of_no_answer_has_what_is_right() -> None:
    question = reviewed({})
    assert (question["answer"], question["feedback"]) == ({}, [])
    assert question["right"] == {"1": "a", "2": "4096", "3": "getconf…"}


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_review_has_all_that_a_correction_accepts(shuffle: bool) -> None:
    also = {
        "1": {"alsoAccept": ["c"]},
        "2": {"numbers": [{"low": "1", "high": "2"}, {"low": "5", "high": "5", "share": 50}]},
        "3": {"texts": [{"text": "lscpu"}]},
    }
    question = reviewed({}, gap_key(correction={"reason": "slip", "gaps": also}), shuffle=shuffle)
    shown = [option["id"] for option in question["gaps"][0]["options"] if option["id"] in "ac"]
    assert question["right"] == {"1": " or ".join(shown), "2": "4096 or 1 to 2", "3": "getconf… or lscpu"}
    assert question["correction"] == "slip"


def world_of(entry: Any = None, answers: Any = None, students: int = 4) -> World:
    key = answer_key(SUBJECT, TEST, entry or gap_key(), right("a"), partial_credit="net-correct")
    test = make_test(questions=[gap_question(), question(2)], questionCount=2, key=key)
    world = World()
    world.publish(SUBJECT, [test], make_students(students))
    for student, answer in (answers or {"s1": ALL, "s2": HALF, "s3": {"3": "<b>`rm`</b> \u202ex"}}).items():
        world.submit(SUBJECT, TEST, student, {"1": answer, "2": "a"} if answer else {"2": "b"})
    world.run()
    return world


def mails_of(world: World, student: str) -> tuple[str, str]:
    mail: Any = world.ses.to(f"{student}@example.org")[-1]
    text, html = (mail.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    return text, html


def test_a_run_scores_and_reviews_gaps_and_shows_them_in_emails() -> None:
    world = world_of()
    points = [world.get(score_key(SUBJECT, TEST, f"s{n}"))["questions"]["1"]["points"] for n in (1, 2, 3)]
    assert points == [3, 0.75, 0]
    review: Any = world.get(review_key(SUBJECT, TEST, "s2"))
    assert review["questions"][0]["answer"] == HALF
    text, html = mails_of(world, "s2")
    assert (
        "The kernel [gap 1] processes. A page has [gap 2] bytes, and `[gap 3]` shows it.\n"
        "Your answer:\n    Gap 1: b: prints\n    Gap 2: 4\n    Gap 3: arch\n"
        "    Feedback: A printer does.\n    Feedback: In bytes.\n"
        "Right answer:\n    Gap 1: a: schedules\n    Gap 2: 4096\n    Gap 3: getconf…\nPoints: 0.75 of 3\n"
    ) in text
    assert "The kernel [gap 1] processes." in html
    assert 'Gap 1: b: <span dir="auto">prints</span></div>' in html
    assert 'Gap 3: <span dir="auto">arch</span></div>' in html
    assert "{{" not in text + html


def test_an_email_shows_gaps_without_an_answer_and_what_was_typed_as_it_was_typed() -> None:
    text, html = mails_of(world_of(), "s3")
    assert "Your answer:\n    Gap 1: none\n    Gap 2: none\n    Gap 3: <b>`rm`</b> x\nRight" in text
    assert 'Gap 3: <span dir="auto">&lt;b&gt;`rm`&lt;/b&gt; x</span>' in html
    assert "Your answer: none\n" in mails_of(world_of(answers={"s1": None}), "s1")[0]


def test_a_corrected_gap_is_scored_again_and_an_email_shows_every_right_answer() -> None:
    world = world_of()
    also = {"1": {"alsoAccept": ["c", "b"]}, "2": {"numbers": [{"low": "4", "high": "4", "value": "4"}]}}
    key: Any = world.get(answer_key_key(SUBJECT, TEST))
    key["questions"]["1"]["correction"] = {"reason": "Both were taught.", "gaps": also}
    world.put(answer_key_key(SUBJECT, TEST), key)
    world.run()
    assert world.get(score_key(SUBJECT, TEST, "s2"))["questions"]["1"]["points"] == 2.25
    text, _ = mails_of(world, "s2")
    shown = "Gap 1: a: schedules\n    Gap 1: b: prints\n    Gap 1: c: draws\n    Gap 2: 4096 or 4\n"
    assert f"Right answer:\n    {shown}" in text
    assert "Question 1 was corrected: Both were taught." in text


def test_text_that_is_not_about_gaps_stays_as_it_is() -> None:
    shown = "What does {{1}} mean in a template?"
    nodes: Any = [{"type": "paragraph", "children": [{"type": "text", "text": shown}]}]
    asked = question(1, text=shown)
    asked["nodes"] = nodes
    world = World()
    key = answer_key(SUBJECT, TEST, right("a"))
    world.publish(SUBJECT, [make_test(questions=[asked], questionCount=1, key=key)], make_students())
    world.submit(SUBJECT, TEST, "s1", {"1": "a"})
    world.run()
    assert all(shown in mail for mail in mails_of(world, "s1"))


TEN = [1.0] * 5 + [0.0] * 5


def report_of(answers: list[Any], entry: Any = None) -> Any:
    given = [tuple(f"{gap}:{value}" for gap, value in answer.items()) for answer in answers]
    return question_report(gap_question(), entry, given, [0.0] * len(given), TEN[: len(given)])


def test_a_report_counts_the_answers_in_each_gap_as_those_of_its_type() -> None:
    upper = [{"1": "b", "2": "4,0", "3": "a: b"}] * 4 + [{"1": "a"}]
    lower = [{"1": "a", "2": "4096", "3": "getconf"}, {"2": "4.096e3"}, {"2": "4"}, {}, {"3": "Getconf"}]
    report = report_of(upper + lower, gap_key())
    assert [
        [(each.option, each.is_right, str(each)) for each in [*table.choices.options, table.choices.unanswered]]
        for table in report.tables
    ] == [
        [("a", True, "1 + 1"), ("b", False, "4 + 0"), ("c", False, "0 + 0"), ("", False, "0 + 4")],
        [("4,0", True, "4 + 1"), ("4.096e3", True, "0 + 2"), ("", False, "1 + 2")],
        [
            ("a: b", False, "4 + 0"),
            ("Getconf", False, "0 + 1"),
            ("getconf", True, "0 + 1"),
            ("", False, "1 + 3"),
        ],
    ]
    assert report.suspects == ["gap 1: b", "gap 3: a: b"]
    assert report.suspicion == (
        "In gap 1, b was chosen by more of the upper half than the right answer."
        ' In gap 3, "a: b" was given by more of the upper half than all right answers together.'
    )
    assert report.text.startswith("The kernel [gap 1] processes.")


def test_a_report_without_a_key_counts_the_answers() -> None:
    report = report_of([ALL] * 10)
    assert [[str(each) for each in table.choices.options] for table in report.tables] == [
        ["5 + 5", "0 + 0", "0 + 0"],
        ["5 + 5"],
        ["5 + 5"],
    ]
    assert report.suspects == []


@pytest.mark.parametrize("correction", [{"drop": True}, {"allCredit": True}])
def test_gaps_that_were_corrected_as_a_whole_are_not_suspect(correction: Any) -> None:
    entry = gap_key(correction={"reason": "x", **correction})
    assert report_of([{"1": "b"}] * 5 + [{"1": "a"}] * 5, entry).suspects == []


def test_the_trainers_mail_page_and_figures_show_each_gap() -> None:
    answers = {f"s{n}": {"1": "c", "2": "5"} if n <= 5 else ALL for n in range(1, 13)}
    world = World()
    key = answer_key(SUBJECT, TEST, gap_key(), right("a"), partial_credit="net-correct")
    test = make_test(questions=[gap_question(), question(2)], questionCount=2, key=key)
    world.publish(SUBJECT, [test], make_students(12))
    for student, answer in answers.items():
        strong = int(student[1:]) <= 5
        world.submit(SUBJECT, TEST, student, {"1": answer, "2": "a" if strong else "b"})
    world.run()
    mail: Any = world.ses.to("trainer@example.org")[-1]
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert "     Gap 1: a* 0 + 7, b 0 + 0, c 5 + 0, no answer 0 + 0\n" in text
    assert '     Gap 2: "4096"* 0 + 7\n     "5" 5 + 0\n     no answer 0 + 0\n' in text
    assert "CHECK THE KEY: In gap 1, c was chosen by more of the upper half" in text
    page = next(body.decode() for name, body in world.s3.objects.items() if name.endswith("/report.html"))
    assert "1. The kernel [gap 1] processes." in page
    assert "Gap 1</td>" in page
    assert "a. schedules <b>(right)</b>" in page
    kept = json.loads(next(body for name, body in world.s3.objects.items() if name.endswith("/statistics.json")))
    figures = kept["questions"][0]
    assert (figures["type"], figures["options"]) == ("gaps", [])
    assert figures["suspects"] == ["gap 1: c", "gap 2: 5"]
    assert [(gap["id"], gap["type"], gap["suspects"]) for gap in figures["gaps"]] == [
        ("1", "single", ["c"]),
        ("2", "number", ["5"]),
        ("3", "text", []),
    ]
    assert figures["gaps"][0]["options"][0] == {
        "option": "a",
        "text": "schedules",
        "right": True,
        "upper": 0,
        "lower": 7,
    }
    assert [(each["option"], each["text"]) for each in figures["gaps"][1]["options"]] == [
        ("1", "4096"),
        ("2", "5"),
        ("", ""),
    ]


def test_a_draft_is_handed_in_only_with_gaps_that_still_fit() -> None:
    for saved, left_out in ((HALF, []), ({"2": "many"}, ["1"]), ({"4": "a"}, ["1"])):
        key = answer_key(SUBJECT, TEST, gap_key())
        test = make_test(questions=[gap_question()], questionCount=1, key=key, unsubmittedDrafts="submit")
        world = World()
        world.publish(SUBJECT, [test], make_students())
        world.put(draft_key(SUBJECT, "s1", TEST), {"answers": {"1": saved}, "savedAt": "2026-11-23T21:30:00Z"})
        world.run()
        score: Any = world.get(score_key(SUBJECT, TEST, "s1"))
        assert score["draft"] == {"leftOut": left_out}
        assert score["questions"]["1"]["answer"] == ({} if left_out else saved)
