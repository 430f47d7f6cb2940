"""What the report says about one question. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from common.run.accepted_answers import counted_answer, same_if_alike
from common.run.mail_text import beginning
from common.shared.gaps import gap_entry, gap_question, with_gaps_named
from report_run.choices import Choices, Halves, by_halves, count_choices
from report_run.given_answers import count_given
from report_run.item_analysis import QuestionStatistics, question_statistics
from report_run.results import PAIR

if TYPE_CHECKING:
    from common.shared.documents import AnswerKeyEntry, Question, QuestionType

LONGEST_SUSPECT = 60


@dataclass(frozen=True)
class Table:
    """How often each answer was given: to the question, to one of the items of a `match`, or in a gap.

    `item`: the ID of the item or the gap, empty if it is the question; `text`: the item's, empty otherwise. `type`: the
    question's, or the gap's. `options`: the options' texts, by ID.
    """

    item: str
    text: str
    choices: Choices
    type: QuestionType
    options: dict[str, str]

    @property
    def heading(self) -> str:
        """What it is about, if the question has several tables: an item, or `Gap 1`."""
        return f"{self.item}. {self.text}" if self.text else f"Gap {self.item}" if self.item else ""

    @property
    def is_lettered(self) -> bool:
        """Whether its answers are counted by options, and not as a whole."""
        return self.type in ("single", "multiple", "match")

    def quoted(self, answer: str) -> str:
        """What was typed, so that a text shows where it ends; other answers as they are."""
        return f'"{answer}"' if self.type in ("number", "text") else answer

    def in_words(self, answer: str) -> str:
        """An answer in words: an option's text, or `b a c: fork → exec → wait` for an order."""
        if self.type == "order":
            return f"{answer}: {' → '.join(self.options.get(option, option) for option in answer.split())}"
        return self.options.get(answer, "") if self.is_lettered else answer


@dataclass(frozen=True)
class QuestionReport:
    """A question with its statistics, how often each answer was given and, if the trainer corrected it, the reason.

    `options`: the options' texts, by ID. `shown`: for how many of the results it was drawn; None if for all.
    """

    number: str
    text: str
    type: QuestionType
    shown: int | None
    statistics: QuestionStatistics
    dropped: bool
    correction: str | None
    tables: list[Table]
    options: dict[str, str]

    @property
    def suspects(self) -> list[str]:
        """The answers that may be right instead.

        Options, typed texts, orders such as `b a c`, pairs such as `1b`, or such answers in a gap: `gap 1: b`.
        """
        return [
            f"gap {table.item}: {suspect}" if self.type == "gaps" else f"{table.item}{suspect}"
            for table in self.tables
            for suspect in table.choices.suspects
        ]

    @property
    def suspicion(self) -> str:
        """Why its answer key is probably wrong, as a sentence or, for several gaps, several."""
        if self.type != "gaps":
            return _suspicion(self.type, self.suspects)
        suspected = [table for table in self.tables if table.choices.suspects]
        return " ".join(f"In gap {each.item}, {_suspicion(each.type, each.choices.suspects)}" for each in suspected)


def _suspicion(type: QuestionType, suspects: Sequence[str]) -> str:
    """What was typed is quoted, and cut."""
    if type in ("number", "text"):
        shown = [f'"{beginning(suspect, LONGEST_SUSPECT)}"' for suspect in suspects]
        given, right = "given", "all right answers together"
    else:
        shown = list(suspects)
        given, right = "given" if type == "order" else "chosen", "the right answer"
    return f"{', '.join(shown)} was {given} by more of the upper half than {right}."


def question_report(
    question: Question,
    entry: AnswerKeyEntry | None,
    answers: Sequence[Sequence[str]],
    marks: Sequence[float],
    totals: Sequence[float],
) -> QuestionReport:
    """The report of a question. `answers`, `marks`, `totals`: each result's answer, its points, and the test's.

    The results are those of the students who got the question.
    """
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
        text=with_gaps_named(question["text"]) if question["type"] == "gaps" else question["text"],
        type=question["type"],
        shown=len(answers) if "pool" in question else None,
        statistics=statistics,
        dropped=dropped,
        correction=correction.get("reason"),
        tables=tables,
        options=_texts(question),
    )


def _tables(question: Question, entry: AnswerKeyEntry | None, given: Halves) -> list[Table]:
    if question["type"] == "match":
        return _tables_of_items(question, entry, given)
    if question["type"] == "gaps":
        return _tables_of_gaps(question, entry, given)
    return [Table("", "", _choices(question, entry, given), question["type"], _texts(question))]


def _texts(question: Question) -> dict[str, str]:
    return {option["id"]: option["text"] for option in question["options"]}


def _choices(question: Question, entry: AnswerKeyEntry | None, given: Halves) -> Choices:
    if question["type"] == "order":
        right_order = " ".join(entry["correct"]) if entry else None
        return count_given(_as_orders(given), str, lambda order: order == right_order)
    if question["type"] in ("number", "text"):
        return _count_typed(entry, given)
    right = {*entry["correct"], *entry.get("correction", {}).get("alsoAccept", [])} if entry else set()
    return count_choices(list(_texts(question)), right, given, several=question["type"] == "multiple")


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


def _by_part(given: Halves, parts: Sequence[str]) -> dict[str, Halves]:
    """The same for each item of a `match`, or for each gap: answers with one part, or none. `parts`: their IDs."""
    found = {part: {half: Counter[tuple[str, ...]]() for half in (True, False)} for part in parts}
    for half, answers in given.counts.items():
        for answer, students in answers.items():
            own = dict(pair.split(PAIR, 1) for pair in answer)
            for part, counts in found.items():
                counts[half][(own[part],) if part in own else ()] += students
    return {part: replace(given, counts=counts) for part, counts in found.items()}


def _tables_of_items(question: Question, entry: AnswerKeyEntry | None, given: Halves) -> list[Table]:
    options = _texts(question)
    of_item = _by_part(given, [item["id"] for item in question["items"]])
    return [
        Table(
            item["id"],
            item["text"],
            count_choices(list(options), {entry["pairs"][item["id"]]} if entry else set(), of_item[item["id"]]),
            "match",
            options,
        )
        for item in question["items"]
    ]


def _tables_of_gaps(question: Question, entry: AnswerKeyEntry | None, given: Halves) -> list[Table]:
    of_gap = _by_part(given, [gap["id"] for gap in question["gaps"]])
    tables = []
    for gap in question["gaps"]:
        asked = gap_question(question, gap)
        choices = _choices(asked, gap_entry(entry, gap) if entry else None, of_gap[gap["id"]])
        tables.append(Table(gap["id"], "", choices, gap["type"], _texts(asked)))
    return tables
