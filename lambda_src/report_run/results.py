"""What a run found out about one test, read from the run's files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

from common.parallel import in_parallel
from common.run.failures import failure_of
from common.shared.mail_counts import waiting
from common.shared.object_keys import batch_key, failure_keys, mails_key, results_key
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import AnswerParts, Batch, Mails, Points, ResultRow, Results

# Between an item and the option for it.
PAIR = ":"


class Row(NamedTuple):
    """An enrolled student's line in the gradebook.

    `marks`: the points of each question, before lateness; None if the student did not get it. `answers`: the parts of
    each answer, which are options, what was typed, or pairs such as `1:b`. `detail`: until when a student whose row is
    `open` has time; why scoring `failed`. `email`: only of a student who is `missing`.
    `handed_in`: whether it is a draft that was handed in automatically; `left_out`: its answers that did not fit.
    """

    student_id: str
    name: str
    status: str
    points: Points | None = None
    max_points: Points | None = None
    late: bool = False
    submitted_at: str = ""
    marks: tuple[Points | None, ...] = ()
    detail: str = ""
    key_version: str = ""
    questions_tag: str = ""
    answers: tuple[tuple[str, ...], ...] = ()
    email: str = ""
    handed_in: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def percent(self) -> float | None:
        """Of the most points; None if there is no score or nothing to score."""
        return 100 * self.points / self.max_points if self.points is not None and self.max_points else None


class Problem(NamedTuple):
    """Something the trainer has to know. `student_id`: empty if it concerns more than one student."""

    kind: str
    student_id: str
    reason: str


class Change(NamedTuple):
    """A student whose score differs from the one that the last email gave."""

    student_id: str
    before: tuple[Points, Points]
    after: tuple[Points, Points]


@dataclass
class MailResults:
    """What became of a test's mails: how many are in each state, what went wrong, whose score changed.

    `deferred`: why emails were left to the next run, and how many for each reason.
    """

    states: Counter[str] = field(default_factory=Counter)
    deferred: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        """Mails that the next run sends."""
        return waiting(self.states)

    @property
    def unfinished(self) -> int:
        """Mails that the next run has to look after: those that wait, and those another run was sending."""
        return self.waiting + self.states["elsewhere"]

    @property
    def untold(self) -> int:
        """Mails that were not sent, so that the next run has to look at them: also those that were no longer true."""
        return self.unfinished + self.states["outdated"]

    @property
    def deferrals(self) -> list[str]:
        """Why emails were left to the next run: a line for each reason, however many emails and tests it concerns."""
        return [
            f"{count} email{'s' if count != 1 else ''} left to the next run: {reason}"
            for reason, count in sorted(self.deferred.items())
        ]

    def add(self, other: MailResults) -> None:
        """Add another batch's mails."""
        self.states.update(other.states)
        self.deferred.update(other.deferred)
        self.problems += other.problems
        self.changes += other.changes


class Found(NamedTuple):
    """The rows of batches. `released_for`: the `lastDeadline` of their reviews; None if some were not written."""

    rows: list[Row]
    released_for: str | None


def read_rows(bucket: Bucket, run_id: str, batches: Sequence[int], numbers: Sequence[str]) -> Found:
    """The rows of all batches. `numbers`: the test's questions, in order.

    If a batch has no results, scoring it failed for good: each of its students gets a failed row with the reason.
    """
    parts = in_parallel([partial(_batch_rows, bucket, run_id, batch, numbers) for batch in batches])
    releases = {part.released_for for part in parts}
    return Found([row for part in parts for row in part.rows], releases.pop() if len(releases) == 1 else None)


def read_mails(bucket: Bucket, run_id: str, batches: Sequence[int]) -> MailResults:
    """What became of the mails of all batches. If mailing a batch was interrupted, its mails are pending."""
    mails = MailResults()
    for part in in_parallel([partial(_batch_mails, bucket, run_id, batch) for batch in batches]):
        mails.add(part)
    return mails


def _batch_rows(bucket: Bucket, run_id: str, number: int, questions: Sequence[str]) -> Found:
    results: Results | None = bucket.get_json(results_key(run_id, number))
    if results is not None:
        rows = [_row(row, questions) for row in results["rows"]]
        return Found(_with_addresses(bucket, run_id, number, rows), results.get("releasedFor"))
    reason = failure_of(bucket, failure_keys(run_id, number)[0])
    batch: Batch = bucket.get_json(batch_key(run_id, number))
    rows = [
        Row(student["studentId"], student["name"], "failed", detail=f"batch {number} failed: {reason}")
        for student in batch["students"]
    ]
    return Found(rows, None)


