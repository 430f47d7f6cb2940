"""Which of a student's attempts counts, and what it is worth. Pure functions; formulas and sources: docs/scoring.md.

All sums are exact fractions, rounded once, half up, to two decimals: the same answers always give
the same bytes, and rounding errors never add up in a total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from common.shared.deadlines import parse_time
from score_batch.question_points import answer_parts, exact, question_score, rounded

if TYPE_CHECKING:
    from common.shared.documents import (
        AnswerKey,
        IndexEntry,
        Question,
        Questions,
        QuestionScore,
        Score,
        ScoringStudent,
        Submission,
    )


class BrokenAnswers(Exception):
    """A stored submission is not what the upload function writes. The message says what is wrong, not whose it is."""


@dataclass(frozen=True)
class AttemptScore:
    """The points and the most points of an attempt before any deduction for lateness, and those of each question."""

    points: Fraction
    most: Fraction
    questions: dict[str, QuestionScore]


def attempt_score(questions: Sequence[Question], key: AnswerKey, attempt: Submission) -> AttemptScore:
    """What an attempt is worth, handed in on time."""
    answers = attempt["answers"]
    points = most = Fraction(0)
    rows: dict[str, QuestionScore] = {}
    for question in questions:
        number = str(question["number"])
        parts = answer_parts(question, answers.get(number))
        got, possible = question_score(question, key["questions"][number], parts, key["partialCredit"])
        points, most = points + got, most + possible
        rows[number] = {"answer": parts, "points": rounded(got), "maxPoints": rounded(possible)}
    return AttemptScore(points, most, rows)


def score(
    subject: str,
    test: IndexEntry,
    questions: Sequence[Question],
    key: AnswerKey,
    key_version: str,
    student: ScoringStudent,
    attempts: Mapping[int, Submission],
) -> Score:
    """The score of a student who submitted at least one attempt. `attempts`: by number, each one checked.

    With `attempts: "1"` the first attempt counts, with `"last"` the last: among those on time, and among those that
    are late. The late one, at its credit, is taken only if it earns more. If the test does not accept late work, every
    stored submission is on time: the server accepted it. Raises BrokenAnswers if there is no attempt.
    """
    candidates = [
        (candidate, attempt_score(questions, key, attempts[candidate.number]))
        for candidate in candidates_of(test, parse_time(student["onTimeUntil"]), _times(attempts))
    ]
    if not candidates:
        raise BrokenAnswers("no attempt")
    # If both earn the same, `max` takes the first, which is on time.
    counted, worth = max(candidates, key=lambda each: each[0].credit * each[1].points)
    return {
        "subjectName": subject,
        "testId": test["testId"],
        "studentId": student["studentId"],
        "points": rounded(counted.credit * worth.points),
        "maxPoints": rounded(worth.most),
        "late": counted.late,
        "credit": rounded(counted.credit),
        "attempt": counted.number,
        "submittedAt": attempts[counted.number]["submittedAt"],
        "receiptId": attempts[counted.number]["receiptId"],
        "keyVersion": key_version,
        "questions": worth.questions,
    }


class Candidate(NamedTuple):
    """An attempt that may count, and the share of its points that it then earns."""

    number: int
    late: bool
    credit: Fraction


def candidates_of(test: IndexEntry, limit: datetime, submitted: Mapping[int, datetime]) -> list[Candidate]:
    """The attempt that counts among those up to `limit`, and after it the one among the late ones.

    `submitted`: when each attempt was submitted, by number.
    """
    late = test["late"]
    which = -1 if test["attempts"] == "last" else 0
    on_time = [n for n in sorted(submitted) if not late or submitted[n] <= limit]
    afterwards = [n for n in sorted(submitted) if n not in on_time]
    found = [Candidate(on_time[which], False, Fraction(1))] if on_time else []
    if late and afterwards:
        found.append(Candidate(afterwards[which], True, exact(late["credit"])))
    return found


def _times(attempts: Mapping[int, Submission]) -> dict[int, datetime]:
    return {number: parse_time(attempt["submittedAt"]) for number, attempt in attempts.items()}


def check_attempt(subject: str, test: IndexEntry, student: ScoringStudent, attempt: Any) -> None:
    """Raise BrokenAnswers unless the upload function can have written `attempt`."""
    if not isinstance(attempt, dict):
        raise BrokenAnswers("the submission is not a JSON object")
    for field, expected in (
        ("subjectName", subject),
        ("testId", test["testId"]),
        ("studentId", student["studentId"]),
    ):
        if attempt.get(field) != expected:
            raise BrokenAnswers(f"the submission's {field} does not match the place where it is stored")
    answers = attempt.get("answers")
    if not isinstance(answers, dict) or not all(_is_answer(answer) for answer in answers.values()):
        raise BrokenAnswers("the submission's answers are malformed")
    if not isinstance(attempt.get("receiptId"), str):
        raise BrokenAnswers("the submission has no receipt")
    try:
        parse_time(attempt["submittedAt"])
    except (KeyError, ValueError, AttributeError) as error:
        raise BrokenAnswers("the submission has no valid time") from error


def check_drawn(questions: Questions, own: Sequence[Question], attempts: Iterable[Submission]) -> None:
    """Raise BrokenAnswers if attempts answer questions of pools that are not drawn for the student.

    The upload function does not take such answers, and the pools of a test that has opened stay as they are: other
    questions are drawn now, because the test has another salt. `own`: those that are drawn now.
    """
    pooled = {str(question["number"]) for question in questions["questions"] if "pool" in question}
    others = pooled - {str(question["number"]) for question in own}
    if any(others & attempt["answers"].keys() for attempt in attempts):
        raise BrokenAnswers("other questions were drawn for it: the test was removed and published again")


def _is_answer(answer: Any) -> bool:
    parts = [answer] if isinstance(answer, str) else answer
    each = [*parts, *parts.values()] if isinstance(parts, dict) else parts
    return isinstance(each, list) and all(isinstance(part, str) for part in each)
