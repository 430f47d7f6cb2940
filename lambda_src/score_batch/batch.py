"""Score the students of one batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypedDict

from common.attempts import stored_attempts
from common.drawn import drawn
from common.errors import BrokenObject
from common.index import published_test
from common.parallel import in_parallel
from common.run.states import change_state, disturbed, is_last_to_plan, read_state, state_key_of
from common.shared.canonical_json import key_version
from common.shared.deadlines import parse_time
from common.shared.object_keys import (
    answer_key_key,
    answers_key,
    batch_key,
    draft_key,
    index_key,
    questions_key,
    results_key,
    score_key,
)
from common.storage import Bucket
from score_batch.answer_keys import BrokenAnswerKey, check_key
from score_batch.attempts import attempts_that_decide
from score_batch.drafts import NO_ATTEMPT, HandedIn, answered, handed_in
from score_batch.reviews import releases_for, store_unless_same, write_reviews
from score_batch.scoring import BrokenAnswers, check_attempt, check_drawn, score

if TYPE_CHECKING:
    from common.shared.documents import (
        AnswerKey,
        Batch,
        FailedRow,
        Index,
        IndexEntry,
        Question,
        Questions,
        ReminderBatch,
        ReminderRow,
        ResultRow,
        Results,
        Score,
        ScoreBatch,
        ScoringStudent,
        StudentToRemind,
        Submission,
    )


# The rules of a test that decide which submissions count, and for how much.
_RULES = ("closesAt", "graceMinutes", "late", "attempts", "unsubmittedDrafts")


class BatchMissing(Exception):
    """The run has no such batch."""


class PublishedMeanwhile(Exception):
    """The test was published again while it was scored. The batch is to be tried again."""


class BatchScored(TypedDict):
    """What the state machine gets: how many rows the batch has, and how many of them failed."""

    batch: int
    rows: int
    failed: int


def score_batch(bucket: Bucket, run_id: str, number: int) -> BatchScored:
    """Score a batch; write its scores and its result rows. In another batch, find out who has submitted.

    Raises StorageError if S3 fails and PublishedMeanwhile: the whole batch is then to be tried again.
    """
    batch: Batch | None = bucket.get_json(batch_key(run_id, number))
    if batch is None:
        raise BatchMissing(f"run {run_id} has no batch {number}")
    results: Results = (
        _results(bucket, run_id, batch) if batch["kind"] == "score" else {"rows": _reminder_rows(bucket, batch)}
    )
    bucket.put_json(results_key(run_id, number), results)
    rows = results["rows"]
    return {"batch": number, "rows": len(rows), "failed": sum(row["status"] == "failed" for row in rows)}


def _results(bucket: Bucket, run_id: str, batch: ScoreBatch) -> Results:
    """Score the students, and release their reviews if the right answers may be shown.

    No rows if another run has planned the test since, which then tells about it. Raises PublishedMeanwhile if the
    scores may not be those of the test as it is published now.
    """
    subject, test_id = batch["subject"], batch["test"]["testId"]
    if _is_superseded(bucket, run_id, batch):
        return {"rows": []}
    index = bucket.get_versioned(index_key(subject)) or (None, None)
    questions = bucket.get_tagged(questions_key(subject, test_id))
    key = bucket.get_tagged(answer_key_key(subject, test_id)) or (None, None)
    row = _row_maker(bucket, batch, index[0], questions, key[0])
    rows = in_parallel([partial(row, student) for student in batch["students"]])
    results: Results = {"rows": rows}
    last_deadline = releases_for(bucket, batch, index[0])
    if last_deadline is not None:
        results["releasedFor"] = last_deadline
        write_reviews(bucket, questions and questions[0], key[0], rows, last_deadline)
    if _is_superseded(bucket, run_id, batch):
        return {"rows": []}
    published = (index_key(subject), questions_key(subject, test_id), answer_key_key(subject, test_id))
    if [bucket.etag(each) for each in published] != [index[1], questions and questions[1], key[1]]:
        raise PublishedMeanwhile("the test was published again while its batch was scored")
    return results


def _is_superseded(bucket: Bucket, run_id: str, batch: ScoreBatch) -> bool:
    """Whether another run has planned the test since. If so, the state says that scores may be those of this run.

    A call that was repeated does not know what the one before it has stored.
    """
    key = state_key_of(batch)
    if is_last_to_plan(read_state(bucket, key), run_id):
        return False
    change_state(bucket, key, disturbed)
    return True


def _row_maker(
    bucket: Bucket,
    batch: ScoreBatch,
    index: Index | None,
    stored_questions: tuple[bytes, str] | None,
    key_bytes: bytes | None,
) -> Callable[[ScoringStudent], ResultRow]:
    """The function that makes a student's row; one that fails every row if the test itself is broken."""
    changed = _change_since_the_plan(batch, index)
    if changed is not None:
        return partial(_failed_row, changed)
    if stored_questions is None or key_bytes is None:
        missing = "questions are" if stored_questions is None else "answer key is"
        return partial(_failed_row, f"the test's {missing} missing: publish the class again")
    try:
        questions: Questions = json.loads(stored_questions[0])
        key: AnswerKey = json.loads(key_bytes)
        check_key(questions["questions"], key)
    except (ValueError, KeyError, TypeError):
        return partial(_failed_row, "the test's questions or answer key is broken: publish the class again")
    except BrokenAnswerKey as error:
        return partial(_failed_row, f"{error}: publish the class again")
    return partial(_student_row, bucket, batch, questions, key, key_version(key_bytes), stored_questions[1])


