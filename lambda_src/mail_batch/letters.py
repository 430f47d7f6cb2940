"""The mails to a student: the score, a changed score, the right answers, a reminder, an opening, an extension."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, NamedTuple

from common.run.mail import Draft
from common.run.mail_text import local_time, number, templates, visible
from common.run.review import left_out, reviewed_questions
from common.shared.deadlines import is_announced, parse_time
from common.shared.gaps import nodes_with_gaps_named, with_gaps_named
from common.shared.student_addresses import install_line, page_address

if TYPE_CHECKING:
    from common.run.ledger import Owed
    from common.shared.documents import (
        AnswerKey,
        AnswerParts,
        Gap,
        MailContent,
        Node,
        Option,
        Points,
        Questions,
        ReminderBatch,
        ReviewedQuestion,
        ScoredRow,
        StudentToRemind,
    )


class RightAnswers(NamedTuple):
    """A test's questions and answer key, once everybody may see the right answers."""

    test: Questions
    key: AnswerKey


class ShownItem(NamedTuple):
    """An item for which an option is chosen, with the number of the place at which the student saw it."""

    number: int
    text: str
    nodes: list[Node] | None


class ShownPart(NamedTuple):
    """A part of an answer: an option, or what was typed.

    `letter`: of the place at which the student saw the option; None if the text was typed, if the question no longer
    has the option, or if there is none for the `item`. `gap`: the ID of the one that the part fills in.
    """

    letter: str | None
    text: str
    nodes: list[Node] | None = None
    item: ShownItem | None = None
    gap: str | None = None


@dataclass(frozen=True)
class ShownAnswer:
    """A question as the mail shows it, with the student's answer and the right one in words.

    `number`: in the order in which the student saw the questions.
    """

    number: int
    text: str
    nodes: list[Node] | None
    own: list[ShownPart]
    right: list[ShownPart]
    feedback: list[str]
    points: Points
    max_points: Points
    explanation: str | None
    explanation_nodes: list[Node] | None
    dropped: bool


@dataclass(frozen=True)
class ShownCorrection:
    """A question whose right answers were corrected. `number`: in the order in which the student saw the questions."""

    number: int
    reason: str


class Letters:
    """Writes the mails of one class. `timezone`: IANA name; all times in mails are local.

    `endpoint`: the API's, under which students find the page; None if it is not known.
    """

    def __init__(self, class_name: str, sender: str, timezone: str, endpoint: str | None = None) -> None:
        self._endpoint = endpoint
        self._class_name = class_name
        self._sender = sender
        self._timezone = timezone
        self._templates = templates(Path(__file__).parent / "templates", timezone)

    def at(self, endpoint: str | None) -> Letters:
        """The same for another endpoint."""
        other = copy(self)
        other._endpoint = endpoint
        return other

    def score(
        self, title: str, email: str, row: ScoredRow, owed: Owed, right: RightAnswers | None, test: Questions | None
    ) -> Draft:
        """The mail about a scored row. `title`: the test's; `owed`: says what the emails before it gave.

        `test`: needed if answers of a draft were left out, to number them as the student saw the questions.
        It is true whether or not the student got an uncertain email before it.
        """
        before = owed.last_sent
        points = f"{number(row['points'])} of {number(row['maxPoints'])}"
        name = f"{row['testId']} in {row['subjectName']}"
        if before is not None and not _says_score(before, row):
            kind, headline = "change", f"Your score for {name} changed: {points}"
        elif before is not None and right and (owed.maybe_sent is None or _says_score(owed.maybe_sent, row)):
            kind, headline = "answers", f"The answers to {name}: you scored {points}"
        else:
            kind, headline = "score", f"Your score for {name}: {points}"
        questions = reviewed_questions(*right, row) if right else []
        return self._letter(
            "score",
            email,
            headline,
            kind=kind,
            row=row,
            draft=row.get("draft"),
            left_out=left_out(test, row) if test else [],
            before=before,
            test_title=title,
            answers=[_shown_answer(number, question) for number, question in enumerate(questions, 1)],
            corrections=_shown_corrections(questions),
        )

    def reminder(
        self, batch: ReminderBatch, student: StudentToRemind, email: str, owed: Owed, answered: int = 0
    ) -> Draft:
        """The mail of the batch's kind about a student's time. `owed`: says which deadline the last one gave.

        `answered`: how many questions the student's draft answers.
        """
        name = f"{batch['test']['testId']} in {batch['subject']}"
        until = local_time(student["deadline"], self._timezone)
        headlines = {
            "reminder": f"Reminder: {name} closes on {until}",
            "opening": f"{name} is open until {until}",
            "extension": f"Your deadline for {name} is now {until}",
        }
        before = owed.last_sent or {}
        return self._letter(
            batch["kind"],
            email,
            headlines[batch["kind"]],
            student=student,
            before=before.get("deadline") or student.get("extension", {}).get("before"),
            opens_at=batch["test"].get("opensAt") if is_announced(batch["test"], parse_time(batch["asOf"])) else None,
            test=batch["test"],
            subject=batch["subject"],
            answered=answered,
            hands_in="unsubmittedDrafts" in batch["test"],
        )

    def _letter(self, template: str, to: str, headline: str, **context: Any) -> Draft:
        text, html = (
            self._templates.get_template(f"{template}.{kind}").render(
                title=headline,
                class_name=self._class_name,
                page=page_address(self._endpoint) if self._endpoint else None,
                install_line=install_line(self._endpoint) if self._endpoint else None,
                **context,
            )
            for kind in ("txt", "html")
        )
        return Draft(self._class_name, self._sender, to, visible(headline), text, html)


