"""What answers are worth."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.shared.canonical_json import canonical_json
from common.shared.documents import Score, ScoringStudent
from score_batch.answer_keys import BrokenAnswerKey, check_key
from score_batch.question_points import exact, question_score, rounded
from score_batch.scoring import BrokenAnswers, check_attempt, score
from support.documents import WholeTest, question, submission
from support.weekly_class import SUBJECT, TEST, make_test

STUDENT: ScoringStudent = {
    "studentId": "s1",
    "name": "Student 1",
    "email": "s1@example.org",
    "onTimeUntil": "2026-11-23T22:00:00Z",
    "acceptedUntil": "2026-11-23T22:00:00Z",
    "over": True,
}


def points(kind: str, chosen: str, rule: str = "off", **key: Any) -> tuple[Any, Any]:
    """Of a two-point question with options a to d, right: b (and c)."""
    entry: Any = {"correct": ["b"] if kind == "single" else ["b", "c"], "points": 2, **key}
    return question_score(question(1, kind), entry, list(chosen), rule)


@pytest.mark.parametrize(
    ("chosen", "off", "net_correct", "each_answer"),
    [  # the table of docs/scoring.md
        ("bc", "2", "2", "2"),
        ("b", "0", "1", "3/2"),
        ("bcd", "0", "1", "3/2"),
        ("ab", "0", "0", "1"),
        ("ad", "0", "0", "0"),  # more wrong than right never goes below nothing
        ("abcd", "0", "0", "1"),
        ("", "0", "0", "0"),  # left alone: not even the wrong options left out count
        ("x", "0", "0", "0"),  # an option the question never had
    ],
)
def test_several_right_options_earn_what_the_rule_says(
    chosen: str, off: str, net_correct: str, each_answer: str
) -> None:
    for rule, expected in (("off", off), ("net-correct", net_correct), ("each-answer", each_answer)):
        assert points("multiple", chosen, rule) == (Fraction(expected), 2), rule


@pytest.mark.parametrize("rule", ["off", "net-correct", "each-answer"])
def test_one_right_option_is_all_or_nothing_under_every_rule(rule: str) -> None:
    assert points("single", "b", rule) == (2, 2)
    assert points("single", "a", rule) == (0, 2)
    assert points("single", "ab", rule) == (0, 2)
    assert points("single", "", rule) == (0, 2)


def test_dropped_question_counts_for_nobody() -> None:
    assert points("single", "b", correction={"drop": True}) == (0, 0)


def test_question_with_all_credit_is_right_for_everybody() -> None:
    assert points("single", "", correction={"allCredit": True}) == (2, 2)


def test_also_accepted_option_is_right_and_the_first_stays_right() -> None:
    for chosen, expected in (("d", 2), ("b", 2), ("a", 0)):
        assert points("single", chosen, correction={"alsoAccept": ["d"]})[0] == expected


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1", 1), ("1/3", 0.33), ("2/3", 0.67), ("5/1000", 0.01), ("4999/1000000", 0), ("9/2", 4.5), ("0.125", 0.13)],
)
def test_points_are_rounded_once_half_up(value: str, shown: float) -> None:
    assert rounded(Fraction(value)) == shown
    assert isinstance(rounded(Fraction(value)), int) == (shown == int(shown))


def test_a_total_is_no_sum_of_rounding_errors() -> None:
    questions = [question(n, "multiple", "abc") for n in (1, 2, 3)]
    key = {
        "partialCredit": "net-correct",
        "questions": {str(n): {"correct": ["a", "b", "c"], "points": 1} for n in (1, 2, 3)},
    }
    result = scored(make_test(), {"1": "a", "2": "a", "3": "a"}, questions, key)
    assert [row["points"] for row in result["questions"].values()] == [0.33, 0.33, 0.33]
    assert result["points"] == 1


def test_a_tenth_in_the_key_is_a_tenth() -> None:
    assert exact(0.1) == Fraction(1, 10)
    assert sum([exact(0.1)] * 3) == exact(0.3)


def attempt(answers: Any, at: Any = "2026-11-23T20:00:00Z", **changes: Any) -> dict[str, Any]:
    return {**submission(SUBJECT, TEST, "s1", answers, at), **changes}


def scored(test: WholeTest, answers: Any, questions: Any = None, key: Any = None) -> Score:
    return scored_attempts(test, {1: attempt(answers)}, questions, key)


def scored_attempts(test: WholeTest, attempts: Any, questions: Any = None, key: Any = None) -> Score:
    return score(SUBJECT, test, questions or test["questions"], key or test["key"], "v1", STUDENT, attempts)


ALL_RIGHT = {"1": "a", "2": "b", "3": ["b", "c"]}
ONE_RIGHT = {"1": "a"}
ON_TIME, LATE = "2026-11-23T22:00:00Z", "2026-11-23T22:00:01Z"


def test_score_object_is_as_documented() -> None:
    assert scored(make_test(), ONE_RIGHT) == {
        "subjectName": SUBJECT,
        "testId": TEST,
        "studentId": "s1",
        "points": 1,
        "maxPoints": 4,
        "late": False,
        "credit": 1,
        "attempt": 1,
        "submittedAt": "2026-11-23T20:00:00Z",
        "receiptId": "R-1",
        "keyVersion": "v1",
        "questions": {
            "1": {"answer": ["a"], "points": 1, "maxPoints": 1},
            "2": {"answer": [], "points": 0, "maxPoints": 1},
            "3": {"answer": [], "points": 0, "maxPoints": 2},
        },
    }


@given(st.dictionaries(st.sampled_from("1239"), st.lists(st.sampled_from("abcdx"), max_size=5), max_size=4))
def test_the_order_of_answers_never_changes_a_byte(answers: dict[str, list[str]]) -> None:
    reordered = {number: list(reversed(chosen)) for number, chosen in reversed(answers.items())}
    first, second = scored(make_test(), answers), scored(make_test(), json.loads(json.dumps(reordered)))
    assert canonical_json(first) == canonical_json(second)
    assert 0 <= first["points"] <= first["maxPoints"] == 4


@pytest.mark.parametrize(
    ("policy", "attempts", "expected"),
    [
        # (attempts, late), the submissions, (points, which attempt, late)
        (("1", None), [(ALL_RIGHT, ON_TIME), (ONE_RIGHT, ON_TIME)], (4, 1, False)),
        (("last", None), [(ALL_RIGHT, ON_TIME), (ONE_RIGHT, ON_TIME)], (1, 2, False)),
        (("1", 0.5), [(ALL_RIGHT, LATE)], (2, 1, True)),
        (("1", 0.5), [(ONE_RIGHT, ON_TIME), (ALL_RIGHT, LATE)], (2, 2, True)),
        # late work never lowers what was handed in on time, and as good is not better
        (("last", 0.5), [(ALL_RIGHT, ON_TIME), (ONE_RIGHT, LATE)], (4, 1, False)),
        (("last", 0.25), [(ONE_RIGHT, ON_TIME), (ALL_RIGHT, LATE)], (1, 1, False)),
        (("last", 0.5), [(ONE_RIGHT, LATE), (ALL_RIGHT, LATE)], (2, 2, True)),
        (("1", 0.5), [(ONE_RIGHT, LATE), (ALL_RIGHT, LATE)], (0.5, 1, True)),
        # taken under a deadline that was shortened since: its student has a receipt
        (("1", None), [(ALL_RIGHT, LATE)], (4, 1, False)),
    ],
)
def test_the_attempt_that_counts(policy: Any, attempts: Any, expected: Any) -> None:
    late = {"untilHours": 24, "credit": policy[1]} if policy[1] else None
    test = make_test(attempts=policy[0], late=late)
    stored = {n: attempt(answers, at) for n, (answers, at) in enumerate(attempts, 1)}
    result = scored_attempts(test, stored)
    assert (result["points"], result["attempt"], result["late"]) == expected
    assert result["credit"] == (policy[1] if expected[2] else 1)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        "text",
        {},
        attempt(None),
        attempt({"1": 1}),
        attempt({"1": [["a"]]}),
        attempt({"1": None}),
        attempt({"1": {"1": ["a"]}}),
        attempt({"1": {"1": None}}),
        attempt({}, studentId="s2"),
        attempt({}, testId="test02"),
        attempt({}, at="yesterday"),
        attempt({}, at="2026-11-23T22:00:00"),
        attempt({}, at=None),
        attempt({}, receiptId=None),
    ],
)
def test_a_submission_the_upload_never_wrote_is_refused(broken: Any) -> None:
    with pytest.raises(BrokenAnswers):
        check_attempt(SUBJECT, make_test(), STUDENT, broken)


@pytest.mark.parametrize(
    "key",
    [
        {},
        [],
        {"partialCredit": "off", "questions": {}},
        {"partialCredit": "off", "questions": {str(n): {"correct": [], "points": 1} for n in (1, 2, 3)}},
        {"partialCredit": "off", "questions": {str(n): {"correct": ["a"], "points": "x"} for n in (1, 2, 3)}},
        {"questions": {str(n): {"correct": ["a"], "points": 1} for n in (1, 2, 3)}},
    ],
)
def test_an_answer_key_that_does_not_fit_is_refused(key: Any) -> None:
    with pytest.raises(BrokenAnswerKey):
        check_key(make_test()["questions"], key)


def test_a_fitting_answer_key_passes() -> None:
    check_key(make_test()["questions"], make_test()["key"])
