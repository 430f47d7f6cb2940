"""The reviews that a run releases: what students are shown of a test once its right answers may be shown."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from common.index import published_test
from common.parallel import in_parallel
from common.run.own_times import answers_may_be_shown, own_times, read_roster
from common.run.review import review
from common.shared.canonical_json import canonical_json
from common.shared.deadlines import parse_time
from common.shared.object_keys import review_key, roster_key
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import Index, ResultRow, Review, Score, ScoreBatch


def releases_for(bucket: Bucket, batch: ScoreBatch, index: Index | None) -> str | None:
    """The test's `lastDeadline` if the right answers may be shown; None if not.

    What is published may have changed since the plan: somebody who was given more time may be in the roster before
    the index says so.
    """
    entry = published_test(index, batch["test"]["testId"])
    if entry is None or not batch["showAnswers"]:
        return None
    roster = roster_key(batch["subject"])
    if entry != batch["test"] or bucket.etag(roster) != batch["rosterTag"]:
        everybody = read_roster(bucket.get_bytes(roster) or b"")
        students = [student for student in everybody if batch["subject"] in student["subjects"]]
        times = own_times(batch["subject"], entry, students)
        if not answers_may_be_shown(entry, times, parse_time(batch["certainAt"])):
            return None
    return entry["lastDeadline"]


def write_reviews(
    bucket: Bucket, questions: bytes | None, key: bytes | None, rows: Iterable[ResultRow], last_deadline: str
) -> None:
    """Write the review of each student who was scored. `questions`, `key`: the published objects."""
    scored = [row for row in rows if row["status"] == "scored"]
    if not scored or questions is None or key is None:
        return
    test, answer_key = json.loads(questions), json.loads(key)
    in_parallel([partial(_store, bucket, review(test, answer_key, row, last_deadline)) for row in scored])


def _store(bucket: Bucket, written: Review) -> None:
    store_unless_same(bucket, review_key(written["subjectName"], written["testId"], written["studentId"]), written)


def store_unless_same(bucket: Bucket, key: str, value: Score | Review) -> None:
    """Write an object unless the same bytes are stored already: a repeated run does not make a second version."""
    if not bucket.create_json(key, value) and bucket.get_bytes(key) != canonical_json(value):
        bucket.put_json(key, value)
