"""The alarms: whether they are as deployed, whether one is ringing, and whether they reach the trainer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.deployment.alarm_emails import subscription_state
from cli.check_deployment.deployed import Deployed, client
from cli.check_deployment.findings import NOT_BY_DEPLOYING, Check, Finding, judged, not_checked, ok

_CREATE_DASHBOARD = f"create it again in CloudWatch from templates/dashboard.json: {NOT_BY_DEPLOYING}"
_UNDO_ALARMS = (
    f"if an alarm is missing or emails nobody, undo what was changed by hand in CloudWatch: {NOT_BY_DEPLOYING}"
)
_PUBLISHER = "cloudwatch.amazonaws.com"


@dataclass(frozen=True)
class AlarmChecks:
    """The checks of a deployment's alarms and dashboard."""

    deployed: Deployed

    def all(self) -> list[Check]:
        """The checks."""
        return [
            Check("alarms", self._alarms),
            Check("alarm topic", self._topic),
            Check("alarm emails", self._subscription),
            Check("delivery of alarms", self._delivery),
            Check("dashboard", self._dashboard, _CREATE_DASHBOARD),
        ]

    def _alarms(self) -> Finding:
        names = list(self.deployed.of_type("AWS::CloudWatch::Alarm").values())
        topic = self.deployed.resource("Monitoring/AlarmTopic")
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
            "alarms",
            problems,
            f"{len(found)}, none of them ringing",
            f"do what a ringing alarm says; {_UNDO_ALARMS}",
        )

    def _topic(self) -> Finding:
        """Whether the alarms may publish to the topic, by its policy."""
        topic = self.deployed.resource("Monitoring/AlarmTopic")
        policy = json.loads(client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
        statements = [each for each in _listed(policy["Statement"]) if self._is_about_alarms(each, topic)]
        refused = any(each["Effect"] == "Deny" for each in statements)
        granted = any(each["Effect"] == "Allow" and self._is_met(each.get("Condition", {})) for each in statements)
        return judged(
            "alarm topic",
            [] if granted and not refused else ["the topic's policy does not let CloudWatch publish alarms"],
            "CloudWatch may publish alarms",
            f"undo what was changed by hand in the access policy of {topic} (SNS console): {NOT_BY_DEPLOYING}",
        )

    def _is_about_alarms(self, statement: Mapping[str, Any], topic: str) -> bool:
        principal = statement.get("Principal")
        services = _listed(principal.get("Service", [])) if isinstance(principal, dict) else []
        everybody = principal == "*" or (isinstance(principal, dict) and "*" in _listed(principal.get("AWS", [])))
        actions = {action.lower() for action in _listed(statement.get("Action", []))}
        return (
            (everybody or _PUBLISHER in services)
            and bool(actions & {"sns:publish", "sns:*", "*"})
            and bool({topic, "*"} & set(_listed(statement.get("Resource", []))))
        )

    def _is_met(self, condition: Mapping[str, Mapping[str, Any]]) -> bool:
        """Whether alarms of the account meet the condition. Only those of the template and of SNS are known."""
        return all(
            name.lower() in ("aws:sourceaccount", "aws:sourceowner") and self.deployed.account in _listed(values)
            for test in condition.values()
            for name, values in test.items()
        )

    def _subscription(self) -> Finding:
        topic = self.deployed.resource("Monitoring/AlarmTopic")
        trainer = self.deployed.parameters["TrainerEmail"]
        state = subscription_state(client("sns"), topic, trainer)
        if state == "confirmed":
            return ok("alarm emails", "the subscription is confirmed")
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

    def _dashboard(self) -> Finding:
        name = self.deployed.resource("Monitoring/Dashboard")
        client("cloudwatch").get_dashboard(DashboardName=name)
        return ok("dashboard", name)


def _listed(value: Any) -> list[Any]:
    """What a policy has as one value or as a list of them."""
    return value if isinstance(value, list) else [value]
