"""The weekly run: it scores only the probe's test."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ansible_collections.training.test_time.plugins.module_utils.class_content.probe import OPEN_FOR, RUN_NAME
from ansible_collections.training.test_time.plugins.module_utils.shared import probe
from ansible_collections.training.test_time.plugins.module_utils.shared.deadlines import format_time
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import RunRequest, Summary
from ansible_collections.training.test_time.plugins.module_utils.shared.ids import test_name
from cli.check_deployment.findings import Finding, judged, wrong
from cli.run_progress import ProgressLine, follow
from cli.weekly_run import WeeklyRun, run_id_of

# A run for one student takes some 15 seconds, or minutes if its steps have to be repeated.
RUN_ENDS_WITHIN_SECONDS = 300
SEE_EXECUTION = (
    "see the execution in Step Functions: it shows the step that failed. If it says AccessDenied: StateMachineRole"
)
_SEE_MAIL = f"see the checks of SES and of the sender below; if they are ok, {SEE_EXECUTION}"


@dataclass
class RunChecks:
    """`runs`: the stage's weekly run. `published_at`: when the probe was published.

    `planned`: the ID of the check's run, once it has shown that it was planned.
    """

    runs: WeeklyRun
    published_at: datetime
    show: Callable[[str], None] = field(default_factory=ProgressLine)
    sleep: Callable[[float], None] = time.sleep
    planned: str | None = None

    def score(self) -> Finding:
        """Score the probe's test as after its deadline."""
        given: RunRequest = {
            "only": test_name(probe.SUBJECT, probe.TEST),
            "asOf": format_time(self.published_at + OPEN_FOR + timedelta(seconds=1)),
        }
        execution = self.runs.start(given, RUN_NAME)
        failure = follow(self.runs, execution, self.show, self.sleep, RUN_ENDS_WITHIN_SECONDS)
        summary = self.runs.summary(run_id_of(execution))
        if summary is None:
            return wrong("weekly run", failure or "the run found nothing to do", SEE_EXECUTION)
        self.planned = run_id_of(execution)
        scoring, mailing = _scoring_problems(summary), _mailing_problems(summary)
        if failure:
            (mailing if summary["trainerMail"] == "failed" else scoring).append(failure)
        return judged(
            "weekly run",
            scoring + mailing,
            "the test was scored and its emails were sent to SES's simulator",
            SEE_EXECUTION if scoring else _SEE_MAIL,
        )


def _scoring_problems(summary: Summary) -> list[str]:
    """What is wrong with the scoring of the probe's test."""
    tests = summary["tests"]
    if [(test["subject"], test["testId"]) for test in tests] != [(probe.SUBJECT, probe.TEST)]:
        return ["the run looked at other tests"]
    if tests[0]["scored"] != 1:
        return ["the test was not scored"]
    if tests[0]["meanPercent"] != 100:
        return [f"the right answer got {tests[0]['meanPercent']}%"]
    return []


def _mailing_problems(summary: Summary) -> list[str]:
    """What the run reports, which is about emails if the test was scored, and what became of its two emails."""
    problems = list(summary["problems"])
    for test in summary["tests"]:
        problems += [f"{each['kind']}: {each['reason']}" for each in test["problems"]]
        if test["mails"] != {"sent": 1}:
            problems.append(f"the student's email: {', '.join(test['mails']) or 'none'}")
    if summary["trainerMail"] != "sent":
        problems.append(f"the report: {summary['trainerMailFailure'] or summary['trainerMail']}")
    return problems
