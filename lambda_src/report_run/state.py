"""What a test's students were last told, which decides when the test is due again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.run.states import change_state
from common.shared.deadlines import parse_time
from common.shared.object_keys import state_key
from common.storage import Bucket
from report_run.report_of_test import TestReport
from report_run.results import MailResults

if TYPE_CHECKING:
    from common.shared.documents import Plan, PlanEntry, TestState, TrainerMailState


def read_state(bucket: Bucket, entry: PlanEntry) -> TestState:
    """The state of a test; empty before its first run."""
    state: TestState | None = bucket.get_json(state_key(entry["subject"], entry["test"]["testId"]))
    return state or {}


def told_more(state: TestState, plan: Plan) -> bool:
    """Whether a run that started later has already told a test's students what is true."""
    return "toldAt" in state and parse_time(state["toldAt"]) > parse_time(plan["certainAt"])


def write_state(
    bucket: Bucket,
    plan: Plan,
    entry: PlanEntry,
    report: TestReport | None,
    reminders: MailResults,
    trainer_mail: TrainerMailState,
) -> None:
    """Note what a run has told. A state only moves forward: if a later run has told more, it stays.

    `report`: None if the run only sent reminders. `trainer_mail`: if another run was sending it, the test and its
    reminders stay due, for that run may have died. Raises StorageError.
    """
    change_state(bucket, entry, lambda before: _state_after(plan, entry, before, report, reminders, trainer_mail))


def _state_after(
    plan: Plan,
    entry: PlanEntry,
    before: TestState,
    report: TestReport | None,
    reminders: MailResults,
    trainer_mail: TrainerMailState,
) -> TestState:
    """A test with failed results keeps the state that it has, so it stays due.

    It also stays due if another run has planned it in the meantime, and may have stored other scores.
    """
    state: TestState = {**before}
    if entry["reminderBatches"] and not reminders.unfinished and trainer_mail != "elsewhere":
        state["reminded"] = entry["reminded"]
    if report is not None and not report.counts["failed"] and not told_more(before, plan):
        is_last = before.get("plannedBy") == plan["runId"]
        state["told"] = entry["told"] if is_last and _scored_as_planned(entry, report) else ""
        state["toldAt"] = plan["certainAt"]
        state["keyVersion"] = entry["keyVersion"]
        state["pendingMails"] = report.mails.unfinished + (trainer_mail == "elsewhere")
        state["uncertainMails"] = report.mails.states["uncertain"] + (trainer_mail == "uncertain")
        state["rejectedMails"] = report.mails.states["rejected"]
    return state


def _scored_as_planned(entry: PlanEntry, report: TestReport) -> bool:
    """Whether the answer key was not changed between the plan and the scoring. If it was, the test stays due."""
    return all(row.key_version == entry["keyVersion"] for row in report.of_status("scored"))
