"""What a test's students were last told, which decides when the test is due again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.run.states import change_state, disturbed, is_last_to_plan, state_key_of
from common.shared.deadlines import parse_time
from common.storage import Bucket
from report_run.report_of_test import TestReport
from report_run.results import MailResults

if TYPE_CHECKING:
    from common.shared.documents import Plan, PlanEntry, TestState, TrainerMailState


def tells(state: TestState, plan: Plan) -> bool:
    """Whether a run is the one that tells about a test.

    Another run is if it has planned the test since, or if it has told what was true at a later time.
    """
    told_later = "toldAt" in state and parse_time(state["toldAt"]) > parse_time(plan["certainAt"])
    return is_last_to_plan(state, plan["runId"]) and not told_later


def note_disturbance(bucket: Bucket, report: TestReport) -> None:
    """Keep a test due about which another run tells, if that run may not know what this one has told or stored.

    Raises StorageError.
    """
    told_nobody = report.mails.states.keys() <= {"outdated", "sent earlier", "elsewhere"}
    if not told_nobody or report.counts["failed"]:
        change_state(bucket, state_key_of(report.entry), disturbed)


def write_state(
    bucket: Bucket,
    plan: Plan,
    entry: PlanEntry,
    report: TestReport | None,
    reminders: MailResults,
    trainer_mail: TrainerMailState,
) -> None:
    """Note what a run has told. A state only moves forward: if a later run has told more, it stays.

    `report`: what it told the trainer about the test; None if nothing, because it only sent reminders or another run
    tells about it. `trainer_mail`: if another run was sending it, the test and its reminders stay due, for that run may
    have died. Raises StorageError.
    """
    change_state(
        bucket, state_key_of(entry), lambda before: _state_after(plan, entry, before, report, reminders, trainer_mail)
    )


def _state_after(
    plan: Plan,
    entry: PlanEntry,
    before: TestState,
    report: TestReport | None,
    reminders: MailResults,
    trainer_mail: TrainerMailState,
) -> TestState:
    """A test with failed results keeps the state that it has, so it stays due."""
    state: TestState = {**before}
    if entry["reminderBatches"] and not reminders.untold and trainer_mail != "elsewhere":
        state["reminded"] = entry["reminded"]
    if report is None:
        return state
    if not tells(before, plan):
        return disturbed(state)
    if not report.counts["failed"]:
        state["told"] = entry["told"] if _scored_as_planned(entry, report) and not before.get("disturbed") else ""
        state["toldAt"] = plan["certainAt"]
        state["keyVersion"] = entry["keyVersion"]
        state["pendingMails"] = report.mails.unfinished + (trainer_mail == "elsewhere")
        state["uncertainMails"] = report.mails.states["uncertain"] + (trainer_mail == "uncertain")
        state["rejectedMails"] = report.mails.states["rejected"]
    return state


def _scored_as_planned(entry: PlanEntry, report: TestReport) -> bool:
    """Whether key and questions were not changed between the plan and the scoring. If they were, the test stays due."""
    planned = (entry["keyVersion"], entry["questionsTag"])
    return all((row.key_version, row.questions_tag) == planned for row in report.of_status("scored"))
