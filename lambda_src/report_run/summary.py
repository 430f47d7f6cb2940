"""The summary of a run, which `run-scoring.sh` prints. Pure functions; students appear by ID."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from common.run.mail_text import number
from common.shared.deadlines import format_time
from report_run.report_of_test import TestReport
from report_run.results import MailResults, Problem
from report_run.trainer_mail import Sent

if TYPE_CHECKING:
    from common.shared.documents import Plan, ProblemSummary, Summary, TestSummary


def summarize(
    plan: Plan,
    reports: Sequence[TestReport],
    reminders: MailResults,
    deferrals: Sequence[str],
    mail: Sent,
    now: datetime,
) -> Summary:
    """The summary of a run whose trainer's mail came out as `mail`."""
    states = sum((report.mails.states for report in reports), Counter(reminders.states))
    return {
        "runId": plan["runId"],
        "asOf": plan["asOf"],
        "startedAt": plan["startedAt"],
        "finishedAt": format_time(now),
        "problems": [*plan["problems"], *deferrals],
        "tests": [_test(report) for report in reports],
        "reminders": dict(reminders.states),
        "reminderProblems": [_problem(problem) for problem in reminders.problems],
        "trainerMail": mail.state,
        "trainerMailFailure": mail.failure,
        "scored": sum(report.counts["scored"] for report in reports),
        "failed": sum(report.counts["failed"] for report in reports) + len(plan["problems"]),
        "uncertain": states["uncertain"] + (mail.state == "uncertain"),
        "rejected": states["rejected"],
        "deferred": sum(report.mails.waiting for report in reports) + reminders.waiting,
    }


def _test(report: TestReport) -> TestSummary:
    mean = report.statistics.mean
    return {
        "subject": report.subject,
        "testId": report.test_id,
        "reasons": report.entry["reasons"],
        "students": len(report.rows),
        "scored": report.counts["scored"],
        "missing": report.counts["missing"],
        "open": report.counts["open"],
        "failed": report.counts["failed"],
        "meanPercent": None if mean is None else float(number(mean)),
        "mails": dict(report.mails.states),
        "problems": [_problem(problem) for problem in report.problems],
        "changes": [
            {"studentId": change.student_id, "before": list(change.before), "after": list(change.after)}
            for change in report.mails.changes
        ],
        "report": report.page_key,
    }


def _problem(problem: Problem) -> ProblemSummary:
    return {"kind": problem.kind, "studentId": problem.student_id, "reason": problem.reason}
