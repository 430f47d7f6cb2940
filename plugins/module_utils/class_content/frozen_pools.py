"""What a publication must not change in the pools of a test that students may have seen: it would change what is drawn.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import zip_longest

from ..documents.yaml_lines import Document, FieldPath, Problem, field_name
from ..shared.deadlines import is_announced, parse_time
from ..shared.documents import IndexEntry, Questions
from ..shared.object_keys import questions_key
from .files import ClassFiles
from .history import History, TestKey
from .pools import asked, is_pool

_STAYS = "the test has opened, so its pools must stay as they are"
_DROP = "to take a question out of the scores, use `correction: {drop: true}`"


def draws_since(entry: IndexEntry, before: IndexEntry | None, now: datetime) -> str:
    """Since when a test's pools stay as they are: since it opened for the first time, even if it opens again later.

    `before`: its entry that is published.
    """
    if before is not None and "drawsSince" in before and _is_frozen(before, now):
        return before["drawsSince"]
    return entry.get("opensAt", entry["publishedAt"])


def frozen_pool_problems(files: ClassFiles, wanted: Mapping[TestKey, Questions], history: History) -> list[Problem]:
    """What would change what is drawn in tests that have opened. The files have no other problems."""
    for key, questions in wanted.items():
        entry = history.published_entry(key)
        if entry is None or not _is_frozen(entry, history.now):
            continue
        before = history.questions.get(key)
        if "drawsSince" in entry and (before is None or "salt" not in before):
            message = (
                f"the published questions, {questions_key(*key)}, are missing or broken: without the secret in them,"
                " other questions would be drawn. Restore an older version of this object in the bucket, or give the"
                " test another ID"
            )
            files.tests[key].problem((), "", message)
        elif before is not None and ("pools" in before or "pools" in questions):
            _compare(files.tests[key], questions, before)
    return sorted(problem for test in files.tests.values() for problem in test.problems)


def _is_frozen(entry: IndexEntry, now: datetime) -> bool:
    return parse_time(entry["drawsSince"]) <= now if "drawsSince" in entry else not is_announced(entry, now)


def _compare(test: Document, questions: Questions, before: Questions) -> None:
    """Add a problem for the first question that another pool has now, or for each pool of which others are drawn."""
    pools_now = [question.get("pool", "") for question in questions["questions"]]
    pools_before = [question.get("pool", "") for question in before["questions"]]
    for number, (old, new) in enumerate(zip_longest(pools_before, pools_now), 1):
        if old != new:
            place = _place(test, min(number, len(pools_now)))
            message = f"question {number} was published {_where(old)}, and is now {_where(new)}; {_STAYS}; {_DROP}"
            test.problem(place, field_name(place), message)
            return
    picks, old_picks = questions.get("pools", {}), before.get("pools", {})
    for position, entry in enumerate(test.data["questions"]):
        if is_pool(entry) and picks[entry["pool"]] != old_picks[entry["pool"]]:
            place = ("questions", position, "pick")
            message = f"was published as {old_picks[entry['pool']]}; {_STAYS}; set it back"
            test.problem(place, field_name(place), message)


def _place(test: Document, number: int) -> FieldPath:
    return next(each.place for each in asked(test.data) if each.number == number)


def _where(pool: str | None) -> str:
    if pool is None:
        return "in no place"
    return f"in the pool {pool}" if pool else "outside every pool"
