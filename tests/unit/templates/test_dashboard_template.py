"""The dashboard: one, free, and every metric on it is one that the code counts or AWS publishes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from support.templates import FUNCTIONS, NAMES, ROOT, arn_text, of_type, pascal, properties, template

STACK = "${RootStackName}"
# What AWS's documentation lists -> the names of a metric's dimensions in each namespace.
PUBLISHED_BY_AWS = {
    "AWS/ApiGateway": ({"Count", "4XXError", "5XXError", "Latency", "IntegrationLatency"}, {"ApiName", "Stage"}),
    "AWS/Lambda": ({"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"}, {"FunctionName"}),
    "AWS/States": (
        {
            *("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut"),
            *("ExecutionsAborted", "ExecutionTime"),
        },
        {"StateMachineArn"},
    ),
    "AWS/SQS": ({"ApproximateNumberOfMessagesVisible"}, {"QueueName"}),
    "AWS/Events": ({"FailedInvocations", "Invocations"}, {"RuleName"}),
}
FREE_METRICS = 10


def widgets() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = template("dashboard")["widgets"]
    return found


def metrics() -> Iterator[tuple[str, str, dict[str, str]]]:
    """The namespace, name and dimensions of each metric that is shown."""
    for widget in widgets():
        for namespace, name, *dimensions, _options in widget["properties"]["metrics"]:
            yield namespace, name, dict(zip(dimensions[::2], dimensions[1::2], strict=True))


def counted() -> set[str]:
    """The metrics that the functions count."""
    code = "".join(path.read_text() for path in (ROOT / "lambda_src").rglob("*.py"))
    return set(re.findall(r"(?<![.\w])count\(\"(\w+)\"", code))


def test_there_is_one_dashboard_and_its_name_is_its_own_among_all_regions() -> None:
    found = [each for name in NAMES for each in of_type(name, "AWS::CloudWatch::Dashboard").values()]
    assert [each["DashboardName"] for each in found] == [{"Fn::Sub": "${RootStackName}-${AWS::Region}"}]
    include = found[0]["DashboardBody"]["Fn::Transform"]
    assert include == {"Name": "AWS::Include", "Parameters": {"Location": "dashboard.json"}}


def test_every_metric_that_is_counted_is_shown_or_raises_an_alarm() -> None:
    alarmed = {alarm["MetricName"] for alarm in of_type("monitoring", "AWS::CloudWatch::Alarm").values()}
    assert counted() == {name for namespace, name, _ in metrics() if namespace == "TestTime"} | (counted() & alarmed)


def test_metrics_that_are_counted_are_free() -> None:
    assert len(counted()) <= FREE_METRICS


def test_every_metric_of_aws_that_is_shown_is_published() -> None:
    for namespace, name, dimensions in metrics():
        if namespace == "TestTime":
            assert dimensions == {"service": STACK}
        else:
            names, of_dimensions = PUBLISHED_BY_AWS[namespace]
            assert name in names
            assert set(dimensions) == of_dimensions


def test_what_is_shown_is_this_stacks() -> None:
    functions = {arn_text(properties("functions", f"{pascal(name)}Function")["FunctionName"]) for name in FUNCTIONS}
    own = {
        "service": {STACK},
        "ApiName": {STACK},
        "Stage": {"api"},
        "FunctionName": functions,
        "StateMachineArn": {"${StateMachineArn}"},
        "QueueName": {"${DeadLetterQueueName}"},
        "RuleName": {"${RuleName}"},
    }
    for _, _, dimensions in metrics():
        assert all(value in own[name] for name, value in dimensions.items())


def test_what_happens_is_added_up_and_of_what_lasts_or_waits_the_most_is_shown() -> None:
    for widget in widgets():
        for _, name, *_, options in widget["properties"]["metrics"]:
            statistic = options.get("stat", widget["properties"]["stat"])
            if name == "Latency":
                assert statistic in {"p50", "p95", "p99"}
            elif name in {"Duration", "ExecutionTime", "ApproximateNumberOfMessagesVisible"}:
                assert statistic == "Maximum"
            else:
                assert statistic == "Sum"


@pytest.mark.parametrize(
    "shown",
    [
        {"Count", "Submissions", "4XXError"},
        {"5XXError", "InternalErrors", "Errors", "Throttles"},
        {"Latency"},
        {"Duration", "ExecutionTime"},
        {"SentMails", "UncertainMails", "RejectedMails", "DeferredMails"},
    ],
)
def test_what_a_trainer_asks_for_is_shown(shown: set[str]) -> None:
    assert shown <= {name for _, name, _ in metrics()}


def test_the_phases_are_those_of_the_four_steps() -> None:
    shown = {dimensions["FunctionName"] for _, name, dimensions in metrics() if name == "Duration"}
    assert shown == {f"{STACK}-{step}" for step in ("plan-run", "score-batch", "mail-batch", "report-run")}


def test_every_widget_has_a_title_its_region_and_a_place_of_its_own() -> None:
    for widget in widgets():
        assert (widget["type"], widget["properties"]["region"]) == ("metric", "${AWS::Region}")
        assert widget["properties"]["title"]
        assert widget["x"] + widget["width"] <= 24
    for one, other in combinations(widgets(), 2):
        apart = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        below = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
        assert apart or below
