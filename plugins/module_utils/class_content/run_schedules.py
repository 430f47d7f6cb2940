"""One-time EventBridge schedules that start the weekly run's state machine at times other than the weekly one.

A schedule's name contains the time at which it fires and a hash of what it starts, so comparing names is enough to
find missing and obsolete schedules.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Set
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from .server_time import server_time

_PREFIX = "run-"
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class ScheduleTarget:
    """Where the schedules are and what they start."""

    group: str
    state_machine_arn: str
    role_arn: str
    dead_letter_queue_arn: str

    def name_at(self, moment: datetime) -> str:
        """The name of the schedule that fires at `moment` (UTC)."""
        digest = hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:8]
        return f"{_PREFIX}{moment.strftime(_TIME)}-{digest}"


@dataclass
class ScheduleUpdate:
    """`missing`: times without a schedule. `obsolete`: names of schedules that are no longer needed."""

    missing: list[datetime]
    obsolete: list[str]


def existing_schedules(scheduler: Any, target: ScheduleTarget) -> set[str]:
    """The names of the existing schedules. Raises the SDK's errors."""
    pages = scheduler.get_paginator("list_schedules").paginate(GroupName=target.group, NamePrefix=_PREFIX)
    return {item["Name"] for page in pages for item in page["Schedules"]}


def compare_schedules(
    existing: Set[str], target: ScheduleTarget, moments: Iterable[datetime], now: datetime
) -> ScheduleUpdate:
    """What to create and what to delete. Past schedules are kept: they are firing, or delete themselves."""
    wanted = {target.name_at(moment): moment for moment in moments}
    missing = sorted(moment for name, moment in wanted.items() if name not in existing)
    return ScheduleUpdate(missing, sorted(name for name in existing - wanted.keys() if _fires_at(name) > now))


def _fires_at(name: str) -> datetime:
    return datetime.strptime(name.removeprefix(_PREFIX).split("-")[0], _TIME).replace(tzinfo=UTC)


def apply_schedules(scheduler: Any, target: ScheduleTarget, update: ScheduleUpdate) -> None:
    """Create the missing schedules, then delete the obsolete ones. Raises the SDK's errors."""
    for moment in update.missing:
        _create(scheduler, target, moment)
    for name in update.obsolete:
        # It may have fired in the meantime and deleted itself.
        with contextlib.suppress(scheduler.exceptions.ResourceNotFoundException):
            scheduler.delete_schedule(GroupName=target.group, Name=name)


def _create(scheduler: Any, target: ScheduleTarget, moment: datetime) -> None:
    """Create a schedule, unless its moment has passed since it was planned: what is then due, the next run finds."""
    try:
        scheduler.create_schedule(**_schedule(target, moment))
    except scheduler.exceptions.ConflictException:
        pass  # The SDK repeated a call whose reply was lost.
    except scheduler.exceptions.ValidationException as error:
        # The error has no code of its own for a time in the past.
        if moment > server_time(error.response):
            raise


def _schedule(target: ScheduleTarget, moment: datetime) -> dict[str, Any]:
    return {
        "GroupName": target.group,
        "Name": target.name_at(moment),
        "ScheduleExpression": f"at({moment:%Y-%m-%dT%H:%M:%S})",
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": {
            "Arn": target.state_machine_arn,
            "RoleArn": target.role_arn,
            "Input": "{}",
            "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185},
            "DeadLetterConfig": {"Arn": target.dead_letter_queue_arn},
        },
    }