def _change_since_the_plan(batch: ScoreBatch, index: Index | None) -> str | None:
    """What a publication has changed since the batch was planned; None if a score would still be right."""
    test = batch["test"]
    entry = published_test(index, test["testId"])
    if entry is None:
        return "the test was removed during the run"
    if any(entry.get(rule) != test.get(rule) for rule in _RULES):
        return "the test's deadline or rules were changed during the run: score it again"
    return None


def _failed_row(reason: str, student: ScoringStudent) -> FailedRow:
    return {"studentId": student["studentId"], "name": student["name"], "status": "failed", "reason": reason}


def _student_row(
    bucket: Bucket,
    batch: ScoreBatch,
    questions: Questions,
    key: AnswerKey,
    version: str,
    questions_tag: str,
    student: ScoringStudent,
) -> ResultRow:
    subject, test = batch["subject"], batch["test"]
    student_id, name = student["studentId"], student["name"]
    if not student["over"]:
        return {"studentId": student_id, "name": name, "status": "open", "until": student["acceptedUntil"]}
    try:
        attempts = _attempts(bucket, subject, test, student)
        if not attempts and batch["asOf"] < student["acceptedUntil"]:
            return {"studentId": student_id, "name": name, "status": "open", "until": student["acceptedUntil"]}
        own = drawn(student_id, questions)
        check_drawn(questions, own, attempts.values())
        draft = None if attempts else draft_that_counts(bucket, subject, test, own, student)
        if not attempts and draft is None:
            return {"studentId": student_id, "name": name, "status": "missing"}
        result = score_of(subject, test, own, key, version, student, attempts, draft)
    except (BrokenObject, BrokenAnswers) as error:
        return _failed_row(f"the stored submission cannot be read ({error})", student)
    store_unless_same(bucket, score_key(subject, test["testId"], student_id), result)
    return {**result, "name": name, "status": "scored", "questionsTag": questions_tag}


def score_of(
    subject: str,
    test: IndexEntry,
    questions: Sequence[Question],
    key: AnswerKey,
    version: str,
    student: ScoringStudent,
    attempts: Mapping[int, Submission],
    draft: HandedIn | None,
) -> Score:
    """The score of a student's attempts or, if there are none, of the draft that is handed in.

    `questions`: those that the student gets.
    """
    if draft is None:
        return score(subject, test, questions, key, version, student, attempts)
    result = score(subject, test, questions, key, version, student, {NO_ATTEMPT: draft.submission})
    return {**result, "draft": {"leftOut": draft.left_out}}


def draft_that_counts(
    bucket: Bucket, subject: str, test: IndexEntry, questions: Sequence[Question], student: ScoringStudent
) -> HandedIn | None:
    """The draft that is handed in for a student who submitted nothing, if the test says so and there is one.

    `questions`: those that the student gets. Raises BrokenObject, BrokenAnswers.
    """
    if test.get("unsubmittedDrafts") != "submit":
        return None
    draft = bucket.get_json(draft_key(subject, student["studentId"], test["testId"]))
    return handed_in(subject, test, questions, student, draft)


def _attempts(bucket: Bucket, subject: str, test: IndexEntry, student: ScoringStudent) -> dict[int, Submission]:
    """The submissions that can count, by number of attempt. Raises BrokenObject, BrokenAnswers.

    Lists keys only if the class's rules allow a second attempt.
    """
    test_id, student_id = test["testId"], student["studentId"]
    numbers = {1}
    if test["attempts"] == "last" or test["late"]:
        numbers = stored_attempts(bucket, subject, student_id, test_id)

    def read(number: int) -> Submission | None:
        attempt: Submission | None = bucket.get_json(answers_key(subject, student_id, test_id, number))
        if attempt is not None:
            check_attempt(subject, test, student, attempt)
        return attempt

    return attempts_that_decide(test, parse_time(student["onTimeUntil"]), numbers, read)


def _reminder_rows(bucket: Bucket, batch: ReminderBatch) -> list[ResultRow]:
    questions = _questions_to_count(bucket, batch)
    return in_parallel([partial(_reminder_row, bucket, batch, questions, student) for student in batch["students"]])


def _questions_to_count(bucket: Bucket, batch: ReminderBatch) -> Questions | None:
    """The questions of which a reminder says how many are answered; None if they cannot be read."""
    if batch["kind"] != "reminder":
        return None
    try:
        questions: Questions | None = bucket.get_json(questions_key(batch["subject"], batch["test"]["testId"]))
    except BrokenObject:
        return None
    return questions


def _reminder_row(
    bucket: Bucket, batch: ReminderBatch, questions: Questions | None, student: StudentToRemind
) -> ReminderRow:
    """A student who has submitted needs no email, except about more time in which they may submit again.

    A reminder says how far the student's draft has come.
    """
    if batch["kind"] == "extension" and batch["test"]["attempts"] == "last":
        return {"studentId": student["studentId"], "name": student["name"], "status": "remind"}
    first = answers_key(batch["subject"], student["studentId"], batch["test"]["testId"])
    try:
        submitted = bucket.get_json(first) is not None
    except BrokenObject:
        submitted = True
    row: ReminderRow = {
        "studentId": student["studentId"],
        "name": student["name"],
        "status": "submitted" if submitted else "remind",
    }
    if questions and not submitted and (begun := _answered(bucket, batch, questions, student)):
        row["answered"] = begun
    return row


def _answered(bucket: Bucket, batch: ReminderBatch, questions: Questions, student: StudentToRemind) -> int:
    """How many of their questions the student's draft answers."""
    try:
        draft = bucket.get_json(draft_key(batch["subject"], student["studentId"], batch["test"]["testId"]))
    except BrokenObject:
        return 0
    return answered(drawn(student["studentId"], questions), draft)
