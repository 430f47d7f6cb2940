"""One-time schedules of runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.run_schedules import (
    ScheduleTarget,
    ScheduleUpdate,
    apply_schedules,
    compare_schedules,
    existing_schedules,
)
from botocore.exceptions import ClientError
from moto import mock_aws

from support.scheduler_clock import refuse_all, refuse_the_past

TARGET = ScheduleTarget(
    "class",
    "arn:aws:states:eu-central-1:123456789012:stateMachine:run",
    "arn:aws:iam::123456789012:role/scheduler",
    "arn:aws:sqs:eu-central-1:123456789012:starts",
)
NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
PAST, SOON, LATER = (datetime(2026, 11, day, 22, tzinfo=UTC) for day in (17, 24, 30))


class Clock:
    """The Scheduler's time."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("scheduler", "eu-central-1")
        client.create_schedule_group(Name="class")
        refuse_the_past(client, clock)
        yield client


def names(scheduler: Any) -> list[str]:
    return sorted(item["Name"] for item in scheduler.list_schedules(GroupName="class")["Schedules"])


def test_schedule_starts_the_run_once_at_its_moment(scheduler: Any) -> None:
    apply_schedules(scheduler, TARGET, ScheduleUpdate([SOON], []))
    made = scheduler.get_schedule(GroupName="class", Name=TARGET.name_at(SOON))
    assert made["ScheduleExpression"] == "at(2026-11-24T22:00:00)"
    assert made["ScheduleExpressionTimezone"] == "UTC"
    assert made["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert made["ActionAfterCompletion"] == "DELETE"
    assert made["Target"]["Arn"] == TARGET.state_machine_arn
    assert made["Target"]["RoleArn"] == TARGET.role_arn
    assert made["Target"]["DeadLetterConfig"] == {"Arn": TARGET.dead_letter_queue_arn}
    assert made["Target"]["Input"] == "{}"


def test_only_the_difference_is_changed(scheduler: Any) -> None:
    apply_schedules(scheduler, TARGET, ScheduleUpdate([SOON], []))
    update = compare_schedules(existing_schedules(scheduler, TARGET), TARGET, [LATER], NOW)
    assert update == ScheduleUpdate([LATER], [TARGET.name_at(SOON)])
    apply_schedules(scheduler, TARGET, update)
    assert compare_schedules(existing_schedules(scheduler, TARGET), TARGET, [LATER], NOW) == ScheduleUpdate([], [])


def test_schedule_that_is_firing_is_left_alone(scheduler: Any, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 16, tzinfo=UTC)
    apply_schedules(scheduler, TARGET, ScheduleUpdate([PAST], []))
    assert compare_schedules(existing_schedules(scheduler, TARGET), TARGET, [], NOW) == ScheduleUpdate([], [])


@pytest.mark.parametrize("passed", [PAST, NOW])
def test_a_moment_that_passes_while_it_is_scheduled_is_skipped(scheduler: Any, passed: datetime) -> None:
    apply_schedules(scheduler, TARGET, ScheduleUpdate([passed, SOON], []))
    assert names(scheduler) == [TARGET.name_at(SOON)]


def test_a_schedule_that_is_refused_for_another_reason_is_an_error(scheduler: Any, clock: Clock) -> None:
    refuse_all(scheduler, clock)
    with pytest.raises(ClientError, match="ValidationException"):
        apply_schedules(scheduler, TARGET, ScheduleUpdate([SOON], []))


def test_another_target_replaces_the_schedules(scheduler: Any) -> None:
    apply_schedules(scheduler, TARGET, ScheduleUpdate([SOON], []))
    moved = replace(TARGET, role_arn="arn:aws:iam::123456789012:role/other")
    assert compare_schedules(existing_schedules(scheduler, TARGET), moved, [SOON], NOW) == ScheduleUpdate(
        [SOON], [TARGET.name_at(SOON)]
    )


def test_what_was_done_by_a_call_whose_reply_was_lost_is_fine(scheduler: Any) -> None:
    update = ScheduleUpdate([SOON], ["run-20261201T220000Z-00000000"])
    apply_schedules(scheduler, TARGET, update)
    apply_schedules(scheduler, TARGET, update)
    assert names(scheduler) == [TARGET.name_at(SOON)]


def test_more_schedules_than_a_page_are_all_seen(scheduler: Any) -> None:
    moments = [datetime(2026, 12, day, hour, tzinfo=UTC) for day in range(1, 7) for hour in range(20)]
    apply_schedules(scheduler, TARGET, ScheduleUpdate(moments, []))
    assert compare_schedules(existing_schedules(scheduler, TARGET), TARGET, moments, NOW) == ScheduleUpdate([], [])
