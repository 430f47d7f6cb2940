"""A draft that is handed in, because its student has submitted nothing and the test says so. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from common.api.answers import answer_problem
from common.api.receipt import draft_receipt
from score_batch.scoring import BrokenAnswers, check_attempt

if TYPE_CHECKING:
    from common.shared.documents import IndexEntry, Question, ScoringStudent, Submission

# In place of the number of an attempt: there is none.
NO_ATTEMPT = 0


class HandedIn(NamedTuple):
    """The draft as a submission, and the numbers of the questions whose answers do not fit them any more."""

    submission: Submission
    left_out: list[str]


def handed_in(
    subject: str, test: IndexEntry, questions: Sequence[Question], student: ScoringStudent, draft: Any
) -> HandedIn | None:
    """What is handed in of a stored draft; None if there is no draft or it is empty.

    `questions`: those that the student gets. The draft counts as submitted when it was saved last. If the questions
    were changed since, the answers that do not fit them any more are left out. Raises BrokenAnswers unless the draft
    function can have written `draft`.
    """
    if draft is None:
        return None
    if not isinstance(draft, dict):
        raise BrokenAnswers("the draft is not a JSON object")
    place = subject, student["studentId"], test["testId"]
    # Whatever is missing or wrong here is found by `check_attempt`.
    stored: Any = {
        "subjectName": subject,
        "testId": test["testId"],
        "studentId": student["studentId"],
        "answers": draft.get("answers"),
        "submittedAt": draft.get("savedAt", ""),
        "receiptId": draft_receipt(*place, str(draft.get("savedAt"))),
    }
    check_attempt(subject, test, student, stored)
    submission: Submission = stored
    if not submission["answers"]:
        return None
    asked = {str(question["number"]): question for question in questions}
    fitting = {
        number: answer
        for number, answer in submission["answers"].items()
        if number in asked and answer_problem(asked[number], answer) is None
    }
    left_out = sorted(submission["answers"].keys() - fitting.keys(), key=lambda number: (len(number), number))
    return HandedIn({**submission, "answers": fitting}, left_out)


def answered(questions: Sequence[Question], draft: Any) -> int:
    """How many of the student's questions a stored draft answers: 0 if there is none, or if it is broken."""
    answers = draft.get("answers") if isinstance(draft, dict) else None
    if not isinstance(answers, dict):
        return 0
    return sum(str(question["number"]) in answers for question in questions)
