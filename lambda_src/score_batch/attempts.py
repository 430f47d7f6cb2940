"""Which of a student's attempts have to be read to score a test: only those that can count. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from common.shared.deadlines import parse_time

if TYPE_CHECKING:
    from common.shared.documents import IndexEntry, Submission

# From the time in an attempt, at which its upload began, until it is stored: AWS Lambda stops the upload function
# after 15 s, and the clocks of two computers may differ. So of two attempts, the earlier one may have the higher
# number only if their times differ by less than this.
LONGEST_UPLOAD = timedelta(seconds=60)


def attempts_that_decide(
    test: IndexEntry, limit: datetime, numbers: Iterable[int], read: Callable[[int], Submission | None]
) -> dict[int, Submission]:
    """The attempts that `score` needs, by number: it returns the same as for all of them.

    With `attempts: "last"`, they are read from the newest backwards, otherwise from the first forwards, until it is
    known which attempt counts among those up to `limit` and which one among those after it. `read` returns None for an
    attempt that does not exist.
    """
    backwards = test["attempts"] == "last"
    found: dict[int, Submission] = {}
    sides: set[bool] = set()
    for number in sorted(numbers, reverse=backwards):
        attempt = read(number)
        if attempt is None:
            continue
        found[number] = attempt
        passed = parse_time(attempt["submittedAt"]) - limit
        sides.add(passed > timedelta(0))
        rest_is_alike = (-passed if backwards else passed) >= LONGEST_UPLOAD
        if not test["late"] or len(sides) > 1 or rest_is_alike:
            break
    return found
