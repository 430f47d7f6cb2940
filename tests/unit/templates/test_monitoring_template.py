"""The alarms: each thing that can go wrong unseen reaches the trainer."""

from __future__ import annotations

from typing import Any

import pytest

from support.templates import FUNCTIONS, arn_text, of_type, pascal, properties

NAMESPACES = {
    **dict.fromkeys(("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"), "AWS/States"),
    **dict.fromkeys(("Errors", "Throttles"), "AWS/Lambda"),
    **dict.fromkeys(("FailedResults", "UncertainMails", "RejectedMails"), "TestTime"),
    **{
        "FailedInvocations": "AWS/Events",
        "ApproximateNumberOfMessagesVisible": "AWS/SQS",
        "5XXError": "AWS/ApiGateway",
    },
}
ALARMS = tuple(of_type("monitoring", "AWS::CloudWatch::Alarm"))
# Running out of time before its mails do is an error that mail_batch is called again for.
FUNCTIONS_WITH_ALARM = [name for name in FUNCTIONS if name != "mail_batch"]


def alarms(metric: str, **dimensions: Any) -> list[dict[str, Any]]:
    return [
        alarm
        for alarm in of_type("monitoring", "AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == metric
        and {d["Name"]: arn_text(d["Value"]) for d in alarm.get("Dimensions", [])} == dimensions
    ]


@pytest.mark.parametrize("metric", ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"])
def test_a_run_that_ends_badly_raises_an_alarm(metric: str) -> None:
    assert alarms(metric, StateMachineArn="${StateMachineArn}")


def test_a_run_that_could_not_start_raises_an_alarm() -> None:
    assert alarms("FailedInvocations", RuleName="${RuleName}")
    assert alarms("ApproximateNumberOfMessagesVisible", QueueName="${DeadLetterQueueName}")


def test_students_errors_that_are_not_theirs_raise_an_alarm() -> None:
    assert alarms("5XXError", ApiName="${RootStackName}", Stage="api")


@pytest.mark.parametrize("name", FUNCTIONS_WITH_ALARM)
def test_a_function_that_fails_raises_an_alarm(name: str) -> None:
    function = properties("functions", f"{pascal(name)}Function")
    assert alarms("Errors", FunctionName=arn_text(function["FunctionName"]))


def test_functions_that_are_throttled_raise_an_alarm() -> None:
    assert alarms("Throttles")


@pytest.mark.parametrize("metric", ["FailedResults", "UncertainMails", "RejectedMails"])
def test_what_a_run_could_not_do_raises_an_alarm_even_where_mail_does_not_arrive(metric: str) -> None:
    [alarm] = alarms(metric, service="${RootStackName}-report-run")
    assert alarm["Namespace"] == "TestTime"
    variables = properties("functions", "ReportRunFunction")["Environment"]["Variables"]
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "TestTime"
    # The stage's own name, so that one stage's failures are not another's alarm.
    assert variables["POWERTOOLS_SERVICE_NAME"] == {"Fn::Sub": "${RootStackName}-report-run"}


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_goes_off_at_the_first_sign_says_what_to_do_and_mails_the_trainer(name: str) -> None:
    alarm = properties("monitoring", name)
    assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
    assert (alarm["EvaluationPeriods"], alarm["Period"]) == (1, 300)
    # Of a queue's length each value counts, of everything else the number of times.
    assert alarm["Statistic"] == ("Maximum" if alarm["Namespace"] == "AWS/SQS" else "Sum")
    assert alarm["Namespace"] == NAMESPACES[alarm["MetricName"]]
    assert alarm["TreatMissingData"] == "notBreaching"
    assert ":" in alarm["AlarmDescription"]


def test_the_topic_mails_the_trainer_and_takes_alarms_alone() -> None:
    assert properties("monitoring", "AlarmTopic")["Subscription"] == [
        {"Protocol": "email", "Endpoint": {"Ref": "TrainerEmail"}}
    ]
    [statement] = properties("monitoring", "AlarmTopicPolicy")["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
