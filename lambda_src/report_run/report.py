"""Report a run: mail the trainer, write the summary, and note what each test was scored for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from common.run.states import read_state, state_key_of
from common.shared.object_keys import plan_key, summary_key
from common.storage import Bucket
from report_run.release import note_release
from report_run.report_of_test import read_test_report
from report_run.results import MailResults, read_mails
from report_run.state import note_disturbance, tells, write_state
from report_run.summary import summarize
from report_run.trainer_mail import Sent, TrainerMail

if TYPE_CHECKING:
    from common.shared.documents import Plan, Summary


class ReportNotSent(Exception):
    """The trainer's mail could not be sent. The run's summary says why, in words of SES that may be about a person."""


class Reporter:
    """Reports runs of one class."""

    def __init__(self, bucket: Bucket, trainer_mail: TrainerMail, now: Callable[[], datetime]) -> None:
        self._bucket = bucket
        self._trainer_mail = trainer_mail
        self._now = now

    def report(self, run_id: str) -> Summary:
        """Report a run; its summary.

        Because of the order, a run that was interrupted can be repeated: the releases, the mail, the summary, and last,
        for each test, what it was scored for. A test without that is due again. Raises ReportNotSent, StorageError.
        """
        plan: Plan = self._bucket.get_json(plan_key(run_id))
        reports = [read_test_report(self._bucket, run_id, entry) for entry in plan["tests"] if entry["batches"]]
        reminded = [read_mails(self._bucket, run_id, entry["reminderBatches"]) for entry in plan["tests"]]
        reminders = MailResults()
        for mails in reminded:
            reminders.add(mails)
        news = [report for report in reports if tells(read_state(self._bucket, state_key_of(report.entry)), plan)]
        for news_of_test in news:
            note_release(self._bucket, news_of_test)
        told = MailResults()
        for mails in (*(report.mails for report in news), reminders):
            told.add(mails)
        deferrals = told.deferrals
        worth_a_mail = news or plan["problems"] or reminders.problems or deferrals
        mail = self._trainer_mail.send(plan, news, reminders, deferrals) if worth_a_mail else Sent("none")
        summary = summarize(plan, reports, reminders, deferrals, mail, self._now())
        self._bucket.put_json(summary_key(run_id), summary)
        for untold in [report for report in reports if report not in news]:
            note_disturbance(self._bucket, untold)
        if mail.failure is not None:
            raise ReportNotSent("the trainer's email was not sent: ./bin/run-scoring.sh --status shows why")
        for entry, mails in zip(plan["tests"], reminded, strict=True):
            report = next((report for report in news if report.entry is entry), None)
            write_state(self._bucket, plan, entry, report, mails, mail.state)
        return summary