def _with_addresses(bucket: Bucket, run_id: str, number: int, rows: list[Row]) -> list[Row]:
    """The rows of a batch, with the addresses of the students who are missing: the trainer writes to them."""
    if not any(row.status == "missing" for row in rows):
        return rows
    batch: Batch = bucket.get_json(batch_key(run_id, number))
    addresses = {student["studentId"]: student["email"] for student in batch["students"]}
    return [row._replace(email=addresses[row.student_id]) if row.status == "missing" else row for row in rows]


def _row(row: ResultRow, questions: Sequence[str]) -> Row:
    if row["status"] == "scored":
        return Row(
            row["studentId"],
            row["name"],
            "scored",
            row["points"],
            row["maxPoints"],
            row["late"],
            row["submittedAt"],
            tuple(row["questions"][number]["points"] if number in row["questions"] else None for number in questions),
            key_version=row["keyVersion"],
            questions_tag=row["questionsTag"],
            answers=tuple(
                _shared(_parts(row["questions"][number]["answer"])) if number in row["questions"] else ()
                for number in questions
            ),
            handed_in="draft" in row,
            left_out=tuple(row["draft"]["leftOut"]) if "draft" in row else (),
        )
    detail = row["until"] if row["status"] == "open" else row["reason"] if row["status"] == "failed" else ""
    return Row(row["studentId"], row["name"], row["status"], detail=detail)


def _parts(answer: AnswerParts) -> tuple[str, ...]:
    if isinstance(answer, dict):
        return tuple(f"{item}{PAIR}{option}" for item, option in answer.items())
    return tuple(answer)


@lru_cache(65_536)
def _shared(answer: tuple[str, ...]) -> tuple[str, ...]:
    """The same answer as one object: even of what is typed, a large class gives most answers more than once."""
    return answer


def _batch_mails(bucket: Bucket, run_id: str, number: int) -> MailResults:
    stored: Mails | None = bucket.get_json(mails_key(run_id, number))
    if stored is None or not stored["rows"]:
        return _cut_off(bucket, run_id, number)
    outdated = Counter(row.get("reason", "") for row in stored["rows"] if row["state"] == "outdated")
    mails = MailResults(
        problems=[Problem("emails outdated", "", f"{count} not sent: {reason}") for reason, count in outdated.items()]
    )
    for row in stored["rows"]:
        state, before, content = row["state"], row.get("lastSent"), row["content"]
        is_score = row["kind"] == "score"
        mails.states[state] += 1
        if state == "deferred":
            mails.deferred[row.get("reason", "no reason was recorded")] += 1
        if state in {"uncertain", "rejected"}:
            mails.problems.append(Problem(f"{row['kind']} email {state}", row["studentId"], row.get("reason", "")))
        if is_score and before and (before["points"], before["maxPoints"]) != (content["points"], content["maxPoints"]):
            mails.changes.append(
                Change(
                    row["studentId"],
                    (before["points"], before["maxPoints"]),
                    (content["points"], content["maxPoints"]),
                )
            )
    return mails


def _cut_off(bucket: Bucket, run_id: str, number: int) -> MailResults:
    """The mails of a batch of which no mail has a record: scoring or mailing it failed, or nobody was to be mailed."""
    results: Results | None = bucket.get_json(results_key(run_id, number))
    scoring_failure, mailing_failure = failure_keys(run_id, number)
    if results is None:
        owed, failure = _never_reminded(bucket, run_id, number), scoring_failure
    else:
        owed, failure = sum(row["status"] in {"scored", "remind"} for row in results["rows"]), mailing_failure
    if not owed:
        return MailResults()
    reason = f"batch {number} failed: {failure_of(bucket, failure)}"
    return MailResults(Counter(pending=owed), problems=[Problem("emails pending", "", reason)])


def _never_reminded(bucket: Bucket, run_id: str, number: int) -> int:
    """How many students a batch without results should have told of their time. Those to score have failed rows."""
    batch: Batch = bucket.get_json(batch_key(run_id, number))
    return 0 if batch["kind"] == "score" else len(batch["students"])
