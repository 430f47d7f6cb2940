"""All tests of the class, and how many students have begun and submitted each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

from class_view.kept import Kept
from class_view.roster import Part
from class_view.work import Status, Work, status, takes_part, work_in
from common.index import LONGEST_KEPT, published_tests
from common.shared import probe
from common.shared.deadlines import parse_time
from common.shared.object_keys import SUBJECTS, is_index_key
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import Index, IndexEntry

# How old the counts may be: of a subject in which somebody still has time, and of one in which all time is over.
LIVE = timedelta(seconds=10)
SETTLED = timedelta(minutes=5)


class CountedTest(TypedDict):
    """A test in the answer to `GET /v1/class`. `lastDeadline`: when the last student's time ends.

    `opensAt`: None if it has been open since it was published.

    `enrolled`, `begun`, `submitted`: of the part of the class that the answer is about. Whoever has submitted has not
    only begun.
    """

    subjectName: str
    subjectTitle: str
    testId: str
    title: str
    questionCount: int
    opensAt: str | None
    closesAt: str
    lastDeadline: str
    enrolled: int
    begun: int
    submitted: int


def subject_names(bucket: Bucket, kept: Kept, now: datetime) -> list[str]:
    """The published subjects, without that of a check of the deployment. Raises StorageError."""
    names: list[str] | None = kept.get(SUBJECTS, now, LONGEST_KEPT)
    if names is None:
        found = [key.split("/")[1] for key in bucket.keys(SUBJECTS) if is_index_key(key)]
        names = [name for name in found if name != probe.SUBJECT]
        kept.put(SUBJECTS, now, names)
    return names


def counted_tests(
    bucket: Bucket, kept: Kept, roster_tag: str | None, part: Part, indexes: Sequence[Index], now: datetime
) -> list[CountedTest]:
    """The tests of these subjects, the nearest deadline first. Raises StorageError."""
    names = [(index["subjectName"], part.after, roster_tag, json.dumps(index)) for index in indexes]
    lives = [LIVE if _is_live(index, now) else SETTLED for index in indexes]
    counts = [kept.get(name, now, life) for name, life in zip(names, lives, strict=True)]
    unknown = [place for place, known in enumerate(counts) if known is None]
    work = work_in(bucket, [indexes[place]["subjectName"] for place in unknown], part)
    for place in unknown:
        counts[place] = _counts(work, indexes[place], part, now)
        kept.put(names[place], now, counts[place])
    tests = [
        _counted(index, entry, count)
        for index, known in zip(indexes, counts, strict=True)
        for entry, count in zip(index["tests"], known, strict=True)
    ]
    return sorted(tests, key=lambda test: (test["closesAt"], test["subjectName"], test["testId"]))


def _is_live(index: Index, now: datetime) -> bool:
    """Whether somebody may still submit something. An upload that was accepted may take a while."""
    ends = (parse_time(entry["lastDeadline"]) for entry in published_tests(index))
    return any(now <= end + SETTLED for end in ends)


def _counts(work: Work, index: Index, part: Part, now: datetime) -> list[Counter[Status]]:
    """For each test, how many students have each status."""
    subject = index["subjectName"]
    return [
        Counter(
            status(work, student, subject, entry, now)
            for student in part.students
            if takes_part(student, subject, entry)
        )
        for entry in index["tests"]
    ]


def _counted(index: Index, entry: IndexEntry, counts: Counter[Status]) -> CountedTest:
    return {
        "subjectName": index["subjectName"],
        "subjectTitle": index["title"],
        "testId": entry["testId"],
        "title": entry["title"],
        "questionCount": entry["questionCount"],
        "opensAt": entry.get("opensAt"),
        "closesAt": entry["closesAt"],
        "lastDeadline": entry["lastDeadline"],
        "enrolled": counts.total(),
        "begun": counts["begun"],
        "submitted": counts["submitted"],
    }
