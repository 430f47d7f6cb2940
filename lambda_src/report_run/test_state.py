"""What a test was last scored for, which decides when it is due again. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.shared.deadlines import format_time, parse_time
from report_run.results import MailResults
from report_run.test_report import TestReport

if TYPE_CHECKING:
    from common.shared.documents import Plan, PlanEntry, TestState


def state_after(
    plan: Plan, entry: PlanEntry, report: TestReport | None, reminders: MailResults, *, uncertain_report: bool
) -> TestState:
    """The state of a test after a run. `report`: None if the run only sent reminders.

    A test with failed results keeps the state that it has, so it stays due.
    """
    state: TestState = {**entry["state"]} if entry["state"] else {}
    if entry["reminderBatches"] and not reminders.unfinished:
        state["remindedThrough"] = _latest(state.get("remindedThrough"), plan["asOf"])
    if report is not None and not report.counts["failed"]:
        state["scoredThrough"] = _latest(state.get("scoredThrough"), plan["asOf"])
        state["scoredAt"] = _latest(state.get("scoredAt"), plan["startedAt"])
        state["keyVersion"] = entry["keyVersion"]
        state["pendingMails"] = report.mails.unfinished
        state["uncertainMails"] = report.mails.states["uncertain"] + uncertain_report
        state["rejectedMails"] = report.mails.states["rejected"]
        state["report"] = report.prefix
    return state


def _latest(first: str | None, second: str) -> str:
    return second if first is None else format_time(max(parse_time(first), parse_time(second)))
