"""The alarms: each thing that can go wrong unseen reaches the trainer, and the alarms are free."""

from __future__ import annotations

import re
from typing import Any

import pytest

from support.templates import BEHIND_THE_API, FUNCTIONS, ROOT, arn_text, of_type, pascal, properties, template

NAMESPACES = {
    **dict.fromkeys(("Errors", "Throttles"), "AWS/Lambda"),
    **{
        "RunProblems": "TestTime",
        "FailedInvocations": "AWS/Events",
        "ApproximateNumberOfMessagesVisible": "AWS/SQS",
        "5XXError": "AWS/ApiGateway",
    },
    **dict.fromkeys(("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"), "AWS/States"),
}
ALARMS = tuple(of_type("monitoring", "AWS::CloudWatch::Alarm"))
# Free in an account: https://aws.amazon.com/cloudwatch/pricing/
FREE_ALARMS = 10
# The state machine runs several of these at a time, and goes on without a batch that fails.
PARALLEL_STEPS = ("score_batch", "mail_batch")
OPERATIONS = (ROOT / "docs/operations.md").read_text()


def alarms(metric: str, **dimensions: Any) -> list[dict[str, Any]]:
    return [
        alarm
        for alarm in of_type("monitoring", "AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == metric
        and {d["Name"]: arn_text(d["Value"]) for d in alarm["Dimensions"]} == dimensions
    ]


def test_the_alarms_are_free() -> None:
    assert len(of_type("monitoring", "AWS::CloudWatch::Alarm")) <= FREE_ALARMS


@pytest.mark.parametrize("metric", ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"])
def test_a_run_that_ends_badly_raises_an_alarm(metric: str) -> None:
    """The children of a Map have another ARN in these metrics: the failure of a batch is not the run's."""
    [alarm] = alarms(metric, StateMachineArn="${StateMachineArn}")
    assert "run-scoring.sh" in alarm["AlarmDescription"]


def test_a_run_that_could_not_start_raises_an_alarm() -> None:
    assert alarms("FailedInvocations", RuleName="${RuleName}")
    assert alarms("ApproximateNumberOfMessagesVisible", QueueName="${DeadLetterQueueName}")


def test_students_errors_that_are_not_theirs_raise_an_alarm() -> None:
    assert alarms("5XXError", ApiName="${RootStackName}", Stage="api")


@pytest.mark.parametrize("name", BEHIND_THE_API)
def test_a_function_whose_failure_is_a_server_error_is_called_by_the_api_only(name: str) -> None:
    used = str(template("openapi"))
    assert f"${{{pascal(name)}FunctionArn}}" in used
    assert f"{pascal(name)}FunctionArn" not in str(template("weekly-run.asl"))


def test_a_batch_that_cannot_be_scored_raises_an_alarm() -> None:
    """mail_batch ends with an error when it runs out of time before it has sent every email, and is called again."""
    function = properties("functions", "ScoreBatchFunction")
    assert alarms("Errors", FunctionName=arn_text(function["FunctionName"]))


def test_a_step_that_fails_or_is_throttled_for_good_fails_the_run() -> None:
    """So it needs no alarm of its own: nothing catches what Plan and Report raise."""
    states = template("weekly-run.asl")["States"]
    assert not any("Catch" in states[step] for step in ("Plan", "Report"))


@pytest.mark.parametrize("name", PARALLEL_STEPS)
def test_a_step_that_is_throttled_raises_an_alarm(name: str) -> None:
    function = properties("functions", f"{pascal(name)}Function")
    assert alarms("Throttles", FunctionName=arn_text(function["FunctionName"]))


def test_the_steps_that_run_at_the_same_time_are_those_of_the_maps() -> None:
    maps = [state for state in template("weekly-run.asl")["States"].values() if state["Type"] == "Map"]
    assert {pascal(name) for name in PARALLEL_STEPS} == {each["ItemProcessor"]["StartAt"] for each in maps}


def test_no_alarm_is_about_other_functions_of_the_account() -> None:
    assert all(alarm.get("Dimensions") for alarm in of_type("monitoring", "AWS::CloudWatch::Alarm").values())


def test_what_a_run_could_not_do_raises_an_alarm_even_where_mail_does_not_arrive() -> None:
    [alarm] = alarms("RunProblems", service="${RootStackName}")
    assert alarm["Namespace"] == "TestTime"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_functions_metrics_are_the_stacks(name: str) -> None:
    """So one stage's failures are not another's alarm, and a metric is paid for once."""
    variables = properties("functions", f"{pascal(name)}Function")["Environment"]["Variables"]
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "TestTime"
    assert variables["POWERTOOLS_SERVICE_NAME"] == {"Ref": "RootStackName"}


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


def test_operations_says_of_each_alarm_what_it_means_and_what_to_do() -> None:
    table = OPERATIONS.split("### Alarms")[1].split("\n#")[0]
    documented = re.findall(r"^\| `(\w+)` \| [^|]{20,} \| [^|]{20,} \|$", table, re.M)
    assert sorted(documented) == sorted(ALARMS)


def test_the_topic_mails_the_trainer_and_takes_alarms_alone() -> None:
    assert properties("monitoring", "AlarmTopic")["Subscription"] == [
        {"Protocol": "email", "Endpoint": {"Ref": "TrainerEmail"}}
    ]
    policy = properties("monitoring", "AlarmTopicPolicy")
    assert policy["Topics"] == [{"Ref": "AlarmTopic"}]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert (statement["Effect"], statement["Action"]) == ("Allow", "sns:Publish")
    assert statement["Resource"] == {"Ref": "AlarmTopic"}
