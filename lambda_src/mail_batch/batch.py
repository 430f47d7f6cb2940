"""Mail the students of one batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from common.run.endpoint import published_endpoint
from common.run.ledger import Owed
from common.run.mail import Draft
from common.run.sending import Mail, Outdated
from common.shared.object_keys import batch_key, mails_key, notification_key, questions_key, results_key
from common.storage import Bucket
from mail_batch.delivery import Delivery
from mail_batch.letters import Letters, RightAnswers
from mail_batch.published import Latest, Published

if TYPE_CHECKING:
    from common.shared.documents import (
        AnswerKey,
        Batch,
        MailContent,
        MailOutcome,
        MailRow,
        Questions,
        ReminderBatch,
        ResultRow,
        Results,
        ScoreBatch,
        ScoredRow,
        StudentToRemind,
    )


class MoreMails(Exception):
    """The function ran out of time before it had sent all mails. Called again, it continues where it stopped."""


class BatchMailed(TypedDict):
    """What the state machine gets. `deferred`: emails that SES did not accept for now; the next run sends them."""

    batch: int
    sent: int
    deferred: int


class StudentMail(NamedTuple):
    """A mail that a student is owed."""

    student_id: str
    mail: Mail


def mail_batch(
    bucket: Bucket,
    letters: Letters,
    open_delivery: Callable[[Batch], Delivery],
    run_id: str,
    number: int,
    monotonic: Callable[[], float],
) -> BatchMailed:
    """Mail every scored student of a batch, or tell them about their time, and write `mails/<n>.json`.

    A batch that was never scored has no mails. `monotonic` is in seconds.
    Raises MoreMails, StorageError.
    """
    batch: Batch = bucket.get_json(batch_key(run_id, number))
    results: Results | None = bucket.get_json(results_key(run_id, number))
    rows = [row for row in results["rows"] if row["status"] in {"scored", "remind"}] if results else []
    sent = _mail(bucket, letters.at(published_endpoint(bucket)), open_delivery, batch, rows, monotonic) if rows else []
    bucket.put_json(mails_key(run_id, number), {"rows": sent})
    states = [row["state"] for row in sent]
    if "pending" in states:
        raise MoreMails(f"{states.count('pending')} emails of batch {number} are still to be sent")
    return {"batch": number, "sent": states.count("sent"), "deferred": states.count("deferred")}


def _mail(
    bucket: Bucket,
    letters: Letters,
    open_delivery: Callable[[Batch], Delivery],
    batch: Batch,
    rows: Sequence[ResultRow],
    monotonic: Callable[[], float],
) -> list[MailRow]:
    """Send the mails that are still true. The rows of those that are not come last.

    Each mail is compared once more when its turn comes, for the batch may take long.
    """
    latest = Latest(bucket, batch, monotonic)
    published = latest.read()
    wrong = {row["studentId"]: reason for row in rows if (reason := published.objection(row))}
    true = [row for row in rows if row["studentId"] not in wrong]
    mails = (
        _scores(bucket, letters, batch, latest, true)
        if batch["kind"] == "score"
        else _reminders(letters, batch, latest, true)
    )
    outcomes: list[MailOutcome] = open_delivery(batch).deliver_all([mail for _, mail in mails]) if mails else []
    sent: list[MailRow] = [
        {"studentId": owed.student_id, "kind": batch["kind"], **outcome}
        for owed, outcome in zip(mails, outcomes, strict=True)
    ]
    outdated: list[MailRow] = [
        {"studentId": student, "kind": batch["kind"], "state": "outdated", "content": {}, "reason": reason}
        for student, reason in wrong.items()
    ]
    return sent + outdated


def _address(published: Published, row: ResultRow) -> str:
    """The student's present address. Raises Outdated if the row is no longer true."""
    if reason := published.objection(row):
        raise Outdated(reason)
    return published.addresses[row["studentId"]]


def _reminders(letters: Letters, batch: ReminderBatch, latest: Latest, rows: Sequence[ResultRow]) -> list[StudentMail]:
    students = {student["studentId"]: student for student in batch["students"]}

    def compose(row: ResultRow, owed: Owed) -> Draft:
        answered = row.get("answered", 0) if row["status"] == "remind" else 0
        return letters.reminder(batch, students[row["studentId"]], _address(latest.read(), row), owed, answered)

    return [
        StudentMail(
            row["studentId"],
            Mail(
                notification_key(batch["kind"], batch["subject"], batch["test"]["testId"], row["studentId"]),
                _content(students[row["studentId"]]),
                partial(compose, row),
            ),
        )
        for row in rows
    ]


def _content(student: StudentToRemind) -> MailContent:
    if "opensAt" in student:
        return {"opensAt": student["opensAt"]}
    return {"deadline": student["deadline"]}


def _scores(
    bucket: Bucket, letters: Letters, batch: ScoreBatch, latest: Latest, rows: Sequence[ResultRow]
) -> list[StudentMail]:
    subject, test_id = batch["subject"], batch["test"]["testId"]
    scored = [row for row in rows if row["status"] == "scored"]
    published = latest.read()
    test = _questions(bucket, subject, test_id) if _are_needed(scored, published) else None
    right = _right_answers(test, published)

    def compose(row: ScoredRow, owed: Owed) -> Draft:
        now = latest.read()
        address = _address(now, row)
        if right is not None and not now.show_answers:
            raise Outdated("the right answers may no longer be shown")
        return letters.score(batch["test"]["title"], address, row, owed, right, test)

    return [
        StudentMail(
            row["studentId"],
            Mail(
                notification_key("score", subject, test_id, row["studentId"]),
                {"points": row["points"], "maxPoints": row["maxPoints"], "withAnswers": right is not None},
                partial(compose, row),
            ),
        )
        for row in scored
    ]


def _are_needed(scored: Sequence[ScoredRow], published: Published) -> bool:
    """Whether an email names one of the test's questions."""
    return bool(scored) and (published.show_answers or any("draft" in row for row in scored))


def _questions(bucket: Bucket, subject: str, test_id: str) -> Questions | None:
    questions: Questions | None = bucket.get_json(questions_key(subject, test_id))
    return questions


def _right_answers(test: Questions | None, published: Published) -> RightAnswers | None:
    if test is None or published.answer_key is None or not published.show_answers:
        return None
    key: AnswerKey = json.loads(published.answer_key)
    return RightAnswers(test, key)
