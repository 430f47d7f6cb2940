"""What the report says about one question. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from common.run.accepted_answers import counted_answer, same_if_alike
from common.run.mail_text import beginning
from report_run.choices import Choices, Halves, by_halves, count_choices
from report_run.given_answers import count_given
from report_run.item_analysis import QuestionStatistics, question_statistics
from report_run.results import PAIR

if TYPE_CHECKING:
    from common.shared.documents import AnswerKeyEntry, Question, QuestionType

LONGEST_SUSPECT = 60


@dataclass(frozen=True)
class Table:
    """How often each answer was given: to the question or, in a `match`, to one of its items.

    `item`: its ID, empty if it is the question; `text`: the item's.
    """

    item: str
    text: str
    choices: Choices


@dataclass(frozen=True)
class QuestionReport:
    """A question with its statistics, how often each answer was given and, if the trainer corrected it, the reason.

    `options`: the options' texts, by ID.
    """

    number: str
    text: str
    type: QuestionType
    statistics: QuestionStatistics
    dropped: bool
    correction: str | None
    tables: list[Table]
    options: dict[str, str]

    @property
    def suspects(self) -> list[str]:
        """The answers that may be right instead: options, typed texts, orders such as `b a c`, pairs such as `1b`."""
        return [f"{table.item}{suspect}" for table in self.tables for suspect in table.choices.suspects]

    @property
    def suspicion(self) -> str:
        """Why its answer key is probably wrong, as a sentence. What was typed is quoted, and cut."""
        if self.type in ("number", "text"):
            shown = [f'"{beginning(suspect, LONGEST_SUSPECT)}"' for suspect in self.suspects]
            given, right = "given", "all right answers together"
        else:
            shown = self.suspects
            given, right = "given" if self.type == "order" else "chosen", "the right answer"
        return f"{', '.join(shown)} was {given} by more of the upper half than {right}."

    @property
    def is_lettered(self) -> bool:
        """Whether its answers are counted by options, and not as a whole."""
        return self.type in ("single", "multiple", "match")

    def in_words(self, answer: str) -> str:
        """An answer of a table in words: an option's text, or `b a c: fork → exec → wait` for an order."""
        if self.type == "order":
            return f"{answer}: {' → '.join(self.options.get(option, option) for option in answer.split())}"
        return self.options.get(answer, "") if self.is_lettered else answer


def question_report(
    question: Question,
    entry: AnswerKeyEntry | None,
    answers: Sequence[Sequence[str]],
    marks: Sequence[float],
    totals: Sequence[float],
) -> QuestionReport:
    """The report of a question. `answers`, `marks`, `totals`: each result's answer, its points, and the test's."""
    correction = entry.get("correction", {}) if entry else {}
    dropped = correction.get("drop", False)
    others = [round(total - mark, 2) for total, mark in zip(totals, marks, strict=True)]
    tables = _tables(question, entry, by_halves(answers, others))
    if dropped or correction.get("allCredit"):
        tables = [replace(table, choices=replace(table.choices, suspects=[])) for table in tables]
    statistics = QuestionStatistics(None, None, None)
    if not dropped:
        statistics = question_statistics(marks, totals, entry["points"] if entry else 0)
    return QuestionReport(
        number=str(question["number"]),
        text=question["text"],
        type=question["type"],
        statistics=statistics,
        dropped=dropped,
        correction=correction.get("reason"),
        tables=tables,
        options={option["id"]: option["text"] for option in question["options"]},
    )


def _tables(question: Question, entry: AnswerKeyEntry | None, given: Halves) -> list[Table]:
    if question["type"] == "match":
        return _tables_of_items(question, entry, given)
    if question["type"] == "order":
        right_order = " ".join(entry["correct"]) if entry else None
        return [Table("", "", count_given(_as_orders(given), str, lambda order: order == right_order))]
    if question["type"] in ("number", "text"):
        return [Table("", "", _count_typed(entry, given))]
    right = {*entry["correct"], *entry.get("correction", {}).get("alsoAccept", [])} if entry else set()
    options = [option["id"] for option in question["options"]]
    return [Table("", "", count_choices(options, right, given, several=question["type"] == "multiple"))]


def _as_orders(given: Halves) -> Halves:
    """The same with each order as one part, such as `b a c`."""
    joined = {half: Counter[tuple[str, ...]]() for half in given.counts}
    for half, answers in given.counts.items():
        for answer, students in answers.items():
            joined[half][(" ".join(answer),) if answer else ()] = students
    return replace(given, counts=joined)


def _count_typed(entry: AnswerKeyEntry | None, given: Halves) -> Choices:
    """Without an answer key, nothing is right, and what is spelled differently is different."""
    if entry is None:
        return replace(count_given(given, str, lambda _: False), suspects=[])
    return count_given(
        given, lambda each: same_if_alike(entry, each), lambda each: counted_answer(entry, each) is not None
    )


def _tables_of_items(question: Question, entry: AnswerKeyEntry | None, given: Halves) -> list[Table]:
    options = [option["id"] for option in question["options"]]
    items = {item["id"]: {half: Counter[tuple[str, ...]]() for half in (True, False)} for item in question["items"]}
    for half, answers in given.counts.items():
        for answer, students in answers.items():
            chosen = dict(pair.split(PAIR, 1) for pair in answer)
            for item, counts in items.items():
                counts[half][(chosen[item],) if item in chosen else ()] += students
    return [
        Table(
            item["id"],
            item["text"],
            count_choices(
                options, {entry["pairs"][item["id"]]} if entry else set(), replace(given, counts=items[item["id"]])
            ),
        )
        for item in question["items"]
    ]
