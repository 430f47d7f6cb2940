"""How often each option of a question was chosen, and whether its answer key is probably wrong. Pure functions.

The students are divided into an upper and a lower half by their points for the test's other questions, so that a wrong
key does not decide who is in which half.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

# With fewer results, one or two students would decide whether a question is marked.
FEWEST_RESULTS = 10


@dataclass(frozen=True)
class Choice:
    """How many students chose an option: of the upper and of the lower half, or `upper` None if there are no halves."""

    option: str
    is_right: bool
    upper: int | None
    lower: int

    def __str__(self) -> str:
        return f"{self.lower}" if self.upper is None else f"{self.upper} + {self.lower}"


@dataclass(frozen=True)
class Choices:
    """The choices of a question. `unanswered`: who chose nothing. `suspects`: the options that may be right instead.

    `others`: who gave answers that are not among `options`, where these are only the most frequent ones.
    """

    options: list[Choice]
    unanswered: Choice
    suspects: list[str]
    others: Choice | None = None


def upper_half(points: Sequence[float]) -> list[bool] | None:
    """Whether each student is in the upper half; None if all have the same points.

    Students with the same points are in the same half. Otherwise the halves are as equal as possible.
    """
    ordered = sorted(points)
    sizes = {least: len(ordered) - bisect_left(ordered, least) for least in set(ordered) - {ordered[0]}}
    if not sizes:
        return None
    least = min(sizes, key=lambda each: (abs(2 * sizes[each] - len(ordered)), -each))
    return [each >= least for each in points]


@dataclass(frozen=True)
class Halves:
    """How many students of the upper half (True) and of the lower half (False) gave each answer, in its parts.

    `are_two`: whether there are two halves. If not, all students are in the lower one.
    """

    counts: dict[bool, Counter[tuple[str, ...]]]
    are_two: bool

    @property
    def students(self) -> int:
        """How many there are."""
        return sum(counts.total() for counts in self.counts.values())

    def choice(self, option: str, is_right: bool, upper: int, lower: int) -> Choice:
        """An option that so many of each half chose."""
        return Choice(option, is_right, upper if self.are_two else None, lower)


def by_halves(answers: Sequence[Sequence[str]], others: Sequence[float]) -> Halves:
    """`answers`, `others`: what each student chose, nothing if empty, and their points for the other questions."""
    is_upper = upper_half(others) if others else None
    counts = {half: Counter[tuple[str, ...]]() for half in (True, False)}
    for place, answer in enumerate(answers):
        counts[is_upper[place] if is_upper else False][tuple(answer)] += 1
    return Halves(counts, is_upper is not None)


def count_choices(options: Sequence[str], right: Collection[str], given: Halves, *, several: bool = False) -> Choices:
    """The choices of a question. `several`: whether an answer has to have all right options.

    A question is suspect if a wrong option was chosen by more of the upper half than the right one. If several options
    have to be chosen, it is compared with the one of them that was chosen least; if several are accepted, with the one
    that was chosen most.
    """
    counts = {half: Counter[str]() for half in (True, False)}
    for half, answers in given.counts.items():
        for answer, students in answers.items():
            for option in answer or [""]:
                counts[half][option] += students

    def choice(option: str) -> Choice:
        return given.choice(option, option in right, counts[True][option], counts[False][option])

    found = [choice(option) for option in options]
    suspects: list[str] = []
    if given.are_two and given.students >= FEWEST_RESULTS and right:
        of_right = [counts[True][option] for option in right]
        enough = min(of_right) if several else max(of_right)
        suspects = [each.option for each in found if not each.is_right and counts[True][each.option] > enough]
    return Choices(found, choice(""), suspects)
