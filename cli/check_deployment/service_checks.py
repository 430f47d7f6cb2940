"""The deployment's other parts: stacks, permissions, alarms, logs and the quota of Lambda."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.deployment.alarm_emails import subscription_state
from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import UP_TO_DATE
from cli.check_deployment.deployed import Deployed, client
from cli.check_deployment.findings import Check, Finding, judged, not_checked

# 20 functions score and 10 send emails at the same time, beside those that serve students.
ENOUGH_CONCURRENCY = 100
# How long a log entry may take to appear.
LOGGED_WITHIN_SECONDS = 60
_STUDENT_FACING = ("Authorizer", "ListTests", "GetTest", "UploadTest", "Student", "WebPage")


@dataclass(frozen=True)
class ServiceChecks:
    """`began_at`: when the check began, in seconds since 1970."""

    deployed: Deployed
    began_at: float
    sleep: Callable[[float], None] = time.sleep

    def all(self) -> list[Check]:
        """The checks; those of logs after the others, which make the entries."""
        return [
            Check("stacks", self._stacks),
            Check("second deployment", self._second_deployment),
            Check("permissions", self._permissions),
            Check("alarms", self._alarms),
            Check("alarm emails", self._subscription),
            Check("delivery of alarms", self._delivery),
            Check("Lambda concurrency", self._concurrency),
            Check("log retention", self._retention),
            Check("log entries", self._entries),
        ]

    def _stacks(self) -> Finding:
        problems = [f"{name} is {status}" for name, status in self.deployed.status.items() if status not in UP_TO_DATE]
        return judged("stacks", problems, "complete", "deploy again with ./deploy-api-gateway.sh")

    def _second_deployment(self) -> Finding:
        return not_checked("second deployment", "run ./deploy-api-gateway.sh again: its last line must show changed=0")

    def _permissions(self) -> Finding:
        """The roles of the functions that students reach, as IAM judges them."""
        iam, objects = client("iam"), f"{self._bucket_arn}/{{}}/probe/probe/probe.json"
        problems = []
        for function in _STUDENT_FACING:
            role = iam.get_role(RoleName=self.deployed.resources[f"Functions/{function}Role"].id)["Role"]["Arn"]
            forbidden = [objects.format(prefix) for prefix in ("answers", "answer-keys")]
            for resource in forbidden:
                if self._allows(role, "s3:GetObject", resource):
                    problems.append(f"{function} may read {resource.split('/')[1]}/")
            if function == "UploadTest" and not self._allows(role, "s3:PutObject", forbidden[0]):
                problems.append("UploadTest may not write answers/")
        return judged(
            "permissions",
            problems,
            "no function that students reach may read answers or answer keys",
            "remove what was added to the functions' roles, and deploy again",
        )

    @property
    def _bucket_arn(self) -> str:
        partition = self.deployed.machine.split(":")[1]
        return f"arn:{partition}:s3:::{self.deployed.bucket}"

    def _allows(self, role: str, action: str, resource: str) -> bool:
        reply = client("iam").simulate_principal_policy(
            PolicySourceArn=role, ActionNames=[action], ResourceArns=[resource]
        )
        return any(result["EvalDecision"] == "allowed" for result in reply["EvaluationResults"])

    def _alarms(self) -> Finding:
        names = list(self.deployed.of_type("AWS::CloudWatch::Alarm").values())
        topic = self.deployed.resources["Monitoring/AlarmTopic"].id
        found: list[Any] = [
            alarm
            for page in client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNames=names)
            for alarm in page["MetricAlarms"]
        ]
        problems = [f"{name} is missing" for name in sorted(set(names) - {alarm["AlarmName"] for alarm in found})]
        for alarm in found:
            if topic not in alarm["AlarmActions"] or not alarm["ActionsEnabled"]:
                problems.append(f"{alarm['AlarmName']} emails nobody")
            if alarm["StateValue"] == "ALARM":
                problems.append(alarm["AlarmDescription"])
        return judged(
            "alarms", problems, f"{len(found)}, none of them ringing", "do what the alarm says, or deploy again"
        )

    def _subscription(self) -> Finding:
        topic = self.deployed.resources["Monitoring/AlarmTopic"].id
        trainer = self.deployed.parameters["TrainerEmail"]
        state = subscription_state(client("sns"), topic, trainer)
        if state == "confirmed":
            return judged("alarm emails", [], "the subscription is confirmed", "")
        waiting = state == "pending"
        return judged(
            "alarm emails",
            ["the subscription has not been confirmed" if waiting else f"{trainer} is not subscribed to the alarms"],
            "",
            f"follow the link that SNS has sent to {trainer}"
            if waiting
            else "deploy again: SNS then sends another link",
        )

    def _delivery(self) -> Finding:
        alarm = next(iter(self.deployed.of_type("AWS::CloudWatch::Alarm").values()), "NAME")
        return not_checked(
            "delivery of alarms",
            "only you can see whether an email arrives after: aws cloudwatch set-alarm-state --state-value ALARM"
            f" --state-reason trial --alarm-name {alarm}",
        )

    def _concurrency(self) -> Finding:
        if self.deployed.is_local:
            return not_checked("Lambda concurrency", "only AWS has this quota")
        limit = client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
        problems = [f"only {limit}"] if limit < ENOUGH_CONCURRENCY else []
        return judged(
            "Lambda concurrency",
            problems,
            f"{limit:,} functions at a time",
            f"ask AWS for at least {ENOUGH_CONCURRENCY} (Service Quotas, AWS Lambda, Concurrent executions)",
        )

    def _retention(self) -> Finding:
        wanted = int(self.deployed.parameters["LogRetentionDays"])
        problems = []
        for group in sorted(self.deployed.of_type("AWS::Logs::LogGroup").values()):
            listed = client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
            found = next((each for each in listed if each["logGroupName"] == group), None)
            if found is None:
                problems.append(f"{group} is missing")
            elif found.get("retentionInDays") != wanted:
                problems.append(f"{group} keeps entries for {found.get('retentionInDays', 'ever')} days")
        return judged("log retention", problems, f"{wanted} days", "deploy again with ./deploy-api-gateway.sh")

    def _entries(self) -> Finding:
        """Whether this check has been logged, by a function of its run and by API Gateway."""
        groups = [f"/aws/lambda/{self.deployed.stack}-plan-run"]
        if not self.deployed.is_local:
            groups.append(f"/aws/apigateway/{self.deployed.stack}")
        problems = [f"{group} has no entry" for group in groups if not self._logged(group)]
        return judged(
            "log entries",
            problems,
            "the requests and the run of this check",
            "see API Gateway's account settings (CloudWatch log role ARN), and the function's role",
        )

    def _logged(self, group: str) -> bool:
        end = time.monotonic() + LOGGED_WITHIN_SECONDS
        since = int(self.began_at * 1000)
        while not client("logs").filter_log_events(logGroupName=group, startTime=since, limit=1)["events"]:
            if time.monotonic() >= end:
                return False
            self.sleep(2)
        return True
