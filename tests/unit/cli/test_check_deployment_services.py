"""What check-deployment.sh finds wrong with stacks, quotas and subscriptions, and with the run itself."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from cli.check_deployment import alarm_checks, service_checks
from cli.check_deployment.alarm_checks import AlarmChecks
from cli.check_deployment.deployed import Deployed, Resource
from cli.check_deployment.findings import Finding
from cli.check_deployment.run_checks import RunChecks
from cli.check_deployment.service_checks import ServiceChecks
from cli.run_status import status
from cli.weekly_run import WeeklyRun

from common.shared import probe
from common.storage import Bucket
from support.probe import add_probe
from support.step_functions import States
from support.weekly_class import make_world
from support.weekly_run import ENDPOINT, World

MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:trainings-tests-weekly-run"
TRAINER = "trainer@example.org"


def deployed(**changes: Any) -> Deployed:
    parts: dict[str, Any] = {
        "stack": "trainings-tests",
        "is_local": False,
        "endpoint": "https://api",
        "outputs": {"StateMachineArn": MACHINE, "DataBucketName": "data"},
        "parameters": {"TrainerEmail": TRAINER, "LogRetentionDays": "30"},
        "changed_at": datetime(2026, 11, 1, tzinfo=UTC),
        "status": {"trainings-tests": "UPDATE_COMPLETE", "trainings-tests-storage": "CREATE_COMPLETE"},
        "resources": {"Monitoring/AlarmTopic": Resource("AWS::SNS::Topic", "topic")},
        **changes,
    }
    return Deployed(**parts)


def service(name: str, stage: Deployed | None = None) -> Finding:
    checks = [*ServiceChecks(stage or deployed()).all(), *AlarmChecks(stage or deployed()).all()]
    return next(check for check in checks if check.name == name)()


def give(monkeypatch: pytest.MonkeyPatch, module: Any, **calls: Any) -> None:
    """Let each client answer these calls."""
    answers = {name: Mock(return_value=value) for name, value in calls.items()}
    paginator = SimpleNamespace(paginate=lambda **_: [calls["page"]] if "page" in calls else [])
    fake = SimpleNamespace(**answers, get_paginator=lambda _: paginator)
    monkeypatch.setattr(module, "client", lambda _: fake)


@pytest.mark.parametrize("state", ["UPDATE_ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS", "missing"])
def test_a_stack_that_is_not_complete_is_reported(state: str) -> None:
    assert ServiceChecks(deployed()).stacks().state == "ok"
    broken = deployed(status={"trainings-tests": "CREATE_COMPLETE", "trainings-tests/Api": state})
    finding = ServiceChecks(broken).stacks()
    assert (finding.state, finding.detail) == ("wrong", f"trainings-tests/Api is {state}")


@pytest.mark.parametrize(("limit", "state"), [(10, "wrong"), (99, "wrong"), (100, "ok"), (1000, "ok")])
def test_a_new_accounts_concurrency_is_reported(monkeypatch: pytest.MonkeyPatch, limit: int, state: str) -> None:
    give(monkeypatch, service_checks, get_account_settings={"AccountLimit": {"ConcurrentExecutions": limit}})
    assert service("Lambda concurrency").state == state
    assert service("Lambda concurrency", deployed(is_local=True)).state == "not checked"


@pytest.mark.parametrize(
    ("subscriptions", "state", "todo"),
    [
        ([{"Protocol": "email", "Endpoint": TRAINER, "SubscriptionArn": "arn:aws:sns:x"}], "ok", ""),
        (
            [{"Protocol": "email", "Endpoint": TRAINER, "SubscriptionArn": "PendingConfirmation"}],
            "wrong",
            "follow the link",
        ),
        (
            [{"Protocol": "email", "Endpoint": "old@example.org", "SubscriptionArn": "arn:aws:sns:x"}],
            "wrong",
            "deploy again",
        ),
        ([], "wrong", "deploy again"),
    ],
)
def test_an_alarm_that_reaches_nobody_is_reported(
    monkeypatch: pytest.MonkeyPatch, subscriptions: list[Any], state: str, todo: str
) -> None:
    give(monkeypatch, alarm_checks, page={"Subscriptions": subscriptions})
    finding = service("alarm emails")
    assert finding.state == state
    assert todo in finding.todo


def scored(world: World) -> Finding:
    """What is found when the run over this world scores the probe, which was published now."""
    runs = WeeklyRun(States(world), MACHINE, Bucket("class-data", world.s3, lists=True), ENDPOINT)
    return RunChecks(runs, world.now, lambda _: None, lambda _: None).score()


def test_the_run_scores_the_probes_test_only() -> None:
    world = make_world()
    add_probe(world)
    assert scored(world).state == "ok"
    assert {mail["To"] for mail in world.ses.sent} == {probe.MAILBOX}


def test_the_runs_of_checks_are_not_among_the_latest_runs() -> None:
    world = make_world()
    add_probe(world)
    runs = WeeklyRun(States(world), MACHINE, Bucket("class-data", world.s3, lists=True), ENDPOINT)
    RunChecks(runs, world.now, lambda _: None, lambda _: None).score()
    assert status(runs) == "No run has started yet."


def refuse_emails(world: World) -> None:
    world.ses.unverified = {probe.MAILBOX}


def lose_answers(world: World) -> None:
    del world.s3.objects[f"answers/{probe.SUBJECT}/{probe.STUDENT}/{probe.TEST}.json"]


def answer_wrongly(world: World) -> None:
    world.submit(probe.SUBJECT, probe.TEST, probe.STUDENT, {"1": "b"})


def lose_roster(world: World) -> None:
    del world.s3.objects[f"subjects/{probe.SUBJECT}/roster.jsonl"]


@pytest.mark.parametrize(
    ("happens", "detail"),
    [
        (refuse_emails, "the report: could not be sent"),
        (refuse_emails, "score email rejected: MessageRejected"),
        (lose_answers, "the test was not scored"),
        (answer_wrongly, "the right answer got 0"),
        (lose_roster, "roster.jsonl is missing"),
    ],
)
def test_a_run_that_goes_wrong_is_reported(happens: Any, detail: str) -> None:
    world = make_world()
    add_probe(world)
    happens(world)
    finding = scored(world)
    assert finding.state == "wrong"
    assert detail in finding.detail
