"""What the students have done, from the names of objects. Nobody's answers are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain, takewhile
from typing import TYPE_CHECKING, Literal

from class_view.roster import Part
from common.parallel import in_parallel
from common.shared.deadlines import accepted_until, owes, own_deadline
from common.shared.object_keys import answers_prefix, attempt_of, drafts_prefix
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import IndexEntry, RosterEntry

Status = Literal["open", "begun", "submitted", "scored", "missing"]


# A student, a subject and a test.
Done = tuple[str, str, str]


@dataclass(frozen=True)
class Work:
    """By student, subject and test: the number of the newest attempt, and whether there is a draft."""

    attempts: dict[Done, int] = field(default_factory=lambda: defaultdict(int))
    drafts: set[Done] = field(default_factory=set)


def work_in(bucket: Bucket, subjects: Sequence[str], part: Part) -> Work:
    """What a part of the class has done in these subjects. Raises StorageError.

    One LIST for each thousand names under `answers/` and `drafts/`.
    """
    return _work(
        [partial(_names, bucket, answers_prefix(subject), part) for subject in subjects],
        [partial(_names, bucket, drafts_prefix(subject), part) for subject in subjects],
    )


def work_of(bucket: Bucket, subjects: Sequence[str], student: str) -> Work:
    """What one student has done in these subjects. Raises StorageError."""
    everybody = Part((), None, None)
    return _work(
        [partial(_names, bucket, answers_prefix(subject, student), everybody) for subject in subjects],
        [partial(_names, bucket, drafts_prefix(subject, student), everybody) for subject in subjects],
    )


def takes_part(student: RosterEntry, subject: str, entry: IndexEntry) -> bool:
    """Whether a student is enrolled in a subject and was so early enough to owe the test."""
    return subject in student["subjects"] and owes(student, subject, entry["testId"], _end(student, subject, entry))


def status(work: Work, student: RosterEntry, subject: str, entry: IndexEntry, now: datetime) -> Status:
    """Where a student stands with a test, before its score is looked for.

    `begun`: a draft is stored. `missing`: the student's time is over and nothing was handed in.
    """
    done = student["studentId"], subject, entry["testId"]
    if done in work.attempts:
        return "submitted"
    if now > _end(student, subject, entry):
        return "missing"
    return "begun" if done in work.drafts else "open"


def _end(student: RosterEntry, subject: str, entry: IndexEntry) -> datetime:
    return accepted_until(entry, own_deadline(entry, subject, student["deadlines"]))


def _names(bucket: Bucket, prefix: str, part: Part) -> list[str]:
    """The keys under a subject's prefix that belong to a part of the class."""
    # `~` comes after every character that the rest of a key can begin with.
    keys = bucket.keys(prefix, f"{prefix}{part.after}/~" if part.after else "")
    if part.next is None:
        return list(keys)
    end = f"{prefix}{part.next}/~"
    return list(takewhile(lambda key: key < end, keys))


def _work(answers: Sequence[Callable[[], list[str]]], drafts: Sequence[Callable[[], list[str]]]) -> Work:
    listed = in_parallel([*answers, *drafts])
    work = Work()
    for key in chain.from_iterable(listed[: len(answers)]):
        done, number = _done(key)
        work.attempts[done] = max(number, work.attempts[done])
    work.drafts.update(_done(key)[0] for key in chain.from_iterable(listed[len(answers) :]))
    return work


def _done(key: str) -> tuple[Done, int]:
    """What a key such as `answers/<subject>/<studentId>/<testId>~2.json` says, and the number of the attempt."""
    _, subject, student, _ = key.split("/")
    test, number = attempt_of(key)
    return (student, subject, test), number
