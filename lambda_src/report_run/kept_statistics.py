"""The statistics of a report as data, for the trainer's page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from report_run.choices import Choice
from report_run.question_report import QuestionReport, Table
from report_run.report_of_test import TestReport

if TYPE_CHECKING:
    from common.shared.documents import GapFigures, ItemFigures, OptionFigures, QuestionFigures, ReportStatistics

# In characters. The page shows a question's beginning, and its answer must stay below what a function may return.
LONGEST_QUESTION = 200
LONGEST_ORDER = 200
LONGEST_OPTION = 100
# In place of an option: the answers that are not among the most frequent ones.
OTHER_ANSWERS = "other"


def kept_statistics(report: TestReport, as_of: str) -> ReportStatistics:
    """What the report says about the class as a whole and about each question. It names no student."""
    return {
        "asOf": as_of,
        "students": len(report.rows),
        "scored": report.counts["scored"],
        "mean": report.statistics.mean,
        "deviation": report.statistics.deviation,
        "distribution": list(report.statistics.distribution),
        "questions": [_figures(question) for question in report.questions],
    }


def _figures(question: QuestionReport) -> QuestionFigures:
    figures: QuestionFigures = {
        "number": question.number,
        "text": _beginning(question.text, LONGEST_QUESTION),
        "type": question.type,
        "facility": question.statistics.facility,
        "discrimination": question.statistics.discrimination,
        "efficiency": question.statistics.efficiency,
        "dropped": question.dropped,
        "correction": question.correction,
        "options": _answers(question),
        "suspects": [_beginning(suspect, LONGEST_OPTION) for suspect in question.suspects],
    }
    if question.shown is not None:
        figures["shown"] = question.shown
    if question.type == "match":
        figures["items"] = [_item(table) for table in question.tables]
    if question.type == "gaps":
        figures["gaps"] = [_gap(table) for table in question.tables]
    return figures


def _gap(table: Table) -> GapFigures:
    return {
        "id": table.item,
        "type": table.type,
        "options": _rows(table),
        "suspects": [_beginning(suspect, LONGEST_OPTION) for suspect in table.choices.suspects],
    }


def _answers(question: QuestionReport) -> list[OptionFigures]:
    """The rows of the only table, or of all tables of a `match` together; none of gaps, which have their own."""
    if question.type == "gaps":
        return []
    if question.type == "match":
        first = question.tables[0]
        return [_option(rows[0].option, _text(first, rows[0].option), *rows) for rows in _by_option(question)]
    return _rows(question.tables[0])


def _rows(table: Table) -> list[OptionFigures]:
    choices = table.choices
    answers = [
        _option(choice.option if table.is_lettered else str(place), _text(table, choice.option), choice)
        for place, choice in enumerate(choices.options, 1)
    ]
    others = [_option(OTHER_ANSWERS, "", choices.others)] if choices.others else []
    return [*answers, *others, _option("", "", choices.unanswered)]


def _by_option(question: QuestionReport) -> Iterator[tuple[Choice, ...]]:
    return zip(*([*table.choices.options, table.choices.unanswered] for table in question.tables), strict=True)


def _text(table: Table, answer: str) -> str:
    return _beginning(table.in_words(answer), LONGEST_ORDER if table.type == "order" else LONGEST_OPTION)


def _item(table: Table) -> ItemFigures:
    rows = [*table.choices.options, table.choices.unanswered]
    return {
        "text": _beginning(table.text, LONGEST_OPTION),
        "right": next((row.option for row in rows if row.is_right), ""),
        "counts": {row.option: [row.lower] if row.upper is None else [row.upper, row.lower] for row in rows},
    }


def _option(option: str, text: str, *rows: Choice) -> OptionFigures:
    upper = [row.upper for row in rows if row.upper is not None]
    return {
        "option": option,
        "text": text,
        "right": any(row.is_right for row in rows),
        "upper": sum(upper) if upper else None,
        "lower": sum(row.lower for row in rows),
    }


def _beginning(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
