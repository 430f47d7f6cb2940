"""Mail the students of one batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from common.run.ledger import Owed
from common.run.mail import Draft
from common.shared.object_keys import answer_key_key, batch_key, mails_key, notification_key, questions_key, results_key
from common.storage import Bucket
from mail_batch.delivery import Delivery
from mail_batch.letters import Letters


class MoreMails(Exception):
    """The function's time is over before its mails are. Called again, it goes on where it stopped."""


def mail_batch(
    bucket: Bucket,
    letters: Letters,
    open_delivery: Callable[[Mapping[str, Any]], Delivery],
    run_id: str,
    number: int,
) -> dict[str, Any]:
    """Mail every scored student of a batch; write `mails/<n>.json` and answer `{"batch", "sent", "pending"}`.

    A row of that file: `{"studentId", "kind", "state", "content", "lastSent"?, "reason"?}`, the states being
    those of Delivery.deliver_all. `open_delivery` is given the batch.
    A batch that was never scored has no mails. Raises MoreMails, StorageError, MailUnreachable.
    """
    batch = bucket.get_json(batch_key(run_id, number))
    results = bucket.get_json(results_key(run_id, number))
    owing = [row for row in (results or {"rows": []})["rows"] if row["status"] in {"scored", "remind"}]
    outcomes: list[dict[str, Any]] = []
    if owing:
        students = {student["studentId"]: student for student in batch["students"]}
        write = _writer(bucket, letters, batch, students)
        mails = [(*_entry(batch, row), partial(write, row)) for row in owing]
        outcomes = open_delivery(batch).deliver_all(mails)
    kind = "reminder" if batch["kind"] == "reminder" else "score"
    rows = [
        {"studentId": row["studentId"], "kind": kind, **outcome} for row, outcome in zip(owing, outcomes, strict=True)
    ]
    bucket.put_json(mails_key(run_id, number), {"rows": rows})
    states = [row["state"] for row in rows]
    if "pending" in states:
        raise MoreMails(f"{states.count('pending')} mails of batch {number} wait")
    return {"batch": number, "sent": states.count("sent"), "pending": states.count("deferred")}


def _entry(batch: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A mail's ledger key and content."""
    kind = "score" if batch["kind"] == "score" else "reminder"
    key = notification_key(kind, batch["subject"], batch["test"]["testId"], row["studentId"])
    if kind == "reminder":
        return key, {}
    return key, {"points": row["points"], "maxPoints": row["maxPoints"], "withAnswers": batch["showAnswers"]}


def _writer(
    bucket: Bucket,
    letters: Letters,
    batch: Mapping[str, Any],
    students: Mapping[str, Mapping[str, Any]],
) -> Callable[[Mapping[str, Any], Owed], Draft]:
    """The function that writes a row's mail. Reads the answer key only where answers may be shown."""
    subject, test_id = batch["subject"], batch["test"]["testId"]
    questions: list[Any] = []
    key = None
    if batch["kind"] == "score" and batch["showAnswers"]:
        questions = bucket.get_json(questions_key(subject, test_id))["questions"]
        key = bucket.get_json(answer_key_key(subject, test_id))

    def write(row: Mapping[str, Any], owed: Owed) -> Draft:
        student = students[row["studentId"]]
        if batch["kind"] == "reminder":
            return letters.reminder(batch, student)
        return letters.score(batch, student, row, owed.last_sent, questions, key)

    return write
