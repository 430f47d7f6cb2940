"""What roles may do, as IAM judges them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cli.check_deployment.deployed import Deployed, client
from cli.check_deployment.findings import NOT_BY_DEPLOYING, Check, Finding, judged

# What a function behind the API could do to an object, as the messages say it.
_ACTIONS = {
    "s3:GetObject": "read",
    "s3:GetObjectVersion": "read old versions of",
    "s3:PutObject": "write",
    "s3:DeleteObject": "delete",
}
_BEHIND_THE_API = (
    *("Authorizer", "ListTests", "GetTest", "UploadTest", "Draft", "Student", "Review"),
    *("ClassView", "CalendarFeed", "WebPage"),
)
_OBJECTS = {
    "answers/": "answers/probe/probe/probe.json",
    "answer-keys/": "answer-keys/probe/probe.json",
    "drafts/": "drafts/probe/probe/probe.json",
    "scores/": "scores/probe/probe/probe.json",
    "reviews/": "reviews/probe/probe/probe.json",
    "roster.jsonl": "roster.jsonl",
}
# All that they may do to these objects.
_GRANTED = {
    ("UploadTest", "s3:PutObject", "answers/"),
    ("Draft", "s3:GetObject", "drafts/"),
    ("Draft", "s3:PutObject", "drafts/"),
    ("Student", "s3:GetObject", "scores/"),
    ("Review", "s3:GetObject", "reviews/"),
    ("ClassView", "s3:GetObject", "scores/"),
    ("ClassView", "s3:GetObject", "roster.jsonl"),
}


@dataclass(frozen=True)
class PermissionChecks:
    """The checks of a deployment's roles."""

    deployed: Deployed

    def all(self) -> list[Check]:
        """The checks."""
        return [Check("permissions", self._behind_the_api), Check("start permissions", self._starts)]

    def _behind_the_api(self) -> Finding:
        """The roles of the functions behind the API."""
        partition = self.deployed.machine.split(":")[1]
        problems = []
        for function in _BEHIND_THE_API:
            for name, key in _OBJECTS.items():
                resource = f"arn:{partition}:s3:::{self.deployed.bucket}/{key}"
                allowed = self._allowed(f"Functions/{function}Role", list(_ACTIONS), resource)
                for action, verb in _ACTIONS.items():
                    if (action in allowed) != ((function, action, name) in _GRANTED):
                        problems.append(f"{function} {'may' if action in allowed else 'may not'} {verb} {name}")
        return judged(
            "permissions",
            problems,
            "no function behind the API may do more with answers, keys, drafts, scores and reviews than it must",
            f"undo what was changed by hand in the functions' roles (IAM console): {NOT_BY_DEPLOYING}",
        )

    def _starts(self) -> Finding:
        """The roles of what starts a run."""
        machine, queue = self.deployed.machine, self.deployed.outputs["DeadLetterQueueArn"]
        needed = [
            ("WeeklyRuleRole", "states:StartExecution", machine),
            ("SchedulerRole", "states:StartExecution", machine),
            ("SchedulerRole", "sqs:SendMessage", queue),
        ]
        return judged(
            "start permissions",
            [
                f"{role} does not grant {action}"
                for role, action, resource in needed
                if action not in self._allowed(f"WeeklyRun/{role}", [action], resource)
            ],
            "the rule and the schedules may start the weekly run",
            f"undo what was changed by hand in these roles (IAM console): {NOT_BY_DEPLOYING}",
        )

    def _allowed(self, role: str, actions: Sequence[str], resource: str) -> set[str]:
        """Which of these actions a role may take."""
        arn = client("iam").get_role(RoleName=self.deployed.resource(role))["Role"]["Arn"]
        reply = client("iam").simulate_principal_policy(
            PolicySourceArn=arn, ActionNames=actions, ResourceArns=[resource]
        )
        return {each["EvalActionName"] for each in reply["EvaluationResults"] if each["EvalDecision"] == "allowed"}
