"""The most frequent answers to a question without options to choose from, and whether one is probably right instead.

Pure functions. Answers that mean the same count as one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable

from report_run.choices import FEWEST_RESULTS, Choices, Halves

MOST_SHOWN = 10
# One student's slip says nothing about the key.
FEWEST_ALIKE = 2


def count_given(given: Halves, meaning: Callable[[str], Hashable], is_right: Callable[[str], bool]) -> Choices:
    """The answers that were given most, each as most students wrote it.

    `given`: answers with one part, or none. `meaning`: what is the same for answers that mean the same, which are all
    right or all wrong.

    A question is suspect if a wrong answer was given by more of the upper half than all right ones together, and by at
    least `FEWEST_ALIKE` of it.
    """
    spellings: defaultdict[Hashable, Counter[str]] = defaultdict(Counter)
    counts = {half: Counter[Hashable]() for half in (True, False)}
    for half, answers in given.counts.items():
        for (answer,), students in ((each, count) for each, count in answers.items() if each):
            same = meaning(answer)
            spellings[same][answer] += students
            counts[half][same] += students
    written = {same: min(found, key=lambda each: (-found[each], each)) for same, found in spellings.items()}
    ordered = sorted(written, key=lambda same: (-spellings[same].total(), written[same]))
    right = {same for same in ordered if is_right(written[same])}
    shown, rest = ordered[:MOST_SHOWN], ordered[MOST_SHOWN:]
    found = [given.choice(written[same], same in right, counts[True][same], counts[False][same]) for same in shown]
    others = given.choice("", False, *(sum(counts[half][same] for same in rest) for half in (True, False)))
    unanswered = given.choice("", False, given.counts[True][()], given.counts[False][()])
    suspects: list[str] = []
    if given.are_two and given.students >= FEWEST_RESULTS:
        enough = max(sum(counts[True][same] for same in right), FEWEST_ALIKE - 1)
        suspects = [written[same] for same in shown if same not in right and counts[True][same] > enough]
    return Choices(found, unanswered, suspects, others if rest else None)
