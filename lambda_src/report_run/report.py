"""Report a run: gradebooks, statistics, the trainer's mail, and what each test was scored for."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from common.errors import BrokenObject, StorageError
from common.run.ledger import Claim, Known, Ledger
from common.run.mail import Draft, Mailer, MailNotSent, MailRejected, MailUncertain
from common.run.mail_text import number, templates, visible
from common.shared.canonical_json import canonical_json
from common.shared.deadlines import format_time, parse_time
from common.shared.object_keys import (
    answer_key_key,
    plan_key,
    questions_key,
    report_notification_key,
    report_prefix,
    state_key,
    summary_key,
)
from common.storage import Bucket
from report_run.gradebook import gradebook
from report_run.item_analysis import (
    SMALL_CLASS,
    QuestionStatistics,
    TestStatistics,
    question_statistics,
    test_statistics,
)
from report_run.results import Mails, Problem, Row, read_mails, read_rows

# Above this the mail has the summary and the link, not every student.
LARGEST_LIST = 200
# SES takes 10 MB a message, and base64 makes a third more of an attachment (Amazon SES quotas).
LARGEST_ATTACHMENTS_BYTES = 5_000_000
# The function's own credentials sign the link, and no link outlives them; they last about half a day.
LINK_LIFE = timedelta(hours=12)


class ReportNotSent(Exception):
    """The trainer's mail did not go out. The message says why and names no address."""


@dataclass
class TestReport:
    """One test of the run, ready for the templates."""

    __test__ = False
    entry: Mapping[str, Any]
    title: str
    rows: list[Row]
    mails: Mails
    questions: list[dict[str, Any]]
    statistics: TestStatistics
    csv: bytes
    prefix: str
    link: str = ""
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def subject(self) -> str:
        """The subject's ID."""
        return str(self.entry["subject"])

    @property
    def test_id(self) -> str:
        """The test's ID."""
        return str(self.entry["test"]["testId"])

    @property
    def listed(self) -> bool:
        """Whether the mail lists every student."""
        return len(self.rows) <= LARGEST_LIST

    @property
    def corrected(self) -> bool:
        """Whether the run scored the test because its answers were corrected."""
        return bool({"answer key", "regrade"} & set(self.entry["reasons"]))

    def of_status(self, status: str) -> list[Row]:
        """The rows of one status."""
        return [row for row in self.rows if row.status == status]

    @property
    def problems(self) -> list[Problem]:
        """Failed results and mails that did not arrive for sure."""
        return [
            *(Problem("result failed", row.student_id, row.detail) for row in self.of_status("failed")),
            *self.mails.problems,
        ]


