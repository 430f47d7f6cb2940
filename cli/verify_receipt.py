"""Whose a receipt is, and what became of the submission, for bin/verify-receipt.sh.

A receipt's ID is random and is stored only with its submission, so every submission has to be looked at: in its tag,
not in its content. That takes a request for each, 16 at a time, until the receipt is found.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from cli.class_data import ClassData, read_class, stage_bucket
from cli.command import Parser, errors_as_messages
from cli.elapsed import elapsed_seconds_shown
from cli.parameter import parameter

from common.api.receipt import Receipt
from common.attempts import stored_attempts
from common.errors import BrokenObject
from common.index import published_test
from common.parallel import in_parallel
from common.run.own_times import OwnTimes, own_times
from common.shared.deadlines import format_time, parse_time
from common.shared.documents import IndexEntry, Score
from common.shared.ids import test_name
from common.shared.object_keys import ANSWERS, answers_key, attempt_of, score_key
from common.storage import Bucket

PROGRAM = "verify-receipt.sh"
UNKNOWN = 3
_RECEIPT = re.compile(r"R-[0-9a-f]{16}")
# After so many submissions, it is looked whether the receipt has been found.
_AT_A_TIME = 1000


class Submitted(NamedTuple):
    """A stored submission and its receipt."""

    subject: str
    student: str
    test: str
    attempt: int
    receipt: Receipt


def find(bucket: Bucket, receipt_id: str, show: Callable[[str], None]) -> Submitted | None:
    """The submission with this receipt, or None. Raises StorageError."""
    keys = list(bucket.keys(ANSWERS))
    show(f"searching {len(keys):,} submissions, with a request for each")
    for start in range(0, len(keys), _AT_A_TIME):
        some = keys[start : start + _AT_A_TIME]
        receipts = map(Receipt.from_tag, in_parallel([partial(bucket.receipt, key) for key in some]))
        for key, receipt in zip(some, receipts, strict=True):
            if receipt is not None and receipt.id == receipt_id:
                _, subject, student, _ = key.split("/")
                return Submitted(subject, student, *attempt_of(key), receipt)
    return None


def described(bucket: Bucket, data: ClassData, found: Submitted) -> str:
    """What is known of a submission, a line each. Raises StorageError."""
    subject, student_id, test_id, attempt, receipt = found
    student = next((each for each in data.roster if each["studentId"] == student_id), None)
    test = published_test(data.indexes.get(subject), test_id)
    title = f": {test['title']}" if test else " (not published)"
    own = own_times(subject, test, [student]) if test and student and subject in student["subjects"] else []
    name = student["name"] if student else "not in the published class"
    lines = [
        f"receipt:   {receipt.id}",
        f"student:   {student_id} ({name})",
        f"test:      {test_name(subject, test_id)}{title}",
        f"submitted: {receipt.submitted_at} by the server's clock, attempt {attempt}",
        f"on time:   {_punctuality(receipt, test, own)}",
        f"counts:    {_counts(bucket, found, test, own)}",
    ]
    return "\n".join(lines)


def _punctuality(receipt: Receipt, test: IndexEntry | None, own: Sequence[OwnTimes]) -> str:
    if not test or not own:
        return "accepted by the server; the student does not take this test as the class is published now"
    until = own[0].on_time_until
    if parse_time(receipt.submitted_at) <= until:
        return f"yes, the student had time until {format_time(until)}"
    if test["late"]:
        credit = test["late"]["credit"]
        return f"no, the student had time until {format_time(until)}; late work earns {credit} of its points"
    return f"accepted by the server, which counts; the deadline is now {format_time(until)}"


def _counts(bucket: Bucket, found: Submitted, test: IndexEntry | None, own: Sequence[OwnTimes]) -> str:
    """Whether it is the submission that counts: by the score or, before there is one, by the rules of the test."""
    score = _score(bucket, found)
    if score is not None:
        points = f"{score['points']} of {score['maxPoints']} points"
        if score["receiptId"] == found.receipt.id:
            return f"yes, it was scored: {points}"
        return f"no, attempt {score['attempt']} was scored (receipt {score['receiptId']}): {points}"
    if not test or not own:
        return "it has not been scored"
    return _would_count(bucket, found, test, own[0])


def _score(bucket: Bucket, found: Submitted) -> Score | None:
    try:
        score: Score | None = bucket.get_json(score_key(found.subject, found.test, found.student))
    except BrokenObject:
        return None
    return score


def _would_count(bucket: Bucket, found: Submitted, test: IndexEntry, own: OwnTimes) -> str:
    """Not scored yet: of the attempts on time, the first or the last counts, and late ones only if they earn more."""
    numbers = sorted(stored_attempts(bucket, found.subject, found.student, found.test))
    keys = [answers_key(found.subject, found.student, found.test, number) for number in numbers]
    receipts = map(Receipt.from_tag, in_parallel([partial(bucket.receipt, key) for key in keys]))
    times = {number: parse_time(each.submitted_at) for number, each in zip(numbers, receipts, strict=True) if each}
    on_time = [number for number, time in times.items() if not test["late"] or time <= own.on_time_until]
    late = [number for number in times if number not in on_time]
    which = -1 if test["attempts"] == "last" else 0
    chosen = on_time[which] if on_time else None
    if found.attempt == chosen:
        if late:
            return "it has not been scored yet; it counts unless the late attempt earns more"
        return "it has not been scored yet; as things are, it is the one that counts"
    if late and found.attempt == late[which]:
        condition = "if it earns more than the one on time, although late" if on_time else "late: none was on time"
        return f"it has not been scored yet; it counts {condition}"
    return f"it has not been scored yet; as things are, attempt {chosen or late[which]} counts instead"


def main() -> None:
    """Run the command. Exit codes: 0 found, 1 error, 2 wrong usage, 3 there is no such receipt."""
    parser = Parser(PROGRAM)
    parser.add_argument("receipt")
    options = parser.parse_args()
    if not _RECEIPT.fullmatch(options.receipt):
        parser.error(f"'{options.receipt}' is not a receipt: R- and 16 digits or letters a to f")
    with errors_as_messages(PROGRAM):
        bucket = stage_bucket(options.stage or parameter("stage"))
        data = read_class(bucket)
        with elapsed_seconds_shown():
            found = find(bucket, options.receipt, lambda text: print(text, file=sys.stderr))
        if found is None:
            print(f"{PROGRAM}: no stored submission has the receipt {options.receipt}", file=sys.stderr)
            sys.exit(UNKNOWN)
        print(described(bucket, data, found))


if __name__ == "__main__":
    main()
