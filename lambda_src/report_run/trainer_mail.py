"""The mail to the trainer: its text, its attachments, and the full reports that it links to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from common.run.ledger import Ledger, Owed
from common.run.mail import Draft, Mailer, MailThrottled
from common.run.mail_text import templates, visible
from common.run.sending import Mail, send_once
from common.shared.canonical_json import canonical_json
from common.shared.ids import test_name
from common.shared.object_keys import (
    gradebook_key,
    probe_report_notification_key,
    report_notification_key,
    report_statistics_key,
)
from common.shared.probe import MAILBOX as SIMULATOR
from common.shared.probe import SUBJECT as PROBE_SUBJECT
from common.storage import Bucket
from report_run.choices import FEWEST_RESULTS
from report_run.item_analysis import SMALL_CLASS
from report_run.kept_statistics import kept_statistics
from report_run.report_of_test import LONGEST_EXCERPT, TestReport
from report_run.results import MailResults

if TYPE_CHECKING:
    from common.shared.documents import MailContent, Plan, TrainerMailState

# SES takes 10 MB a message, and base64 makes an attachment a third larger (Amazon SES quotas).
LARGEST_ATTACHMENTS_BYTES = 5_000_000
# The last students' emails may have used up what SES accepts in a second, or in ten in a slow account.
THROTTLED_PAUSES_SECONDS = (2, 4, 8, 16)


class Sent(NamedTuple):
    """What became of the trainer's mail. `failure`: why it could not be sent."""

    state: TrainerMailState
    failure: str | None = None


class TrainerMail:
    """Mails the trainer of one class. `timezone`: IANA name; all times in mails are local.

    `link_of`: the address of a report, by its `report_page_key`; None if it is not known.
    """

    def __init__(
        self,
        bucket: Bucket,
        mailer: Mailer,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        *,
        link_of: Callable[[str], str | None],
        class_name: str,
        sender: str,
        trainer: str,
        timezone: str,
    ) -> None:
        self._bucket = bucket
        self._mailer = mailer
        self._now = now
        self._sleep = sleep
        self._link_of = link_of
        self._class_name = class_name
        self._sender = sender
        self._trainer = trainer
        self._templates = templates(Path(__file__).parent / "templates", timezone)

    def send(
        self, plan: Plan, reports: Sequence[TestReport], reminders: MailResults, deferrals: Sequence[str] = ()
    ) -> Sent:
        """Mail the trainer, unless the last mails said the same of every test. Raises StorageError.

        `deferrals`: why emails of the run were left to the next one. A report on the probe goes to SES's simulator
        instead, and has a ledger entry to itself.
        """
        ledger = Ledger(self._bucket, plan["runId"], plan["startedAt"], self._now, plan["resendUncertain"])
        content = _content(plan, reports, reminders)

        def compose(_owed: Owed) -> Draft:
            return self._draft(plan, reports, reminders, deferrals)

        mail = Mail(_ledger_key(plan), content, compose)
        outcome = send_once(ledger, mail, self._mailer.send)
        for pause in THROTTLED_PAUSES_SECONDS:
            if outcome.state != "deferred" or not isinstance(outcome.refusal, MailThrottled):
                break
            self._sleep(pause)
            outcome = send_once(ledger, mail, self._mailer.send)
        if outcome.refusal is None:
            match outcome.state:
                case "sent" | "sent earlier" | "uncertain" | "elsewhere" as state:
                    return Sent(state)
                case "outdated":
                    return Sent("failed", "has to wait: another run is sending one just now")
        return Sent("failed", f"could not be sent: {outcome.refusal}")

    def _draft(
        self, plan: Plan, reports: Sequence[TestReport], reminders: MailResults, deferrals: Sequence[str]
    ) -> Draft:
        """Keep the full reports in S3 and write the mail about them."""
        context = {
            "plan": plan,
            "run_problems": [*plan["problems"], *deferrals],
            "reminder_problems": reminders.problems,
            "class_name": self._class_name,
            "small_class": SMALL_CLASS,
            "fewest_results": FEWEST_RESULTS,
            "longest_excerpt": LONGEST_EXCERPT,
        }
        for report in reports:
            page = self._templates.get_template("page.html").render(title=_name(report), report=report, **context)
            self._bucket.put(report.page_key, page.encode(), "text/html; charset=utf-8")
            self._bucket.put(gradebook_key(report.prefix), report.csv, "text/csv; charset=utf-8")
            self._bucket.put_json(report_statistics_key(report.prefix), kept_statistics(report, plan["asOf"]))
            report.link = self._link_of(report.page_key)
        subject = _headline(plan, reports)
        text, html = (
            self._templates.get_template(f"mail.{kind}").render(title=subject, reports=reports, **context)
            for kind in ("txt", "html")
        )
        attached = sum(len(report.csv) for report in reports) <= LARGEST_ATTACHMENTS_BYTES
        files = {f"{report.subject}-{report.test_id}.csv": (report.csv, "csv") for report in reports if attached}
        to = SIMULATOR if _is_about_probe(plan) else self._trainer
        return Draft(self._class_name, self._sender, to, visible(subject), text, html, files)


def _is_about_probe(plan: Plan) -> bool:
    """Whether the run is one of bin/check-deployment.sh. No other run looks at its test, nor it at any other test."""
    return any(entry["subject"] == PROBE_SUBJECT for entry in plan["tests"])


def _ledger_key(plan: Plan) -> str:
    return probe_report_notification_key() if _is_about_probe(plan) else report_notification_key()


def _name(report: TestReport) -> str:
    return f"{report.test_id} in {report.subject}"


def _headline(plan: Plan, reports: Sequence[TestReport]) -> str:
    """The mail's subject. Without a report, the mail is about problems only."""
    if not reports:
        return f"Problems with {'the published class' if plan['problems'] else 'emails to students'}"
    if len(reports) > 1:
        return f"Results: {len(reports)} tests"
    only = reports[0]
    return f"Results: {_name(only)}, {only.counts['scored']} of {len(only.rows)} students graded"


def _content(plan: Plan, reports: Sequence[TestReport], reminders: MailResults) -> MailContent:
    """What the mail says: the same grades and problems are one mail, however often a run finds them."""
    tests = {
        test_name(report.subject, report.test_id): _digest(
            [
                [[row.student_id, row.status, row.points, row.max_points, list(row.marks)] for row in report.rows],
                sorted([problem.kind, problem.student_id] for problem in report.problems),
                sorted(report.mails.deferred.items()),
            ]
        )
        for report in reports
    }
    problems = [plan["problems"], sorted(reminders.problems), sorted(reminders.deferred)]
    return {"tests": {**tests, "": _digest(problems) if any(problems) else ""}}


def _digest(value: object) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()[:32]
