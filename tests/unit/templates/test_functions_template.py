"""The functions as deployed: their code, their settings, their logs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from support.templates import (
    BEHIND_THE_API,
    FUNCTIONS,
    NAMES,
    ROOT,
    arn_text,
    of_type,
    pascal,
    properties,
    role_statements,
    template,
)

SOURCE = ROOT / "lambda_src"
# The address of a calendar is a secret.
NEVER_TRACED = {"calendar_feed"}


def function(name: str) -> dict[str, Any]:
    return properties("functions", f"{pascal(name)}Function")


def test_there_is_a_function_for_each_folder_that_has_a_handler() -> None:
    folders = {path.parent.name for path in SOURCE.glob("*/handler.py")}
    assert folders == set(FUNCTIONS)
    assert set(of_type("functions", "AWS::Lambda::Function")) == {f"{pascal(name)}Function" for name in FUNCTIONS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_functions_handler_is_in_its_bundle(name: str) -> None:
    settings = function(name)
    assert settings["Handler"] == f"{name}.handler.lambda_handler"
    assert re.search(r"^(def lambda_handler\(|lambda_handler = )", (SOURCE / name / "handler.py").read_text(), re.M)
    assert settings["Code"] == {"S3Bucket": {"Ref": "ArtifactBucketName"}, "S3Key": name}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_every_setting_it_reads_and_no_other(name: str) -> None:
    text = "".join(path.read_text() for path in (SOURCE / name).glob("*.py"))
    read = set(re.findall(r"setting\(\"([A-Z_]+)\"", text))
    if "data_bucket(" in text:
        read.add("DATA_BUCKET")
    powertools = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
    assert set(function(name)["Environment"]["Variables"]) == read | powertools


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_runs_as_measured(name: str) -> None:
    settings = function(name)
    assert (settings["Runtime"], settings["Architectures"]) == ("python3.13", ["arm64"])
    assert settings["MemorySize"] == {"Ref": "LambdaMemoryMb"}
    assert settings["Layers"] == [{"Ref": "Dependencies"}]
    assert 1 <= settings["Timeout"] <= (29 if name in BEHIND_THE_API else 900)  # API Gateway waits 29 seconds


@pytest.mark.parametrize("name", sorted({*FUNCTIONS} - NEVER_TRACED))
def test_a_function_is_traced_if_the_parameter_says_so(name: str) -> None:
    tracing = {"Mode": {"Fn::FindInMap": ["TracingModes", {"Ref": "Tracing"}, "Mode"]}}
    assert function(name)["TracingConfig"] == tracing
    assert properties("functions", f"{pascal(name)}Role")["ManagedPolicyArns"] == [{"Ref": "TracingPolicy"}]
    modes = template("functions")["Mappings"]["TracingModes"]
    assert modes == {"true": {"Mode": "Active"}, "false": {"Mode": "PassThrough"}}


@pytest.mark.parametrize("name", sorted(NEVER_TRACED))
def test_what_is_never_traced_could_not_send_a_trace(name: str) -> None:
    assert function(name)["TracingConfig"] == {"Mode": "PassThrough"}
    assert "ManagedPolicyArns" not in properties("functions", f"{pascal(name)}Role")
    assert "xray" not in str(role_statements("functions", f"{pascal(name)}Role"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_a_role_of_its_own(name: str) -> None:
    assert arn_text(function(name)["Role"]).endswith(f":role/${{{pascal(name)}Role}}")
    assert role_statements("functions", f"{pascal(name)}Role")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_logs_to_a_group_of_the_template(name: str) -> None:
    assert function(name)["LoggingConfig"]["LogGroup"] == {"Ref": f"{pascal(name)}LogGroup"}
    group = arn_text(properties("functions", f"{pascal(name)}LogGroup")["LogGroupName"])
    assert group == "/aws/lambda/" + arn_text(function(name)["FunctionName"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_lambda_adds_no_lines_of_its_own_to_a_functions_log_unless_it_fails(name: str) -> None:
    """START, END and REPORT are as long as all else. Only a log in JSON can do without them."""
    logging = function(name)["LoggingConfig"]
    assert (logging["LogFormat"], logging["SystemLogLevel"]) == ("JSON", "WARN")


@pytest.mark.parametrize("name", NAMES)
def test_every_log_group_forgets(name: str) -> None:
    for settings in of_type(name, "AWS::Logs::LogGroup").values():
        assert settings["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_logs_no_details_for_debugging(name: str) -> None:
    variables = properties("functions", f"{pascal(name)}Function")["Environment"]["Variables"]
    assert variables["POWERTOOLS_LOG_LEVEL"] == "INFO"


def test_only_what_is_repeated_every_hour_is_called_asynchronously_so_no_function_needs_a_queue_of_its_own() -> None:
    callers = {
        logical_id: permission["Principal"]
        for name in NAMES
        for logical_id, permission in of_type(name, "AWS::Lambda::Permission").items()
    }
    assert callers.pop("PickUpRulePermission") == "events.amazonaws.com"
    assert set(callers.values()) == {"apigateway.amazonaws.com"}
    targets = [t for rule in of_type("weekly-run", "AWS::Events::Rule").values() for t in rule["Targets"]]
    assert [target["Arn"] for target in targets] == [{"Ref": "StateMachine"}]
    assert "InvocationType" not in json.dumps(template("weekly-run.asl"))


def test_no_function_keeps_a_share_of_the_accounts_concurrency_from_the_others() -> None:
    assert not [name for name in FUNCTIONS if "ReservedConcurrentExecutions" in function(name)]


def test_invitations_that_are_over_are_removed_every_hour() -> None:
    [rule] = of_type("functions", "AWS::Events::Rule").values()
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 hour)", "ENABLED")
    [target] = rule["Targets"]
    assert arn_text(target["Arn"]).endswith(":function:${PickUpFunction}")
    permission = properties("functions", "PickUpRulePermission")
    assert permission["FunctionName"] == {"Ref": "PickUpFunction"}
    assert permission["Action"] == "lambda:InvokeFunction"
    assert arn_text(permission["SourceArn"]).endswith(":rule/${PickUpRule}")
