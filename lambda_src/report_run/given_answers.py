"""The most frequent answers to a question without options to choose from, and whether one is probably right instead.

Pure functions. Answers that mean the same count as one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence

from report_run.choices import FEWEST_RESULTS, Choice, Choices, upper_half

MOST_SHOWN = 10
# One student's slip says nothing about the key.
FEWEST_ALIKE = 2


def count_given(
    answers: Sequence[str | None],
    others: Sequence[float],
    meaning: Callable[[str], Hashable],
    is_right: Callable[[str], bool],
) -> Choices:
    """The answers that were given most, each as most students wrote it.

    `answers`, `others`: what each student answered, None if nothing, and their points for the other questions.
    `meaning`: what is the same for answers that mean the same, which are all right or all wrong.

    A question is suspect if a wrong answer was given by more of the upper half than all right ones together, and by at
    least `FEWEST_ALIKE` of it.
    """
    is_upper = upper_half(others) if others else None
    spellings: defaultdict[Hashable, Counter[str]] = defaultdict(Counter)
    counts = {half: Counter[Hashable]() for half in (True, False)}
    for place, answer in enumerate(answers):
        same = None if answer is None else meaning(answer)
        counts[is_upper[place] if is_upper else False][same] += 1
        if answer is not None:
            spellings[same][answer] += 1
    written = {same: min(found, key=lambda each: (-found[each], each)) for same, found in spellings.items()}
    ordered = sorted(written, key=lambda same: (-spellings[same].total(), written[same]))
    right = {same for same in ordered if is_right(written[same])}

    def choice(option: str, same: Sequence[Hashable]) -> Choice:
        upper, lower = (sum(counts[half][each] for each in same) for half in (True, False))
        return Choice(option, bool(right.intersection(same)), upper if is_upper else None, lower)

    shown, rest = ordered[:MOST_SHOWN], ordered[MOST_SHOWN:]
    suspects: list[str] = []
    if is_upper and len(answers) >= FEWEST_RESULTS:
        enough = max(sum(counts[True][same] for same in right), FEWEST_ALIKE - 1)
        suspects = [written[same] for same in shown if same not in right and counts[True][same] > enough]
    found = [choice(written[same], [same]) for same in shown]
    return Choices(found, choice("", [None]), suspects, choice("", rest) if rest else None)
