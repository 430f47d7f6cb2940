"""What starts the weekly run: the weekly rule, and the one-time schedules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.class_content.closing_times import WeeklyDeadline
from ansible_collections.training.test_time.plugins.module_utils.class_content.probe import RUN_NAME
from cli.check_deployment.deployed import Deployed, client
from cli.check_deployment.findings import NOT_BY_DEPLOYING, Check, Finding, judged, not_checked, ok, wrong
from cli.check_deployment.run_checks import SEE_EXECUTION
from cli.next_command import next_command
from cli.run_progress import in_words

# What starts a run by hand begins the run's name so.
_BY_HAND = ("manual-", RUN_NAME)
# The input of the rule and of the schedules. One of the console's own has another, if nobody has changed it.
_AUTOMATIC_INPUT = "{}"
_CREATE_GROUP = (
    "create the schedule group again (EventBridge console, Schedule groups), then publish the class: that creates its"
    f" schedules. {NOT_BY_DEPLOYING[0].upper()}{NOT_BY_DEPLOYING[1:]}"
)
# EventBridge fires within the minute, and tries again if it must.
_START_TAKES = timedelta(minutes=10)


@dataclass(frozen=True)
class StartChecks:
    """`now`: the time by AWS's clock."""

    deployed: Deployed
    now: datetime

    def all(self) -> list[Check]:
        """The checks."""
        return [
            Check("weekly rule", self._rule),
            Check("schedule group", self._schedule_group, _CREATE_GROUP),
            Check("failed starts", self._dead_letters),
            Check("automatic start", self._evidence),
        ]

    def _rule(self) -> Finding:
        """Whether the rule is as it was deployed."""
        rule = client("events").describe_rule(Name=self.deployed.resource("WeeklyRun/WeeklyRule"))
        targets = client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
        wanted = self.deployed.parameters["ScoringSchedule"]
        problems = [] if rule["State"] == "ENABLED" else ["the rule is disabled"]
        if rule["ScheduleExpression"] != wanted:
            problems.append(f"it fires at {rule['ScheduleExpression']} instead of {wanted}")
        if [target["Arn"] for target in targets] != [self.deployed.machine]:
            problems.append("it does not start the weekly run, or not only that")
        else:
            problems += self._problems_of(targets[0])
        return judged(
            "weekly rule",
            problems,
            f"{wanted} in UTC",
            f"undo what was changed by hand in the rule {rule['Name']} (EventBridge console): {NOT_BY_DEPLOYING}",
        )

    def _problems_of(self, target: dict[str, Any]) -> list[str]:
        problems = []
        if not target.get("RoleArn", "").endswith(f"/{self.deployed.resource('WeeklyRun/WeeklyRuleRole')}"):
            problems.append("it does not use WeeklyRuleRole")
        if target.get("Input") != _AUTOMATIC_INPUT:
            problems.append(f"it starts a run with the input {target.get('Input')}")
        if target.get("DeadLetterConfig", {}).get("Arn") != self.deployed.outputs["DeadLetterQueueArn"]:
            problems.append("failed starts are not put into the queue")
        return problems

    def _schedule_group(self) -> Finding:
        name = self.deployed.outputs["ScheduleGroupName"]
        state = client("scheduler").get_schedule_group(Name=name)["State"]
        problems = [] if state == "ACTIVE" else [f"{name} is {state}"]
        return judged("schedule group", problems, name, _CREATE_GROUP)

    def _dead_letters(self) -> Finding:
        queue = self.deployed.resource("WeeklyRun/DeadLetterQueue")
        attribute = "ApproximateNumberOfMessages"
        reply = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=[attribute])
        count = int(reply["Attributes"][attribute])
        problems = [f"{count} in the queue"] if count else []
        todo = f"read the messages of the queue {queue.rsplit('/', 1)[-1]}, and delete them once the cause is gone"
        return judged("failed starts", problems, "none", todo)

    def _evidence(self) -> Finding:
        """Whether the rule or a schedule has started a run since the last deadline."""
        name = "automatic start"
        due = _last_deadline(self.deployed, self.now - _START_TAKES)
        latest = next(self._automatic(), None)
        seen, start = "no run has been started by the rule or a schedule yet", next_command("./bin/run-scoring.sh")
        if latest:
            started: datetime = latest["startDate"].astimezone(UTC)
            seen = f"the latest was at {started:%Y-%m-%d %H:%M:%SZ}, {_age(self.now - started)} ago"
        if due > self.deployed.changed_at and (latest is None or started < due):
            return wrong(
                name,
                f"the weekly rule should have started a run at {due:%Y-%m-%d %H:%MZ}, but {seen}",
                f"{start} starts one now; see the checks weekly rule, start permissions and failed starts",
            )
        if latest is None:
            return not_checked(name, f"{seen}: check again after the next deadline")
        if latest["status"] in ("SUCCEEDED", "RUNNING"):
            return ok(name, seen)
        return wrong(name, f"{seen}, and {in_words(latest['status'])}", f"{start}; {SEE_EXECUTION}")

    def _automatic(self) -> Iterator[dict[str, Any]]:
        """The runs that were not started by hand, newest first.

        One that somebody has started in the console looks like one of the rule if it has the rule's input.
        """
        states = client("stepfunctions")
        for page in states.get_paginator("list_executions").paginate(stateMachineArn=self.deployed.machine):
            for each in page["executions"]:
                if not each["name"].startswith(_BY_HAND):
                    execution = states.describe_execution(executionArn=each["executionArn"])
                    if execution.get("input") == _AUTOMATIC_INPUT:
                        yield each


def _last_deadline(deployed: Deployed, now: datetime) -> datetime:
    """The latest weekly deadline until `now`."""
    names = ("DeadlineWeekday", "DeadlineTime", "Timezone")
    weekly = WeeklyDeadline(*(deployed.parameters[name] for name in names))
    deadline = weekly.first_after(now - timedelta(weeks=2))
    while (following := weekly.first_after(deadline)) <= now:
        deadline = following
    return deadline


def _age(age: timedelta) -> str:
    return f"{age.days} days" if age.days > 1 else f"{age.total_seconds() / 3600:.0f} hours"
