"""What a student's answers are worth. Pure functions; formulas and sources: docs/scoring.md.

All sums are exact fractions, rounded once, half up, to two decimals: the same answers always give
the same bytes, and no total is a sum of rounding errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from common.shared.deadlines import parse_time

_HUNDREDTHS = 100


class BrokenAnswers(Exception):
    """A stored submission is not what the upload function writes. The message says in what, not whose."""


class BrokenAnswerKey(Exception):
    """The answer key and the questions of a test do not fit together. The message says in what."""


def exact(number: float) -> Fraction:
    """A number from JSON as the decimal that was written: 0.1 is one tenth, not the nearest double."""
    return Fraction(str(number))


def rounded(value: Fraction) -> int | float:
    """Half up to two decimals; whole numbers as `int`, so that JSON shows `5` and not `5.0`."""
    hundredths = (value * _HUNDREDTHS + Fraction(1, 2)).__floor__()
    return hundredths // _HUNDREDTHS if hundredths % _HUNDREDTHS == 0 else hundredths / _HUNDREDTHS


def question_score(
    question: Mapping[str, Any], key: Mapping[str, Any], chosen: frozenset[str], partial_credit: str
) -> tuple[Fraction, Fraction]:
    """Points and most points of one question.

    `question`: an entry of questions.json; `key`: its entry in the answer key. A question without an
    answer earns nothing under every rule; a dropped question counts 0 of 0.
    """
    most = exact(key["points"])
    correction = key.get("correction") or {}
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
    """The share of a several-answer question's points, from 0 to 1."""
    if not chosen:
        return Fraction(0)
    if rule == "net-correct":
        return max(Fraction(0), Fraction(len(chosen & right) - len(chosen - right), len(right)))
    if rule == "each-answer":
        return 1 - Fraction(len((chosen ^ right) & options), len(options)) if chosen <= options else Fraction(0)
    return Fraction(int(chosen == right))


def attempt_score(
    questions: Sequence[Mapping[str, Any]], key: Mapping[str, Any], attempt: Mapping[str, Any]
) -> tuple[Fraction, Fraction, dict[str, Any]]:
    """Points and most points of an attempt, before any lateness, and both for each question."""
    answers = attempt["answers"]
    points = most = Fraction(0)
    rows = {}
    for question in questions:
        number = str(question["number"])
        chosen = _chosen(answers.get(number, []))
        got, possible = question_score(question, key["questions"][number], frozenset(chosen), key["partialCredit"])
        points, most = points + got, most + possible
        rows[number] = {"answer": chosen, "points": rounded(got), "maxPoints": rounded(possible)}
    return points, most, rows


def score(
    subject: str,
    test: Mapping[str, Any],
    questions: Sequence[Mapping[str, Any]],
    key: Mapping[str, Any],
    key_version: str,
    student: Mapping[str, Any],
    attempts: Mapping[int, Any],
) -> dict[str, Any]:
    """The score object (docs/data-model.md) of a student who submitted at least one attempt.

    `attempts`: attempt number -> stored submission. With `attempts: "1"` the first of a kind counts,
    with `"last"` the last: among those on time, and among those that are late. The late one, at its
    credit, is taken only where it earns more. Without late work every stored submission is on time:
    the server took it. Raises BrokenAnswers.
    """
    checked = {n: _checked(subject, test, student, attempts[n]) for n in sorted(attempts)}
    limit = parse_time(student["onTimeUntil"])
    late = test.get("late")
    credit = exact(late["credit"]) if late else Fraction(1)
    on_time = [n for n in checked if not late or _submitted(checked[n]) <= limit]
    afterwards = [n for n in checked if n not in on_time]
    which = -1 if test["attempts"] == "last" else 0
    best: tuple[Fraction, bool, int, Fraction, dict[str, Any]] | None = None
    for numbers, is_late in ((on_time, False), (afterwards, True)):
        if not numbers:
            continue
        points, most, rows = attempt_score(questions, key, checked[numbers[which]])
        points = points * credit if is_late else points
        if best is None or points > best[0]:
            best = (points, is_late, numbers[which], most, rows)
    if best is None:
        raise BrokenAnswers("no attempt")
    points, is_late, number, most, rows = best
    return {
        "subjectName": subject,
        "testId": test["testId"],
        "studentId": student["studentId"],
        "points": rounded(points),
        "maxPoints": rounded(most),
        "late": is_late,
        "credit": rounded(credit) if is_late else 1,
        "attempt": number,
        "submittedAt": checked[number]["submittedAt"],
        "receiptId": checked[number]["receiptId"],
        "keyVersion": key_version,
        "questions": rows,
    }


def check_key(questions: Sequence[Mapping[str, Any]], key: Mapping[str, Any]) -> None:
    """Raise BrokenAnswerKey where a question has no usable entry in the answer key."""
    try:
        for question in questions:
            entry = key["questions"][str(question["number"])]
            question_score(question, entry, frozenset(entry["correct"]), key["partialCredit"])
            if not entry["correct"]:
                raise BrokenAnswerKey(f"question {question['number']} has no right option")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BrokenAnswerKey("the answer key does not fit the test's questions") from error


def _chosen(answer: Any) -> list[str]:
    return sorted(set([answer] if isinstance(answer, str) else answer))


def _submitted(attempt: Mapping[str, Any]) -> datetime:
    return parse_time(attempt["submittedAt"])


def _checked(subject: str, test: Mapping[str, Any], student: Mapping[str, Any], attempt: Any) -> Mapping[str, Any]:
    """`attempt`, if the upload function may have written it. Raises BrokenAnswers."""
    if not isinstance(attempt, dict):
        raise BrokenAnswers("the submission is no JSON object")
    for field, expected in (
        ("subjectName", subject),
        ("testId", test["testId"]),
        ("studentId", student["studentId"]),
    ):
        if attempt.get(field) != expected:
            raise BrokenAnswers(f"the submission's {field} is not that of its place")
    answers = attempt.get("answers")
    if not isinstance(answers, dict) or not all(_is_answer(answer) for answer in answers.values()):
        raise BrokenAnswers("the submission's answers are malformed")
    if not isinstance(attempt.get("receiptId"), str):
        raise BrokenAnswers("the submission has no receipt")
    try:
        _submitted(attempt)
    except (KeyError, ValueError, AttributeError) as error:
        raise BrokenAnswers("the submission has no time") from error
    return attempt


def _is_answer(answer: Any) -> bool:
    return isinstance(answer, str) or (isinstance(answer, list) and all(isinstance(option, str) for option in answer))
