"""How often each option was chosen by the upper and the lower half, and which answer keys are probably wrong."""

from __future__ import annotations

import pytest

from report_run.choices import FEWEST_RESULTS, by_halves, count_choices, upper_half

TEN = list(range(10, 0, -1))  # the points for the other questions; the first five students are the upper half


def choices(answers: str, right: str = "a", others: list[float] | None = None) -> list[str]:
    """`a 5 + 1`, ...: of students who chose a letter each; `-` is no answer."""
    given = [[] if letter == "-" else [letter] for letter in answers]
    found = count_choices("abc", right, by_halves(given, others or TEN[: len(answers)]))
    return [f"{each.option} {each}" for each in [*found.options, found.unanswered]]


def suspects(answers: str, right: str = "a", several: bool = False) -> list[str]:
    given = [list(each) for each in answers.split()]
    return count_choices("abc", right, by_halves(given, TEN[: len(given)]), several=several).suspects


@pytest.mark.parametrize(
    ("points", "upper"),
    [
        ([3, 1, 2, 4], [True, False, False, True]),
        ([1, 2, 3], [False, False, True]),  # of two that are equally unequal, the smaller upper half
        ([5, 5, 5, 1], [True, True, True, False]),  # the same points, the same half
        ([5, 1, 1, 1], [True, False, False, False]),
        ([2, 2, 1, 1, 0], [True, True, False, False, False]),
        ([0, 0], None),
        ([1], None),
    ],
)
def test_halves_are_as_equal_as_the_same_points_allow(points: list[float], upper: list[bool] | None) -> None:
    assert upper_half(points) == upper


def test_each_option_is_counted_in_each_half() -> None:
    assert choices("aaaabb-bca") == ["a 4 + 1", "b 1 + 2", "c 0 + 1", " 0 + 1"]


def test_without_halves_there_is_one_number() -> None:
    assert choices("aab", others=[1, 1, 1]) == ["a 2", "b 1", "c 0", " 0"]
    assert count_choices("abc", "a", by_halves([], [])).suspects == []


def test_an_option_that_is_not_there_any_more_is_not_counted() -> None:
    assert choices("zz") == ["a 0 + 0", "b 0 + 0", "c 0 + 0", " 0 + 0"]


def test_a_wrong_option_that_more_of_the_upper_half_chose_is_suspect() -> None:
    assert suspects("b b b a c a a a a a") == ["b"]


def test_an_option_that_the_lower_half_prefers_is_a_good_distractor() -> None:
    assert suspects("a a a b b b b b b b") == []


def test_as_many_as_chose_the_right_one_is_not_more() -> None:
    assert suspects("a a b b c b b b b b") == []


def test_if_several_have_to_be_chosen_the_one_chosen_least_is_compared() -> None:
    assert suspects("ac ac a a a a a a a a", right="ab", several=True) == ["c"]
    assert suspects("ab ab a a a c c c c c", right="ab", several=True) == []


def test_if_several_are_accepted_the_one_chosen_most_is_compared() -> None:
    assert suspects("a a a c c b b b b b", right="ab") == []
    assert suspects("a a c c c b b b b b", right="ab") == ["c"]


def test_with_too_few_results_no_question_is_suspect() -> None:
    answers = ["b"] * (FEWEST_RESULTS - 1)
    assert suspects(" ".join(answers)) == []
    assert suspects(" ".join([*answers, "b"])) == ["b"]