class Reporter:
    """Reports runs of one class."""

    def __init__(
        self,
        bucket: Bucket,
        mailer: Mailer,
        now: Callable[[], datetime],
        *,
        class_name: str,
        sender: str,
        trainer: str,
        timezone: str,
    ) -> None:
        self._bucket = bucket
        self._mailer = mailer
        self._now = now
        self._class_name = class_name
        self._sender = sender
        self._trainer = trainer
        self._templates = templates(Path(__file__).parent / "templates", timezone)

    def report(self, run_id: str) -> dict[str, Any]:
        """Report a run and answer its summary (docs/data-model.md).

        The order is what makes a run that was cut off repeatable: the mail, the summary, and last, for
        each test, what it was scored for; a test without that is due again. Raises ReportNotSent,
        StorageError.
        """
        plan = self._bucket.get_json(plan_key(run_id))
        reports = [self._read(run_id, entry) for entry in plan["tests"] if entry["batches"]]
        reminded = [read_mails(self._bucket, run_id, entry["reminderBatches"]) for entry in plan["tests"]]
        reminders = Mails()
        for mails in reminded:
            reminders.add(mails)
        mail, failure = ("none", None) if not reports else self._mail(run_id, plan, reports, reminders)
        summary = _summary(plan, reports, reminders, mail, failure, self._now())
        self._bucket.put_json(summary_key(run_id), summary)
        if failure is not None:
            raise ReportNotSent(failure)
        for entry, mails in zip(plan["tests"], reminded, strict=True):
            report = next((r for r in reports if r.entry is entry), None)
            self._remember(plan, entry, report, mails, uncertain_report=mail == "uncertain")
        return summary

    def _read(self, run_id: str, entry: Mapping[str, Any]) -> TestReport:
        subject, test = entry["subject"], entry["test"]
        try:
            questions = (self._bucket.get_json(questions_key(subject, test["testId"])) or {}).get("questions", [])
            key = self._bucket.get_json(answer_key_key(subject, test["testId"])) or {}
        except BrokenObject:
            questions, key = [], {}
        numbers = [str(question["number"]) for question in questions]
        rows = read_rows(self._bucket, run_id, entry["batches"], numbers)
        csv = gradebook(subject, test["testId"], numbers, rows)
        return TestReport(
            entry=entry,
            title=test["title"],
            rows=rows,
            mails=read_mails(self._bucket, run_id, entry["batches"]),
            questions=_questions(questions, key, rows),
            statistics=test_statistics([row.percent for row in rows if row.percent is not None]),
            csv=csv,
            prefix=report_prefix(subject, test["testId"], hashlib.sha256(csv).hexdigest()[:12]),
            counts=Counter(row.status for row in rows),
        )

    def _mail(
        self, run_id: str, plan: Mapping[str, Any], reports: list[TestReport], reminders: Mails
    ) -> tuple[str, str | None]:
        """Mail the trainer unless a mail with these very grades and problems went out before.

        What became of it (`sent`, `sent earlier`, `uncertain`, `elsewhere`, `failed`), and why it failed.
        """
        ledger = Ledger(self._bucket, run_id, self._now, plan["resendUncertain"])
        owed = ledger.look(report_notification_key(_digest(plan, reports, reminders)), {})
        if isinstance(owed, Known):
            own = owed.entry.get("runId") == run_id
            return ("sent earlier" if owed.state == "sent" and not own else owed.state), None
        draft = self._draft(plan, reports, reminders)
        claim = ledger.claim(owed)
        if isinstance(claim, Known):
            return claim.state, None
        try:
            self._mailer.send(draft)
        except MailUncertain:
            return "uncertain", None
        except MailNotSent as error:
            self._close(ledger, claim, "rejected" if isinstance(error, MailRejected) else "deferred", str(error))
            return "failed", f"the trainer's mail did not go out: {error}"
        return self._close(ledger, claim, "sent"), None

    def _close(self, ledger: Ledger, claim: Claim, state: str, reason: str | None = None) -> str:
        try:
            ledger.close(claim, state, reason)
        except StorageError:
            return "uncertain"
        return state

    def _draft(self, plan: Mapping[str, Any], reports: list[TestReport], reminders: Mails) -> Draft:
        """Keep the full reports in S3 and write the mail about them."""
        context = {"plan": plan, "class_name": self._class_name, "small_class": SMALL_CLASS}
        for report in reports:
            page = self._templates.get_template("page.html").render(title=_name(report), report=report, **context)
            self._bucket.put(f"{report.prefix}/report.html", page.encode(), "text/html; charset=utf-8")
            self._bucket.put(f"{report.prefix}/gradebook.csv", report.csv, "text/csv; charset=utf-8")
            report.link = self._bucket.signed_link(f"{report.prefix}/report.html", int(LINK_LIFE.total_seconds()))
        subject = f"Results: {_headline(reports)}"
        text, html = (
            self._templates.get_template(f"mail.{kind}").render(
                title=subject, reports=reports, reminders=reminders, link_until=self._now() + LINK_LIFE, **context
            )
            for kind in ("txt", "html")
        )
        attached = sum(len(report.csv) for report in reports) <= LARGEST_ATTACHMENTS_BYTES
        files = {f"{report.subject}-{report.test_id}.csv": (report.csv, "csv") for report in reports if attached}
        return Draft(self._class_name, self._sender, self._trainer, visible(subject), text, html, files)

    def _remember(
        self,
        plan: Mapping[str, Any],
        entry: Mapping[str, Any],
        report: TestReport | None,
        reminders: Mails,
        *,
        uncertain_report: bool,
    ) -> None:
        """Write a test's state.json. A test with failed results keeps the one it has, so it stays due."""
        state = dict(entry["state"] or {})
        if entry["reminderBatches"] and not reminders.pending:
            state["remindedThrough"] = _latest(state.get("remindedThrough"), plan["asOf"])
        if report is not None and not report.counts["failed"]:
            state |= {
                "scoredThrough": _latest(state.get("scoredThrough"), plan["asOf"]),
                "scoredAt": _latest(state.get("scoredAt"), plan["startedAt"]),
                "keyVersion": entry["keyVersion"],
                "pendingMails": report.mails.pending,
                "uncertainMails": report.mails.states["uncertain"] + uncertain_report,
                "rejectedMails": report.mails.states["rejected"],
                "report": report.prefix,
            }
        if state != (entry["state"] or {}):
            self._bucket.put_json(state_key(entry["subject"], entry["test"]["testId"]), state)


