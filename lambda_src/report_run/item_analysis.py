"""Statistics of a test and its questions after Moodle's formulas. Pure functions.

Source: Moodle, "Quiz statistics calculations" (docs.moodle.org/dev/Quiz_statistics_calculations) and
"Quiz statistics report". x is a student's mark for the question, T their mark for the whole test;
variances and covariances are those of a sample (divided by n - 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

# With fewer results the indexes say more about these students than about the question.
SMALL_CLASS = 30
DISTRIBUTION_BINS = 10


@dataclass(frozen=True)
class QuestionStatistics:
    """In per cent; None where undefined.

    `facility`: mean(x) / most points. `discrimination`: the correlation of x and T - x.
    `efficiency`: their covariance against the largest that the same marks could have.
    """

    facility: float | None
    discrimination: float | None
    efficiency: float | None


@dataclass(frozen=True)
class TestStatistics:
    """`mean` and `deviation` (of a sample; None below two results) in per cent of the most points.

    `distribution`: how many results lie in 0-10 %, 10-20 %, ... 90-100 %.
    """

    __test__ = False
    count: int
    mean: float | None
    deviation: float | None
    distribution: tuple[int, ...]


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean of at least one value."""
    return fsum(values) / len(values)


def covariance(first: Sequence[float], second: Sequence[float]) -> float:
    """The sample covariance of at least two pairs."""
    mean_first, mean_second = mean(first), mean(second)
    return fsum((a - mean_first) * (b - mean_second) for a, b in zip(first, second, strict=True)) / (len(first) - 1)


def question_statistics(marks: Sequence[float], totals: Sequence[float], most: float) -> QuestionStatistics:
    """The statistics of one question. `marks` and `totals`: x and T of each student; `most`: its points.

    Discrimination and efficiency are undefined for fewer than two students, and where all have the
    same mark in the question or in the rest of the test.
    """
    facility = 100 * mean(marks) / most if marks and most > 0 else None
    if len(marks) < 2:
        return QuestionStatistics(facility, None, None)
    rest = [total - mark for total, mark in zip(totals, marks, strict=True)]
    variances = _variance(marks) * _variance(rest)
    if variances == 0:
        return QuestionStatistics(facility, None, None)
    together = covariance(marks, rest)
    largest = covariance(sorted(marks), sorted(rest))
    efficiency = 100 * together / largest if largest > 0 else None
    return QuestionStatistics(facility, 100 * together / sqrt(variances), efficiency)


def test_statistics(percents: Sequence[float]) -> TestStatistics:
    """The statistics of the students' results, given in per cent of the most points."""
    bins = [0] * DISTRIBUTION_BINS
    for percent in percents:
        bins[min(int(percent * DISTRIBUTION_BINS / 100), DISTRIBUTION_BINS - 1)] += 1
    return TestStatistics(
        count=len(percents),
        mean=mean(percents) if percents else None,
        deviation=sqrt(_variance(percents)) if len(percents) > 1 else None,
        distribution=tuple(bins),
    )


test_statistics.__test__ = False  # type: ignore[attr-defined]


def _variance(values: Sequence[float]) -> float:
    # Equal values have no variance at all; their rounded mean could leave a trace of one.
    return 0.0 if min(values) == max(values) else covariance(values, values)
