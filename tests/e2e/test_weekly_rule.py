"""The EventBridge rule itself starts the run at the class's deadline: nobody starts anything by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from support.api_calls import call
from support.deployed_project import Project, wait_until

STAGE = ("--stage", "rule")
ZONE = "Asia/Kolkata"
SUBJECT, TEST = "operating-systems", "test01"


@pytest.fixture(scope="module")
def deadline(project: Project) -> Iterator[datetime]:
    """A stage of its own whose weekly deadline is some two minutes away, and a submission in it."""
    path = project.folder / "group_vars" / "all.yml"
    original = path.read_text()
    close = (datetime.now(UTC) + timedelta(seconds=150)).replace(second=0, microsecond=0)
    local = close.astimezone(ZoneInfo(ZONE))
    project.set_parameters(
        timezone=ZONE, deadline_weekday=f"{local:%A}".lower(), deadline_time=f"{local:%H:%M}", reminder_hours=0
    )
    try:
        project.run("./deploy-api-gateway.sh", "--local", *STAGE)
    finally:
        path.write_text(original)
    student = project.student("s001", *STAGE)
    body = {"subjectName": SUBJECT, "testId": TEST, "studentId": "s001", "answers": {"1": "a"}}
    assert call(student, "POST", "/v1/test", body)[0] == 201
    yield close
    project.run("./deploy-api-gateway.sh", "--local", *STAGE, "--destroy", "--yes")


def test_the_rule_scores_the_class_at_its_deadline(project: Project, deadline: datetime) -> None:
    student = project.student("s001", *STAGE)
    late = project.student("s002", *STAGE)

    def scored() -> bool:
        _, mine = call(student, "GET", "/v1/student")
        return any(test["testId"] == TEST and test["state"] == "scored" for test in mine["tests"])

    assert not scored()
    wait_until(scored, (deadline - datetime.now(UTC)).total_seconds() + 120, "the rule to reach a scored class")
    assert datetime.now(UTC) >= deadline

    body = {"subjectName": SUBJECT, "testId": TEST, "studentId": "s002", "answers": {"1": "a"}}
    status, refused = call(late, "POST", "/v1/test", body)
    assert (status, refused["code"]) == (410, "TestClosed")

    machine = project.outputs("trainings-tests-rule")["StateMachineArn"]
    states = project.client("stepfunctions")
    (run,) = wait_until(
        lambda: states.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED")["executions"],
        60,
        "the run to end well",
    )
    assert "asOf" not in json.loads(states.describe_execution(executionArn=run["executionArn"])["input"])
    assert any("test01" in mail["subject"] for mail in project.mails())