def _name(report: TestReport) -> str:
    return f"{report.test_id} in {report.subject}"


def _headline(reports: list[TestReport]) -> str:
    if len(reports) > 1:
        return f"{len(reports)} tests"
    only = reports[0]
    return f"{_name(only)}, {only.counts['scored']} of {len(only.rows)} students graded"


def _latest(first: str | None, second: str) -> str:
    return second if first is None else format_time(max(parse_time(first), parse_time(second)))


def _questions(questions: list[Any], key: Mapping[str, Any], rows: list[Row]) -> list[dict[str, Any]]:
    """Each question with its statistics and, where the trainer corrected it, the reason."""
    scored = [row for row in rows if row.status == "scored"]
    totals = [sum(row.marks) for row in scored]
    found = []
    for place, question in enumerate(questions):
        entry = key.get("questions", {}).get(str(question["number"]), {})
        correction = entry.get("correction") or {}
        dropped = bool(correction.get("drop"))
        marks = [row.marks[place] for row in scored]
        found.append(
            {
                "number": str(question["number"]),
                "text": question["text"],
                "statistics": QuestionStatistics(None, None, None)
                if dropped
                else question_statistics(marks, totals, float(entry.get("points", 0))),
                "dropped": dropped,
                "correction": correction.get("reason"),
            }
        )
    return found


def _digest(plan: Mapping[str, Any], reports: list[TestReport], reminders: Mails) -> str:
    """Names what the trainer is told: equal grades and problems are one mail, however often a run finds them."""
    told = [
        [
            report.subject,
            report.test_id,
            [[row.student_id, row.status, row.points, row.max_points, list(row.marks)] for row in report.rows],
            sorted([problem.kind, problem.student_id] for problem in report.problems),
            report.mails.states["deferred"],
        ]
        for report in reports
    ]
    return hashlib.sha256(canonical_json([told, plan["problems"], sorted(reminders.problems)])).hexdigest()[:32]


def _summary(
    plan: Mapping[str, Any],
    reports: list[TestReport],
    reminders: Mails,
    mail: str,
    failure: str | None,
    now: datetime,
) -> dict[str, Any]:
    """What `run-scoring.sh` prints (docs/data-model.md). Students appear by ID."""
    tests = [
        {
            "subject": report.subject,
            "testId": report.test_id,
            "reasons": report.entry["reasons"],
            "students": len(report.rows),
            **{status: report.counts[status] for status in ("scored", "missing", "open", "failed")},
            "meanPercent": None if report.statistics.mean is None else float(number(report.statistics.mean)),
            "mails": dict(report.mails.states),
            "problems": [_told(problem) for problem in report.problems],
            "changes": [
                {"studentId": change.student_id, "before": change.before, "after": change.after}
                for change in report.mails.changes
            ],
            "report": f"{report.prefix}/report.html",
        }
        for report in reports
    ]
    states = sum((report.mails.states for report in reports), Counter(reminders.states))
    return {
        "runId": plan["runId"],
        "asOf": plan["asOf"],
        "startedAt": plan["startedAt"],
        "finishedAt": format_time(now),
        "problems": plan["problems"],
        "tests": tests,
        "reminders": dict(reminders.states),
        "reminderProblems": [_told(problem) for problem in reminders.problems],
        "trainerMail": mail,
        "trainerMailFailure": failure,
        "scored": sum(report.counts["scored"] for report in reports),
        "failed": sum(report.counts["failed"] for report in reports) + len(plan["problems"]),
        "uncertain": states["uncertain"] + (mail == "uncertain"),
        "rejected": states["rejected"],
        "deferred": sum(report.mails.waiting for report in reports) + reminders.waiting,
    }


def _told(problem: Problem) -> dict[str, str]:
    return {"kind": problem.kind, "studentId": problem.student_id, "reason": problem.reason}
