"""What publishing a class would change in the scores of what has been submitted.

The scores are those of the functions' own rules, worked out from the stored answers, the class's files and the answer
key in them. So an unchanged test also proves its stored scores.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import cache, partial
from typing import NamedTuple

from common.drawn import drawn
from common.errors import BrokenObject
from common.parallel import in_parallel
from common.run.own_times import OwnTimes
from common.shared.deadlines import format_time, parse_time
from common.shared.documents import (
    Answer,
    AnswerKey,
    AnswerParts,
    IndexEntry,
    Points,
    Question,
    Questions,
    QuestionType,
    SavedDraft,
    Score,
    ScoringStudent,
    Submission,
)
from common.shared.object_keys import answers_key
from common.storage import Bucket
from common.stored_score import stored_score
from score_batch.attempts import attempts_that_decide
from score_batch.batch import score_of
from score_batch.drafts import HandedIn, handed_in
from score_batch.question_points import exact
from score_batch.scoring import BrokenAnswers, check_attempt, check_drawn


@dataclass(frozen=True)
class Rules:
    """What decides the scores of a test: its entry in the index, questions, key, and students' times by ID."""

    test: IndexEntry
    questions: Questions
    key: AnswerKey
    times: Mapping[str, OwnTimes]


class Change(NamedTuple):
    """A student whose score changes. `before`, `after`: points and the most points."""

    student_id: str
    name: str
    before: tuple[Points, Points]
    after: tuple[Points, Points]

    @property
    def share(self) -> Fraction:
        """How much more of the most points it is; negative if it is less."""
        return _share(self.after) - _share(self.before)


class Failure(NamedTuple):
    """A student whose scores cannot be compared. `is_broken_score`: because of the stored one, not of the answers."""

    student_id: str
    name: str
    is_broken_score: bool


@dataclass
class Effect:
    """The effect on a test. `scored`: how many submissions were scored again; `failures`: those that were not.

    `reopened`: how many students have a score, and time again. Until it ends, a run leaves their score as it is.
    """

    subject: str
    test_id: str
    scored: int = 0
    reopened: int = 0
    failures: list[Failure] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def unreadable(self) -> int:
        """How many submissions cannot be scored."""
        return len(self.failures) - self.broken_scores

    @property
    def broken_scores(self) -> int:
        """How many stored scores are broken. A run writes them again."""
        return sum(failure.is_broken_score for failure in self.failures)

    @property
    def gain(self) -> int:
        """How many students get more."""
        return sum(change.share > 0 for change in self.changes)

    @property
    def lose(self) -> int:
        """How many students get less."""
        return sum(change.share < 0 for change in self.changes)

    @property
    def in_percent(self) -> bool:
        """Whether the most points change too, so that only shares of them can be compared."""
        return any(change.before[1] != change.after[1] for change in self.changes)

    @property
    def mean(self) -> float:
        """By how much the mean of all scores changes, in points or in per cent."""
        if not self.scored:
            return 0.0
        if self.in_percent:
            return float(100 * sum(change.share for change in self.changes) / self.scored)
        return float(sum(exact(each.after[0]) - exact(each.before[0]) for each in self.changes) / self.scored)


def effect(
    bucket: Bucket,
    subject: str,
    before: Rules | None,
    after: Rules,
    stored: Mapping[str, set[int]],
    scored: set[str],
    now: datetime,
) -> Effect:
    """Score what is stored by the rules that would be published.

    `before`: the published rules, for students without a stored score; None if they are broken. `stored`: the numbers
    of each student's attempts; `scored`: who has a score. Who has one without an attempt owes it to a draft.
    Raises StorageError.
    """
    handed_in = scored - stored.keys() if "unsubmittedDrafts" in after.test else set()
    submitted = after.times.keys() & (stored.keys() | handed_in)
    reopened = {student for student in submitted & scored if after.times[student].on_time_until > now}
    found = Effect(subject, after.test["testId"], reopened=len(reopened))
    students = sorted(submitted - reopened)
    calls = [
        partial(_change, bucket, subject, student, before, after, stored.get(student, set()), scored)
        for student in students
    ]
    for outcome in in_parallel(calls):
        if isinstance(outcome, Failure):
            found.failures.append(outcome)
            continue
        found.scored += 1
        if outcome.before != outcome.after:
            found.changes.append(outcome)
    return found