def _says_score(said: MailContent, row: ScoredRow) -> bool:
    return (said["points"], said["maxPoints"]) == (row["points"], row["maxPoints"])


def _shown_answer(number: int, question: ReviewedQuestion) -> ShownAnswer:
    text, nodes = question["text"], question.get("nodes")
    if question["type"] == "gaps":
        text, nodes = with_gaps_named(text), nodes and nodes_with_gaps_named(nodes)
    return ShownAnswer(
        number=number,
        text=text,
        nodes=nodes,
        own=_in_words(question, question["answer"]),
        right=_in_words(question, question["right"]),
        feedback=question["feedback"],
        points=question["points"],
        max_points=question["maxPoints"],
        explanation=question["explanation"],
        explanation_nodes=question.get("explanationNodes"),
        dropped=question["dropped"],
    )


def _in_words(question: ReviewedQuestion, answer: AnswerParts) -> list[ShownPart]:
    """The parts of an answer, in order; none if there is no answer. Typed texts have no letters."""
    words = _lettered(question["options"])
    if isinstance(answer, dict) and question["type"] == "gaps":
        return [part for gap in question["gaps"] if answer for part in _in_gap(gap, answer.get(gap["id"], ""))]
    if not isinstance(answer, dict):
        return [words.get(part, ShownPart(None, part)) for part in answer]
    return [
        words.get(answer.get(item["id"], ""), ShownPart(None, answer.get(item["id"], "none")))._replace(
            item=ShownItem(number, item["text"], item.get("nodes"))
        )
        for number, item in enumerate(question["items"] if answer else [], 1)
    ]


def _lettered(options: Sequence[Option]) -> dict[str, ShownPart]:
    """The options by ID, with the letters of their places."""
    return {
        option["id"]: ShownPart(letter, option["text"], option.get("nodes"))
        for letter, option in zip(ascii_lowercase, options, strict=False)
    }


def _in_gap(gap: Gap, answer: str) -> list[ShownPart]:
    """The parts of an answer in a gap; several only if it is the right one, of which a correction accepts more."""
    if gap["type"] != "single" or not answer:
        return [ShownPart(None, answer or "none", gap=gap["id"])]
    words = _lettered(gap["options"])
    return [words.get(part, ShownPart(None, part))._replace(gap=gap["id"]) for part in answer.split(" or ")]


def _shown_corrections(questions: Sequence[ReviewedQuestion]) -> list[ShownCorrection]:
    return [
        ShownCorrection(number, question["correction"])
        for number, question in enumerate(questions, 1)
        if question["correction"] is not None
    ]
