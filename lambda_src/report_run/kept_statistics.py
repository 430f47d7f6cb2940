"""The statistics of a report as data, for the trainer's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from report_run.report_of_test import QuestionReport, TestReport

if TYPE_CHECKING:
    from common.shared.documents import QuestionFigures, ReportStatistics


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
        "text": question.text,
        "facility": question.statistics.facility,
        "discrimination": question.statistics.discrimination,
        "efficiency": question.statistics.efficiency,
        "dropped": question.dropped,
        "correction": question.correction,
    }