def _change(
    bucket: Bucket,
    subject: str,
    student: str,
    before: Rules | None,
    after: Rules,
    numbers: set[int],
    scored: set[str],
) -> Change | Failure:
    """A student's score before and after."""
    test_id = after.test["testId"]
    name = after.times[student].student["name"]

    @cache
    def read(number: int) -> Submission | None:
        attempt: Submission | None = bucket.get_json(answers_key(subject, student, test_id, number))
        return attempt

    try:
        old = stored_score(bucket, subject, test_id, student) if student in scored else None
        new = _score(subject, after, student, numbers, read, None if numbers else old)
        if student not in scored and before is not None:
            old = _score(subject, before, student, numbers, read)
    except (BrokenObject, BrokenAnswers):
        return Failure(student, name, is_broken_score=False)
    if new is None or old is None:
        return Failure(student, name, is_broken_score=new is not None and student in scored)
    return Change(student, name, (old["points"], old["maxPoints"]), (new["points"], new["maxPoints"]))


def _score(
    subject: str,
    rules: Rules,
    student_id: str,
    numbers: set[int],
    read: Callable[[int], Submission | None],
    of_draft: Score | None = None,
) -> Score | None:
    """The score by these rules; None if the student does not take the test by them. Raises what reading raises.

    `of_draft`: the stored score of a student without an attempt. It has the answers of the draft that was handed in.
    """
    own = rules.times.get(student_id)
    if own is None:
        return None
    student: ScoringStudent = {
        "studentId": student_id,
        "name": own.student["name"],
        "email": own.student["email"],
        "onTimeUntil": format_time(own.on_time_until),
        "acceptedUntil": format_time(own.accepted_until),
        "over": True,
    }

    def checked(number: int) -> Submission | None:
        attempt = read(number)
        if attempt is not None:
            check_attempt(subject, rules.test, student, attempt)
        return attempt

    attempts = attempts_that_decide(rules.test, parse_time(student["onTimeUntil"]), numbers, checked)
    own_questions = drawn(student_id, rules.questions)
    check_drawn(rules.questions, own_questions, attempts.values())
    draft = _draft(subject, rules, own_questions, student, of_draft) if of_draft else None
    return score_of(subject, rules.test, own_questions, rules.key, "", student, attempts, draft)


def _draft(
    subject: str, rules: Rules, questions: Sequence[Question], student: ScoringStudent, score: Score
) -> HandedIn:
    """The draft that was handed in with this score: without answers if none of them fitted the questions."""
    stored = _draft_in(score, rules)
    # The draft function does not store an empty draft, so one without answers is not handed in.
    fitting = handed_in(subject, rules.test, questions, student, stored)
    return fitting or HandedIn(
        {
            "subjectName": subject,
            "testId": rules.test["testId"],
            "studentId": student["studentId"],
            "answers": {},
            "submittedAt": score["submittedAt"],
            "receiptId": score["receiptId"],
        },
        [],
    )


def _draft_in(score: Score, rules: Rules) -> SavedDraft:
    """The draft that was handed in with this score, as far as it fitted the questions."""
    types = {str(question["number"]): question["type"] for question in rules.questions["questions"]}
    answers = {number: each["answer"] for number, each in score["questions"].items() if each["answer"]}
    return {
        "answers": {number: _as_given(parts, types.get(number)) for number, parts in answers.items()},
        "savedAt": score["submittedAt"],
    }


def _as_given(parts: AnswerParts, kind: QuestionType | None) -> Answer:
    """An answer of a score as the student gave it: a single option, number or text is not in a list."""
    return parts[0] if kind in ("single", "number", "text") and isinstance(parts, list) and len(parts) == 1 else parts


def _share(score: tuple[Points, Points]) -> Fraction:
    return exact(score[0]) / exact(score[1]) if score[1] else Fraction(0)
