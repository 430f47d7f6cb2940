"""Which of a student's attempts at a test are stored."""

from __future__ import annotations

from common.shared.object_keys import answers_prefix, attempt_of
from common.storage import Bucket


def stored_attempts(bucket: Bucket, subject: str, student: str, test: str) -> set[int]:
    """The numbers of the attempts. It takes a LIST, which costs as much as twelve reads of an object."""
    found = map(attempt_of, bucket.keys(answers_prefix(subject, student) + test))
    return {number for name, number in found if name == test}
