"""The weekly run: its steps, what starts it, and where failures go."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from common.shared.object_keys import failure_keys, failures_prefix, manifest_key, sending_limits_failure_key
from plan_run.due import MOST_MAILERS
from support.templates import ROOT, arn_text, of_type, pascal, properties, role_statements, template

# The states that call functions.
STEPS = {
    "Plan": "plan_run",
    "ScoreBatch": "score_batch",
    "SendingLimits": "mail_batch",
    "MailBatch": "mail_batch",
    "Report": "report_run",
}
# A Distributed Map runs at most 10,000 children at once; an account starts with 1,000 concurrent calls of functions.
MOST_CHILDREN = 100
QUEUE = {"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${RootStackName}-weekly-run-failed"}


def definition() -> dict[str, Any]:
    return template("weekly-run.asl")


def states(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"])


def calls() -> dict[str, dict[str, Any]]:
    """The tasks that call functions, by name."""
    return {name: state for name, state in states(definition()) if state.get("Resource", "").endswith("lambda:invoke")}


def machines() -> list[dict[str, Any]]:
    """The state machine and those of its Maps."""
    return [definition(), *(state["ItemProcessor"] for _, state in states(definition()) if "ItemProcessor" in state)]


def goals(state: dict[str, Any]) -> set[str]:
    """The states that may follow this one."""
    found = [state.get("Next"), state.get("Default")]
    found += [rule["Next"] for rule in state.get("Choices", []) + state.get("Catch", [])]
    return {goal for goal in found if goal}


def fields(text: str) -> set[str]:
    """`runId, due: the number of batches` or `"runId", "due"` -> {"runId", "due"}."""
    return {part.split(":")[0].strip(' "') for part in text.split(",")}


def test_the_steps_come_in_order() -> None:
    order, name = [], definition()["StartAt"]
    while name:
        order.append(name)
        state = definition()["States"][name]
        name = state.get("Next") or state.get("Default")
    assert order == ["Plan", "AnythingDue", "Settle", "ScoreAll", "SendingLimits", "MailAll", "Report"]
    assert definition()["States"]["AnythingDue"]["Choices"] == [
        {"Variable": "$.due", "NumericEquals": 0, "Next": "NothingDue"}
    ]
    assert definition()["States"]["NothingDue"]["Type"] == "Succeed"


@pytest.mark.parametrize("machine", machines(), ids=lambda machine: machine["StartAt"])
def test_every_state_that_is_gone_to_exists_and_every_state_is_reached(machine: dict[str, Any]) -> None:
    reached: set[str] = set()
    ahead = {machine["StartAt"]}
    while ahead:
        reached |= ahead
        ahead = set().union(*(goals(machine["States"][name]) for name in ahead)) - reached
    assert reached == set(machine["States"])


def test_every_state_goes_on_or_ends() -> None:
    for name, state in states(definition()):
        assert "Next" in state or "Choices" in state or state["Type"] == "Succeed" or state["End"] is True, name


def test_every_state_has_a_comment() -> None:
    assert definition()["Comment"]
    for name, state in states(definition()):
        assert state.get("Comment", "").endswith("."), name


def test_the_stack_fills_in_every_placeholder_and_no_other() -> None:
    machine = properties("weekly-run", "StateMachine")
    assert machine["Definition"]["Fn::Transform"]["Parameters"] == {"Location": "weekly-run.asl.json"}
    used = set(re.findall(r"\$\{(\w+)\}", json.dumps(definition())))
    values = {"Partition": "AWS::Partition", "DeadLetterQueueUrl": "DeadLetterQueue"}
    # Each other one is the template's parameter of the same name.
    assert machine["DefinitionSubstitutions"] == {name: {"Ref": values.get(name, name)} for name in used}
    assert used - set(values) <= set(template("weekly-run")["Parameters"])


@pytest.mark.parametrize("step", STEPS)
def test_a_steps_comment_says_what_its_function_is_given_and_answers(step: str) -> None:
    task, function = calls()[step], STEPS[step]
    contract = re.match(rf"Calls {function} with {{([^}}]*)}} and gets {{([^}}]*)}}", task["Comment"])
    documented = re.findall(r"^ *`{([^}]*)}` -> `{([^}]*)}`", handler_docstring(function), re.M)
    assert contract
    assert (fields(contract[1]), fields(contract[2])) in [(fields(given), fields(got)) for given, got in documented]
    assert fields(contract[1]) == {name.removesuffix(".$") for name in task["Parameters"]["Payload"]}
    assert task["Parameters"]["FunctionName"] == f"${{{pascal(function)}FunctionArn}}"


def handler_docstring(step: str) -> str:
    source = ast.parse((ROOT / f"lambda_src/{step}/handler.py").read_text())
    [handler] = [f for f in source.body if isinstance(f, ast.FunctionDef) and f.name == "lambda_handler"]
    return ast.get_docstring(handler) or ""


def test_every_path_into_what_plan_answers_is_a_field_of_its_answer() -> None:
    answered = re.search(r"gets {([^}]*)}", definition()["States"]["Plan"]["Comment"])
    assert answered
    top = definition()["States"]
    paths = [top["AnythingDue"]["Choices"][0]["Variable"], top["Settle"]["TimestampPath"]]
    paths += [path for name, path in top["Report"]["Parameters"]["Payload"].items() if name.endswith(".$")]
    assert {path.removeprefix("$.") for path in paths} == fields(answered[1])


@pytest.mark.parametrize("name", ["ScoreAll", "MailAll"])
def test_a_map_whose_manifest_cannot_be_read_is_tried_again(name: str) -> None:
    """Otherwise one failed read of S3 ends the run, perhaps between the scores and the emails."""
    [rule] = definition()["States"][name]["Retry"]
    assert rule["ErrorEquals"] == ["States.ItemReaderFailed"]
    assert (rule["IntervalSeconds"], rule["BackoffRate"], rule["JitterStrategy"]) == (2, 2, "FULL")
    assert rule["MaxAttempts"] >= 3


def test_every_task_is_tried_again() -> None:
    tasks = [(name, state) for name, state in states(definition()) if state["Type"] == "Task"]
    assert all(any(rule.get("MaxAttempts") for rule in state["Retry"]) for _, state in tasks)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_waits_longer_each_time_for_a_lambda_that_is_busy_and_not_with_all_others_at_once(step: str) -> None:
    [busy] = [rule for rule in calls()[step]["Retry"] if "Lambda.ServiceException" in rule["ErrorEquals"]]
    assert set(busy["ErrorEquals"]) == {
        *("Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException"),
        *("Lambda.ClientExecutionTimeoutException", "Lambda.TooManyRequestsException"),
    }
    assert busy["MaxAttempts"] >= 5
    assert busy["JitterStrategy"] == "FULL"


def test_every_retrier_names_its_errors_and_waits_longer_each_time() -> None:
    rules = [rule for _, state in states(definition()) for rule in state.get("Retry", [])]
    assert all(rule["ErrorEquals"] for rule in rules)
    growing = [rule for rule in rules if rule["MaxAttempts"] and rule["ErrorEquals"] != ["MoreMails"]]
    assert all(rule["BackoffRate"] >= 2 for rule in growing)


def test_states_all_is_the_last_retrier_as_the_language_demands() -> None:
    for name, state in states(definition()):
        assert all("States.ALL" not in rule["ErrorEquals"] for rule in state.get("Retry", [])[:-1]), name


def test_a_run_has_a_day() -> None:
    assert definition()["TimeoutSeconds"] == 24 * 3600


def test_an_input_or_a_class_that_cannot_be_planned_is_not_tried_again() -> None:
    assert {"ErrorEquals": ["InvalidInput", "PlanFailed"], "MaxAttempts": 0} in calls()["Plan"]["Retry"]


def test_a_failure_of_plan_or_report_is_the_runs() -> None:
    assert not [name for name in ("Plan", "Report") if "Catch" in definition()["States"][name]]


def test_all_four_functions_are_called_and_the_role_may_call_them_and_no_other() -> None:
    parameters = {f"{pascal(function)}FunctionArn" for function in STEPS.values()}
    assert set(calls()) == set(STEPS)
    [calling] = [s for s in role_statements("weekly-run", "StateMachineRole") if s["Action"] == "lambda:InvokeFunction"]
    assert {arn_text(resource).strip("${}") for resource in calling["Resource"]} == parameters


@pytest.mark.parametrize("step", STEPS)
def test_a_step_outlasts_its_function_and_is_tried_again(step: str) -> None:
    task = calls()[step]
    assert task["TimeoutSeconds"] > properties("functions", f"{pascal(STEPS[step])}Function")["Timeout"]
    assert task["Retry"][-1]["ErrorEquals"] == ["States.ALL"]
    assert task["Retry"][-1]["MaxAttempts"] >= 2
    assert any("Lambda.TooManyRequestsException" in rule["ErrorEquals"] for rule in task["Retry"])


def test_every_step_in_a_map_is_tried_again_at_a_random_moment() -> None:
    """Its siblings fail at the same time, for the same reason."""
    in_maps = [state for machine in machines()[1:] for state in machine["States"].values()]
    of_the_limits = [definition()["States"][name] for name in ("SendingLimits", "SendingLimitsFailed")]
    rules = [rule for state in in_maps + of_the_limits for rule in state.get("Retry", []) if rule["MaxAttempts"]]
    assert rules
    assert all(rule["JitterStrategy"] == "FULL" for rule in rules)


def test_ses_is_asked_for_its_limits_before_the_mails_with_long_pauses_between() -> None:
    asking = calls()["SendingLimits"]
    assert {"ErrorEquals": ["SendingClosed"], "MaxAttempts": 0} in asking["Retry"]
    rule = asking["Retry"][-1]
    assert rule["MaxAttempts"] == 8
    assert sum(min(rule["IntervalSeconds"] * rule["BackoffRate"] ** n, rule["MaxDelaySeconds"]) for n in range(8)) > 120
    assert (asking["ResultSelector"], asking["ResultPath"]) == ({"done": True}, "$.limits")


def test_limits_that_ses_does_not_say_are_recorded_and_the_mails_go_on() -> None:
    [caught] = calls()["SendingLimits"]["Catch"]
    assert caught == {"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "SendingLimitsFailed"}
    recorded = definition()["States"]["SendingLimitsFailed"]
    key = formatted(recorded["Parameters"]["Key.$"], {"$.runId": "run-1"})
    assert key == sending_limits_failure_key("run-1")
    assert recorded["Parameters"]["ServerSideEncryption"] == "AES256"
    assert recorded["Parameters"]["Body.$"] == "$.failure"
    assert [rule["ErrorEquals"] for rule in recorded["Retry"]] == [["S3.S3Exception", "S3.SdkClientException"]]
    assert [rule["ErrorEquals"] for rule in recorded["Catch"]] == [["States.ALL"]]
    assert {recorded["Next"], *(rule["Next"] for rule in recorded["Catch"])} == {"MailAll"}
    assert "$" not in {recorded["ResultPath"], *(rule["ResultPath"] for rule in recorded["Catch"])}


def test_a_mailing_that_ran_out_of_time_goes_on_at_once() -> None:
    [rule] = [r for r in calls()["MailBatch"]["Retry"] if r["ErrorEquals"] == ["MoreMails"]]
    assert (rule["IntervalSeconds"], rule["BackoffRate"], rule["MaxAttempts"]) == (1, 1, 60)


def formatted(expression: str, values: dict[str, Any]) -> str:
    """The text that `States.Format('...{}...', $.name)` makes of the values, which are by path."""
    text, *paths = expression.removeprefix("States.Format(").removesuffix(")").split(", ")
    return text.strip("'").format(*(values[path] for path in paths))


@pytest.mark.parametrize(("state", "step", "which"), [("ScoreAll", "Score", 0), ("MailAll", "Mail", 1)])
def test_a_batch_that_fails_for_good_is_recorded_and_the_others_go_on(state: str, step: str, which: int) -> None:
    all_batches = definition()["States"][state]
    assert all_batches["ToleratedFailurePercentage"] == 100
    one = all_batches["ItemProcessor"]["States"]
    assert one[f"{step}Batch"]["Catch"] == [
        {"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": f"{step}BatchFailed"}
    ]
    recorded = one[f"{step}BatchFailed"]
    assert recorded["Resource"] == "arn:${Partition}:states:::aws-sdk:s3:putObject"
    key = formatted(recorded["Parameters"]["Key.$"], {"$.runId": "run-1", "$.batch": 7})
    assert key == failure_keys("run-1", 7)[which]
    assert recorded["Parameters"]["ServerSideEncryption"] == "AES256"
    assert recorded["Parameters"]["Body.$"] == "$.failure"
    assert {recorded["Next"], *(rule["Next"] for rule in recorded["Catch"])} == {f"{step}BatchToQueue"}
    assert [rule["ErrorEquals"] for rule in recorded["Catch"]] == [["States.ALL"]]
    assert [rule["ErrorEquals"] for rule in recorded["Retry"]] == [["S3.S3Exception", "S3.SdkClientException"]]
    # The queue's message is made of what the batch and its failure were, so neither result may replace them.
    assert {recorded["ResultPath"], *(rule["ResultPath"] for rule in recorded["Catch"])} == {"$.recorded"}
    queued = one[f"{step}BatchToQueue"]
    assert queued["Resource"] == "arn:${Partition}:states:::sqs:sendMessage"
    # The error's name alone: its words may be about a person, and the queue is no part of the bucket.
    assert set(queued["Parameters"]["MessageBody"]) == {"runId.$", "batch.$", "step", "error.$"}
    assert queued["Parameters"]["MessageBody"]["error.$"] == "$.failure.Error"
    assert [rule["ErrorEquals"] for rule in queued["Retry"]] == [["States.ALL"]]


@pytest.mark.parametrize("state", ["ScoreAll", "MailAll"])
def test_batches_are_read_from_s3_and_their_answers_are_dropped(state: str) -> None:
    all_batches = definition()["States"][state]
    assert all_batches["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert all_batches["ItemReader"]["Resource"] == "arn:${Partition}:states:::s3:getObject"
    assert all_batches["ItemReader"]["ReaderConfig"] == {"InputType": "JSON"}
    key = formatted(all_batches["ItemReader"]["Parameters"]["Key.$"], {"$$.Execution.Name": "run-1"})
    assert key == manifest_key("run-1")
    assert all_batches["ResultSelector"] == {"done": True}
    assert all_batches["ResultPath"] != "$"
    children = all_batches["ItemProcessor"]["States"]
    ends = {name: child["ResultSelector"] for name, child in children.items() if "Next" not in child}
    # The answers of all children together must stay under 256 KB: `{"done":true}` of 10,000 is half of it.
    assert ends == {name: {"done": not name.endswith("ToQueue")} for name in ends}
    assert len(ends) == 2
    if state == "MailAll":
        assert all_batches["MaxConcurrency"] == MOST_MAILERS
    assert all_batches["MaxConcurrency"] <= MOST_CHILDREN


def test_the_role_reads_manifests_records_failures_and_starts_its_own_children_alone() -> None:
    by_name = {s["Sid"]: s for s in role_statements("weekly-run", "StateMachineRole")}
    bucket = "arn:${AWS::Partition}:s3:::${DataBucketName}/"
    assert arn_text(by_name["ReadManifests"]["Resource"]) == bucket + manifest_key("*")
    assert arn_text(by_name["RecordFailures"]["Resource"]) == bucket + failures_prefix("*") + "*"
    assert arn_text(by_name["StartMapChildren"]["Resource"]).endswith(":stateMachine:${RootStackName}-weekly-run")
    assert by_name["FollowMapChildren"]["Action"] == ["states:DescribeExecution", "states:StopExecution"]
    assert all(
        ":execution:${RootStackName}-weekly-run" in arn_text(r) for r in by_name["FollowMapChildren"]["Resource"]
    )
    assert (by_name["QueueFailures"]["Action"], by_name["QueueFailures"]["Resource"]) == ("sqs:SendMessage", QUEUE)
    assert properties("weekly-run", "StateMachine")["StateMachineName"] == {"Fn::Sub": "${RootStackName}-weekly-run"}


def test_the_run_is_traced_if_the_parameter_says_so_and_its_failures_are_logged() -> None:
    machine = properties("weekly-run", "StateMachine")
    assert machine["TracingConfiguration"] == {"Enabled": {"Ref": "Tracing"}}
    assert machine["LoggingConfiguration"]["Level"] == "ERROR"
    [destination] = machine["LoggingConfiguration"]["Destinations"]
    group = arn_text(destination["CloudWatchLogsLogGroup"]["LogGroupArn"])
    assert group.endswith(":log-group:${StateMachineLogGroup}:*")
    assert "StateMachineLogGroup" in of_type("weekly-run", "AWS::Logs::LogGroup")
    assert machine["StateMachineType"] == "STANDARD"


def test_the_states_input_and_output_are_not_logged() -> None:
    # A failure's Cause is a message, which may be about a person.
    assert properties("weekly-run", "StateMachine")["LoggingConfiguration"]["IncludeExecutionData"] is False


def test_the_rule_starts_the_run_at_the_parameters_times() -> None:
    rule = properties("weekly-run", "WeeklyRule")
    assert (rule["ScheduleExpression"], rule["State"]) == ({"Ref": "ScoringSchedule"}, "ENABLED")
    [target] = rule["Targets"]
    assert target["Arn"] == {"Ref": "StateMachine"}
    assert arn_text(target["RoleArn"]).endswith(":role/${WeeklyRuleRole}")
    assert target["Input"] == "{}"
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 24 * 3600, "MaximumRetryAttempts": 185}


def test_a_start_that_fails_is_kept_in_the_queue_and_the_rule_may_put_it_there() -> None:
    [target] = properties("weekly-run", "WeeklyRule")["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": QUEUE}
    assert template("weekly-run")["Resources"]["WeeklyRule"]["DependsOn"] == "DeadLetterQueue"
    [statement] = properties("weekly-run", "DeadLetterQueuePolicy")["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert (statement["Action"], statement["Resource"]) == ("sqs:SendMessage", QUEUE)
    assert arn_text(statement["Condition"]["ArnEquals"]["aws:SourceArn"]).endswith(":rule/${WeeklyRule}")
    kept = properties("weekly-run", "DeadLetterQueue")
    assert kept["QueueName"] == {"Fn::Sub": "${RootStackName}-weekly-run-failed"}
    assert kept["SqsManagedSseEnabled"] is True
    # Empty again before the next week, so that its alarm can go off anew, but not before somebody has looked.
    assert 5 * 24 * 3600 <= kept["MessageRetentionPeriod"] < 7 * 24 * 3600


@pytest.mark.parametrize("role", ["WeeklyRuleRole", "SchedulerRole"])
def test_what_starts_the_run_may_start_this_run_alone(role: str) -> None:
    [starting] = [s for s in role_statements("weekly-run", role) if s["Sid"] == "Start"]
    assert (starting["Action"], starting["Resource"]) == ("states:StartExecution", {"Ref": "StateMachine"})


def test_one_time_schedules_have_a_group_and_keep_failed_starts_in_the_queue() -> None:
    assert list(of_type("weekly-run", "AWS::Scheduler::ScheduleGroup").values()) == [{"Name": {"Ref": "RootStackName"}}]
    [keeping] = [s for s in role_statements("weekly-run", "SchedulerRole") if s["Sid"] == "KeepFailedStarts"]
    assert keeping["Resource"] == QUEUE
