"""Moodle's statistics, against a fixture worked out by another road: exact fractions, from the definitions."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from report_run import item_analysis
from report_run.item_analysis import question_statistics

# Ten students, four questions of 1, 1, 2 and 5 points.
MARKS = [
    (1, 1, 2, 5),
    (1, 1, 2, 4),
    (1, 1, 1, 4),
    (1, 0, 2, 3.5),
    (1, 1, 1, 3),
    (0, 1, 0.5, 3),
    (1, 0, 1, 2),
    (0, 0, 1, 1),
    (1, 0, 0, 0),
    (0, 1, 0, 0.25),
]
MOST = (1, 1, 2, 5)


def by_definition(question: int) -> tuple[float, float, float]:
    """The three statistics in exact arithmetic, with sums over all pairs of students instead of means:
    cov(x, y) = sum over pairs (xi - xj)(yi - yj) / (n (n - 1)) / 2 over ordered pairs."""
    x = [Fraction(row[question]) for row in MARKS]
    rest = [sum(map(Fraction, row), Fraction(0)) - Fraction(row[question]) for row in MARKS]
    n = len(x)

    def cov(a: list[Fraction], b: list[Fraction]) -> Fraction:
        pairs = ((a[i] - a[j]) * (b[i] - b[j]) for i in range(n) for j in range(n))
        return sum(pairs, Fraction(0)) / (2 * n * (n - 1))

    together = cov(x, rest)
    facility = 100 * sum(x) / n / MOST[question]
    discrimination = 100 * float(together) / math.sqrt(cov(x, x) * cov(rest, rest))
    efficiency = 100 * together / cov(sorted(x), sorted(rest))
    return float(facility), discrimination, float(efficiency)


@pytest.mark.parametrize("question", range(4))
def test_statistics_agree_with_the_definitions_to_1e_9(question: int) -> None:
    found = question_statistics([row[question] for row in MARKS], [sum(row) for row in MARKS], MOST[question])
    facility, discrimination, efficiency = by_definition(question)
    assert found.facility == pytest.approx(facility, rel=0, abs=1e-9)
    assert found.discrimination == pytest.approx(discrimination, rel=0, abs=1e-9)
    assert found.efficiency == pytest.approx(efficiency, rel=0, abs=1e-9)


def test_statistics_of_three_students_worked_by_hand() -> None:
    # x = 1, 0, 1; T = 3, 1, 2; T - x = 2, 1, 1. Means 2/3 and 4/3.
    # cov = ((1/3)(2/3) + (-2/3)(-1/3) + (1/3)(-1/3)) / 2 = (2/9 + 2/9 - 1/9) / 2 = 1/6; var(x) = 1/3, var(T-x) = 1/3.
    # Sorted: x = 0, 1, 1 with T - x = 1, 1, 2: cov_max = (2/9 - 1/9 + 2/9) / 2 = 1/6.
    found = question_statistics([1, 0, 1], [3, 1, 2], 1)
    assert found.facility == pytest.approx(200 / 3, abs=1e-9)
    assert found.discrimination == pytest.approx(50, abs=1e-9)
    assert found.efficiency == pytest.approx(100, abs=1e-9)


@pytest.mark.parametrize(
    ("marks", "totals"),
    [
        ([], []),
        ([1], [3]),
        ([1, 1, 1], [3, 2, 1]),  # nobody differs in the question
        ([1, 0, 1], [2, 1, 2]),  # nobody differs in the rest of the test
        ([0.1, 0.1, 0.1], [0.7, 0.3, 0.5]),  # a mean that rounds must not leave a trace of a variance
    ],
)
def test_undefined_statistics_are_blank(marks: list[float], totals: list[float]) -> None:
    found = question_statistics(marks, totals, 1)
    assert (found.discrimination, found.efficiency) == (None, None)


def test_facility_of_a_question_without_points_is_blank() -> None:
    assert question_statistics([0, 0], [1, 2], 0).facility is None


def test_distribution_counts_every_result_once() -> None:
    found = item_analysis.test_statistics([0, 9.99, 10, 55, 99.9, 100])
    assert found.distribution == (2, 1, 0, 0, 0, 1, 0, 0, 0, 2)


def test_mean_and_deviation_are_those_of_a_sample() -> None:
    found = item_analysis.test_statistics([50, 100])
    assert (found.count, found.mean) == (2, 75)
    assert found.deviation == pytest.approx(math.sqrt(1250), abs=1e-9)
    assert item_analysis.test_statistics([50]).deviation is None
    assert item_analysis.test_statistics([]).mean is None
