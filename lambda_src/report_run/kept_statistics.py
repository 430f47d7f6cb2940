"""The statistics of a report as data, for the trainer's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from report_run.report_of_test import QuestionReport, TestReport

if TYPE_CHECKING:
    from common.shared.documents import OptionFigures, QuestionFigures, ReportStatistics
    from report_run.choices import Choice

# In characters. The page shows a question's beginning, and its answer must stay below what a function may return.
LONGEST_QUESTION = 200
LONGEST_OPTION = 100


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
    return {
        "number": question.number,
        "text": _beginning(question.text, LONGEST_QUESTION),
        "facility": question.statistics.facility,
        "discrimination": question.statistics.discrimination,
        "efficiency": question.statistics.efficiency,
        "dropped": question.dropped,
        "correction": question.correction,
        "options": [_option(choice, question) for choice in (*question.choices.options, question.choices.unanswered)],
        "suspects": question.choices.suspects,
    }


def _option(choice: Choice, question: QuestionReport) -> OptionFigures:
    return {
        "option": choice.option,
        "text": _beginning(question.options.get(choice.option, ""), LONGEST_OPTION),
        "right": choice.is_right,
        "upper": choice.upper,
        "lower": choice.lower,
    }


def _beginning(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
