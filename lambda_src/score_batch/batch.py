"""Score the students of one batch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from common.errors import BrokenObject
from common.parallel import in_parallel
from common.shared.canonical_json import canonical_json, key_version
from common.shared.object_keys import (
    answer_key_key,
    answers_key,
    answers_prefix,
    attempt_of,
    batch_key,
    questions_key,
    results_key,
    score_key,
)
from common.storage import Bucket
from score_batch.scoring import BrokenAnswerKey, BrokenAnswers, check_key, score


class BatchMissing(Exception):
    """The run has no such batch."""


def score_batch(bucket: Bucket, run_id: str, number: int) -> dict[str, Any]:
    """Score a batch, write its scores and its result rows; how many rows, and how many failed.

    A row: `{"studentId", "name", "status", ...}`, where `status` is

    - `scored`, with all of the score object's fields;
    - `missing`: their time is over and nothing was submitted;
    - `open`, with `until`: they still have time (or a right to submit late);
    - `failed`, with `reason`: there is a submission, or a test, that cannot be scored;
    - `remind` or `submitted` in a batch of reminders.

    Raises StorageError where S3 fails: the whole batch is to be tried again.
    """
    batch = bucket.get_json(batch_key(run_id, number))
    if batch is None:
        raise BatchMissing(f"run {run_id} has no batch {number}")
    row = partial(_reminder_row, bucket, batch) if batch["kind"] == "reminder" else _scoring_row(bucket, batch)
    rows = in_parallel([partial(row, student) for student in batch["students"]])
    bucket.put_json(results_key(run_id, number), {"rows": rows})
    return {"batch": number, "rows": len(rows), "failed": sum(r["status"] == "failed" for r in rows)}


def _scoring_row(bucket: Bucket, batch: Mapping[str, Any]) -> Any:
    """The function that makes a student's row; one that fails every row where the test itself is broken."""
    subject, test_id = batch["subject"], batch["test"]["testId"]
    questions_bytes = bucket.get_bytes(questions_key(subject, test_id))
    key_bytes = bucket.get_bytes(answer_key_key(subject, test_id))
    for what, content in (("questions", questions_bytes), ("answer key", key_bytes)):
        if content is None:
            return partial(_failed_row, f"the test's {what} is missing: publish the class again")
    assert questions_bytes is not None and key_bytes is not None  # noqa: S101 - tells mypy what the loop made sure of
    try:
        questions = json.loads(questions_bytes)["questions"]
        key = json.loads(key_bytes)
        check_key(questions, key)
    except (ValueError, KeyError, TypeError):
        return partial(_failed_row, "the test's questions or answer key is broken: publish the class again")
    except BrokenAnswerKey as error:
        return partial(_failed_row, f"{error}: publish the class again")
    version = key_version(key_bytes)
    return partial(_student_row, bucket, batch, questions, key, version)


def _failed_row(reason: str, student: Mapping[str, Any]) -> dict[str, Any]:
    return {"studentId": student["studentId"], "name": student["name"], "status": "failed", "reason": reason}


def _student_row(
    bucket: Bucket,
    batch: Mapping[str, Any],
    questions: list[Any],
    key: Mapping[str, Any],
    version: str,
    student: Mapping[str, Any],
) -> dict[str, Any]:
    subject, test = batch["subject"], batch["test"]
    who = {"studentId": student["studentId"], "name": student["name"]}
    if not student["over"]:
        return {**who, "status": "open", "until": student["acceptedUntil"]}
    try:
        attempts = _attempts(bucket, subject, test, student["studentId"])
        if not attempts:
            if batch["asOf"] < student["acceptedUntil"]:
                return {**who, "status": "open", "until": student["acceptedUntil"]}
            return {**who, "status": "missing"}
        result = score(subject, test, questions, key, version, student, attempts)
    except (BrokenObject, BrokenAnswers) as error:
        return _failed_row(f"the stored submission cannot be read ({error})", student)
    _store(bucket, score_key(subject, test["testId"], student["studentId"]), result)
    return {**result, **who, "status": "scored"}


def _attempts(bucket: Bucket, subject: str, test: Mapping[str, Any], student_id: str) -> dict[int, Any]:
    """Attempt number -> submission. Lists only where the class's rules allow a second attempt."""
    test_id = test["testId"]
    numbers = {1}
    if test["attempts"] == "last" or test.get("late"):
        prefix = f"{answers_prefix(subject, student_id)}{test_id}"
        found = (attempt_of(key) for key in bucket.keys(prefix))
        numbers = {number for name, number in found if name == test_id}
    stored = {n: bucket.get_json(answers_key(subject, student_id, test_id, n)) for n in sorted(numbers)}
    return {n: attempt for n, attempt in stored.items() if attempt is not None}


def _store(bucket: Bucket, key: str, result: Mapping[str, Any]) -> None:
    """Write a score unless the very same bytes are there: a repeated run leaves no second version."""
    if not bucket.create_json(key, result) and bucket.get_bytes(key) != canonical_json(result):
        bucket.put_json(key, result)


def _reminder_row(bucket: Bucket, batch: Mapping[str, Any], student: Mapping[str, Any]) -> dict[str, Any]:
    first = answers_key(batch["subject"], student["studentId"], batch["test"]["testId"])
    try:
        submitted = bucket.get_json(first) is not None
    except BrokenObject:
        submitted = True
    return {
        "studentId": student["studentId"],
        "name": student["name"],
        "status": "submitted" if submitted else "remind",
    }
