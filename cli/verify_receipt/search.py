"""Finds the submission that a receipt was issued for. The content of answers is not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from cli.class_data import ClassData

from common.api.receipt import Receipt, place_digits
from common.attempts import stored_attempts
from common.parallel import in_parallel
from common.shared.documents import Score
from common.shared.object_keys import ANSWERS, SCORES, answers_key, attempt_of
from common.storage import Bucket
from common.stored_score import stored_score

# How many tags are read before the search looks whether it is over.
_TAGS_AT_A_TIME = 1000


class Place(NamedTuple):
    """Where a student's attempts at a test are stored."""

    subject: str
    student: str
    test: str


@dataclass(frozen=True)
class Found:
    """A submission: the attempt `number` among the student's `attempts`, of each of which this is the receipt."""

    place: Place
    number: int
    attempts: dict[int, Receipt]

    @property
    def receipt(self) -> Receipt:
        """The receipt that was looked for."""
        return self.attempts[self.number]


def find(bucket: Bucket, data: ClassData, receipt: str, show: Callable[[str], None]) -> Found | None:
    """The submission with this receipt, or None. `show` is told of a long search. Raises StorageError.

    The receipt itself says which of the class's students and tests it can be for, so only their attempts are looked at.
    If it is not there, everything that is stored is searched: the student or the test was removed, or an earlier
    version, whose receipts say nothing, has issued it.
    """
    for place in _places(data):
        if place_digits(*place) == _digits(receipt):
            found = _found_at(bucket, place, receipt)
            if found is not None:
                return found
    return _found_anywhere(bucket, receipt, show)


def find_draft(bucket: Bucket, receipt: str) -> Score | None:
    """The score of the draft that was handed in with this receipt, or None. Raises StorageError.

    The keys of all scores are listed, and only those that the receipt can be for are read.
    """
    for key in bucket.keys(SCORES):
        _, subject, test, file = key.split("/")
        student = file.removesuffix(".json")
        if place_digits(subject, student, test) == _digits(receipt):
            score = stored_score(bucket, subject, test, student)
            if score and score["receiptId"] == receipt:
                return score
    return None


def _digits(receipt: str) -> str:
    return receipt.rpartition("-")[2][:8]


def _places(data: ClassData) -> Iterator[Place]:
    for subject, test in data.tests:
        for student in data.students_of(subject):
            yield Place(subject, student["studentId"], test["testId"])


def _found_at(bucket: Bucket, place: Place, receipt: str) -> Found | None:
    numbers = sorted(stored_attempts(bucket, *place))
    receipts = _receipts(bucket, [answers_key(*place, number) for number in numbers])
    attempts = {number: each for number, each in zip(numbers, receipts, strict=True) if each}
    return next((Found(place, number, attempts) for number, each in attempts.items() if each.id == receipt), None)


def _found_anywhere(bucket: Bucket, receipt: str, show: Callable[[str], None]) -> Found | None:
    """Reads the tags of all submissions, first those of the students and tests that the receipt can be for."""

    def cannot_be_for(key: str) -> bool:
        return place_digits(*_place_of(key)) != _digits(receipt)

    keys = sorted(bucket.keys(ANSWERS), key=cannot_be_for)
    show(f"searching {len(keys):,} submissions, with a request for each")
    for start in range(0, len(keys), _TAGS_AT_A_TIME):
        some = keys[start : start + _TAGS_AT_A_TIME]
        for key, each in zip(some, _receipts(bucket, some), strict=True):
            if each and each.id == receipt:
                return _found_at(bucket, _place_of(key), receipt)
    return None


def _receipts(bucket: Bucket, keys: Sequence[str]) -> list[Receipt | None]:
    tags = in_parallel([partial(bucket.receipt, key) for key in keys])
    return [Receipt.from_tag(tag) for tag in tags]


def _place_of(key: str) -> Place:
    _, subject, student, _ = key.split("/")
    return Place(subject, student, attempt_of(key)[0])
