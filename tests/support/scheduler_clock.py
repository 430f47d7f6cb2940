"""A clock for moto's Scheduler: as AWS does, and moto does not, it refuses a one-time schedule in the past.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

_Answer = tuple[SimpleNamespace, dict[str, Any]]


def refuse_the_past(scheduler: Any, now: Callable[[], datetime]) -> None:
    """Let the client's Scheduler have this time."""

    def answer(params: Mapping[str, Any], **_: Any) -> _Answer | None:
        expression = json.loads(params["body"])["ScheduleExpression"]
        moment = datetime.strptime(expression, "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
        return None if moment > now() else _refusal(f"Invalid Schedule Expression {expression}.", now())

    scheduler.meta.events.register("before-call.scheduler.CreateSchedule", answer)


def refuse_all(scheduler: Any, now: Callable[[], datetime]) -> None:
    """Let the client's Scheduler find every schedule invalid."""
    scheduler.meta.events.register(
        "before-call.scheduler.CreateSchedule", lambda **_: _refusal("The execution role is not valid.", now())
    )


def _refusal(message: str, now: datetime) -> _Answer:
    """What botocore makes of such a response: its status and the parsed error."""
    status = HTTPStatus.BAD_REQUEST
    return SimpleNamespace(status_code=status), {
        "Error": {"Code": "ValidationException", "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {"date": format_datetime(now, usegmt=True)}},
    }
