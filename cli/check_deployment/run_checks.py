"""The weekly run: it scores only the probe's test, and starts automatically."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.class_content.probe import OPEN_FOR, RUN_NAME
from ansible_collections.training.test_time.plugins.module_utils.shared import probe
from ansible_collections.training.test_time.plugins.module_utils.shared.deadlines import format_time
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import RunRequest, Summary
from ansible_collections.training.test_time.plugins.module_utils.shared.ids import test_name
from cli.check_deployment.deployed import Deployed, client
from cli.check_deployment.findings import Check, Finding, judged, not_checked, ok, wrong
from cli.run_progress import follow
from cli.weekly_run import WeeklyRun, run_id_of

_TODO = "see the execution in Step Functions: it shows the step that failed. If it says AccessDenied: StateMachineRole"
# What starts a run by hand begins the run's name so.
_BY_HAND = ("manual-", RUN_NAME)


@dataclass(frozen=True)
class RunChecks:
    """`runs`: the stage's weekly run. `published_at`: when the probe was published."""

    deployed: Deployed
    runs: WeeklyRun
    published_at: datetime
    sleep: Callable[[float], None] = time.sleep

    def score(self) -> Finding:
        """Score the probe's test as after its deadline."""
        name = "weekly run"
        given: RunRequest = {
            "only": test_name(probe.SUBJECT, probe.TEST),
            "asOf": format_time(self.published_at + OPEN_FOR + timedelta(seconds=1)),
        }
        execution = self.runs.start(given, RUN_NAME)
        failure = follow(self.runs, execution, lambda _: None, self.sleep)
        summary = self.runs.summary(run_id_of(execution))
        problems = [failure] if failure else []
        problems += _problems(summary) if summary else []
        if summary is None and failure is None:
            problems = ["the run found nothing to do"]
        return judged(name, problems, "the test was scored and its emails were sent to SES's simulator", _TODO)

    def automatic(self) -> list[Check]:
        """Checks of what starts a run at a deadline."""
        return [
            Check("weekly rule", self._rule),
            Check("failed starts", self._dead_letters),
            Check("automatic start", self._evidence),
        ]

    def _rule(self) -> Finding:
        rule = client("events").describe_rule(Name=self.deployed.resources["WeeklyRun/WeeklyRule"].id)
        targets = client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
        problems = [] if rule["State"] == "ENABLED" else ["the rule is disabled"]
        if [target["Arn"] for target in targets] != [self.deployed.machine]:
            problems.append("the rule does not start the weekly run")
        return judged(
            "weekly rule",
            problems,
            f"{rule['ScheduleExpression']} in UTC",
            f"enable the rule {rule['Name']} in EventBridge, or deploy again",
        )

    def _dead_letters(self) -> Finding:
        queue = self.deployed.resources["WeeklyRun/DeadLetterQueue"].id
        attribute = "ApproximateNumberOfMessages"
        reply = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=[attribute])
        count = int(reply["Attributes"][attribute])
        problems = [f"{count} in the queue"] if count else []
        todo = f"read the messages of the queue {queue.rsplit('/', 1)[-1]}, and delete them once the cause is gone"
        return judged("failed starts", problems, "none", todo)

    def _evidence(self) -> Finding:
        """Whether any of the latest runs was started by a rule or a schedule."""
        name = "automatic start"
        found = client("stepfunctions").list_executions(stateMachineArn=self.deployed.machine, maxResults=1000)
        started = [each for each in found["executions"] if not each["name"].startswith(_BY_HAND)]
        if not started:
            return not_checked(
                name, "no run has been started by the rule or a schedule yet: check again after the next deadline"
            )
        latest = started[0]
        when = f"{latest['startDate'].astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
        if latest["status"] in ("SUCCEEDED", "RUNNING"):
            return ok(name, f"the latest was at {when}")
        return wrong(name, f"the latest, at {when}, {latest['status'].lower()}", f"./bin/run-scoring.sh; {_TODO}")


def _problems(summary: Summary) -> list[str]:
    """What is wrong with the run of the probe's test."""
    tests: list[Any] = list(summary["tests"])
    problems = list(summary["problems"])
    for test in tests:
        problems += [f"{each['kind']}: {each['reason']}" for each in test["problems"]]
    if [(test["subject"], test["testId"]) for test in tests] != [(probe.SUBJECT, probe.TEST)]:
        problems.append("the run looked at other tests")
    elif tests[0]["scored"] != 1:
        problems.append("the test was not scored")
    elif tests[0]["meanPercent"] != 100:
        problems.append(f"the right answer got {tests[0]['meanPercent']}%")
    elif tests[0]["mails"] != {"sent": 1}:
        problems.append(f"the student's email: {', '.join(tests[0]['mails']) or 'none'}")
    if summary["trainerMail"] != "sent":
        problems.append(f"the report: {summary['trainerMailFailure'] or summary['trainerMail']}")
    return problems
