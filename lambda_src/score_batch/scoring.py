"""What a student's answers are worth. Pure functions; formulas and sources: docs/scoring.md.

All sums are exact fractions, rounded once, half up, to two decimals: the same answers always give
the same bytes, and rounding errors never add up in a total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from common.shared.deadlines import parse_time

if TYPE_CHECKING:
    from common.shared.documents import (
        AnswerKey,
        AnswerKeyEntry,
        IndexEntry,
        Points,
        Question,
        QuestionScore,
        Score,
        ScoringStudent,
        Submission,
    )

_HUNDREDTHS = 100


class BrokenAnswers(Exception):
    """A stored submission is not what the upload function writes. The message says what is wrong, not whose it is."""


class BrokenAnswerKey(Exception):
    """The answer key and the questions of a test do not match. The message says where."""


def exact(number: float) -> Fraction:
    """A number from JSON as the decimal that was written: 0.1 is one tenth, not the nearest double."""
    return Fraction(str(number))


def rounded(value: Fraction) -> Points:
    """Half up to two decimals; whole numbers as `int`, so that JSON shows `5` and not `5.0`."""
    hundredths = (value * _HUNDREDTHS + Fraction(1, 2)).__floor__()
    return hundredths // _HUNDREDTHS if hundredths % _HUNDREDTHS == 0 else hundredths / _HUNDREDTHS


def question_score(
    question: Question, key: AnswerKeyEntry, chosen: frozenset[str], partial_credit: str
) -> tuple[Fraction, Fraction]:
    """The points and the most points of one question.

    A question without an answer earns nothing under every rule; a dropped question counts 0 of 0.
    """
    most = exact(key["points"])
    correction = key.get("correction", {})
    if correction.get("drop"):
        return Fraction(0), Fraction(0)
    if correction.get("allCredit"):
        return most, most
    right = frozenset(key["correct"])
    if question["type"] == "single":
        accepted = right | frozenset(correction.get("alsoAccept", ()))
        return (most if len(chosen) == 1 and chosen <= accepted else Fraction(0)), most
    return most * _share(right, frozenset(o["id"] for o in question["options"]), chosen, partial_credit), most


def _share(right: frozenset[str], options: frozenset[str], chosen: frozenset[str], rule: str) -> Fraction:
    """The share of the points, from 0 to 1, that the options chosen in a `multiple` question earn."""
    if not chosen:
        return Fraction(0)
    if rule == "net-correct":
        return max(Fraction(0), Fraction(len(chosen & right) - len(chosen - right), len(right)))
    if rule == "each-answer":
        return 1 - Fraction(len((chosen ^ right) & options), len(options)) if chosen <= options else Fraction(0)
    return Fraction(int(chosen == right))


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
        chosen = _chosen(answers.get(number, []))
        got, possible = question_score(question, key["questions"][number], frozenset(chosen), key["partialCredit"])
        points, most = points + got, most + possible
        rows[number] = {"answer": chosen, "points": rounded(got), "maxPoints": rounded(possible)}
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


def check_key(questions: Sequence[Question], key: AnswerKey) -> None:
    """Raise BrokenAnswerKey if a question has no usable entry in the answer key."""
    try:
        for question in questions:
            entry = key["questions"][str(question["number"])]
            question_score(question, entry, frozenset(entry["correct"]), key["partialCredit"])
            if not entry["correct"]:
                raise BrokenAnswerKey(f"the answer key has no right option for question {question['number']}")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BrokenAnswerKey("the answer key does not match the test's questions") from error


def _chosen(answer: str | list[str]) -> list[str]:
    return sorted(set([answer] if isinstance(answer, str) else answer))


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


def _is_answer(answer: Any) -> bool:
    return isinstance(answer, str) or (isinstance(answer, list) and all(isinstance(option, str) for option in answer))
