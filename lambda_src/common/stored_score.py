"""The score that a run has stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.errors import BrokenObject
from common.shared.object_keys import score_key
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import Score


def stored_score(bucket: Bucket, subject: str, test: str, student: str) -> Score | None:
    """A student's score; None if there is none or it is broken: the next run writes it again. Raises StorageError."""
    try:
        score: Score | None = bucket.get_json(score_key(subject, test, student))
    except BrokenObject:
        return None
    return score
