"""Reads the results of a class: lists what is stored, then gets each score, or the receipt of what has none.

The content of answers is not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from cli.class_data import ClassData, stored_submissions
from cli.results.standings import Standings, Work, standings

from common.api.receipt import Receipt
from common.parallel import in_parallel
from common.shared.documents import IndexEntry
from common.shared.object_keys import answers_key, drafts_prefix, scores_prefix
from common.storage import Bucket
from common.stored_score import stored_score


def read_results(
    bucket: Bucket, data: ClassData, tests: Sequence[tuple[str, IndexEntry]], student: str | None, now: datetime
) -> list[Standings]:
    """The tests as they are now. `student`: only this one's lines. Raises StorageError."""
    subjects = sorted({subject for subject, _ in tests})
    stored = in_parallel([partial(stored_submissions, bucket, subject, student) for subject in subjects])
    drafts = in_parallel([partial(_drafts, bucket, subject, student) for subject in subjects])
    attempts_of, drafts_of = dict(zip(subjects, stored, strict=True)), dict(zip(subjects, drafts, strict=True))
    found = []
    for subject, test in tests:
        students = [each for each in data.students_of(subject) if student in (None, each["studentId"])]
        ids = [each["studentId"] for each in students]
        newest = {id: max(attempts_of[subject].get((id, test["testId"]), {0})) for id in ids}
        begun = frozenset(id for id in ids if (id, test["testId"]) in drafts_of[subject])
        found.append(standings(subject, test, students, _work(bucket, subject, test["testId"], newest, begun), now))
    return found


def _drafts(bucket: Bucket, subject: str, student: str | None) -> set[tuple[str, str]]:
    """Who has a draft of which test."""
    keys = bucket.keys(drafts_prefix(subject, student))
    return {(key.split("/")[-2], key.rsplit("/", 1)[-1].removesuffix(".json")) for key in keys}


def _work(bucket: Bucket, subject: str, test: str, newest: Mapping[str, int], begun: frozenset[str]) -> Work:
    """What students have done. `newest`: the number of each one's newest attempt, 0 if there is none."""
    stored = {key.rsplit("/", 1)[-1].removesuffix(".json") for key in bucket.keys(scores_prefix(subject, test))}
    with_score = sorted(stored & newest.keys())
    read = in_parallel([partial(stored_score, bucket, subject, test, student) for student in with_score])
    scores = {student: score for student, score in zip(with_score, read, strict=True) if score}
    unscored = [student for student, number in newest.items() if number and student not in scores]
    keys = [answers_key(subject, student, test, newest[student]) for student in unscored]
    tags = in_parallel([partial(bucket.receipt, key) for key in keys])
    receipts = {student: Receipt.from_tag(tag) for student, tag in zip(unscored, tags, strict=True)}
    return Work(receipts, scores, begun)
