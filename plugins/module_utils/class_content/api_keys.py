"""The students' API keys: one each, named `<root stack>/<student ID>`, in the class's usage plan.

What there is always comes from API Gateway itself, so an interrupted run is simply run again.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from ..shared.object_keys import student_key

# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html: CreateApiKey, CreateUsagePlanKey
# and DeleteApiKey each take 5 requests a second an account. The SDK backs off where others use them too.
CALLS_PER_SECOND = 5
RETRIES = {"mode": "standard", "max_attempts": 10}
_PAGE = {"PageSize": 500}


class KeyQuotaReached(Exception):
    """The Region has as many API keys as AWS allows."""


@dataclass(frozen=True)
class ApiKey:
    """A key of the class. `value` is the secret: it is shown and logged nowhere."""

    id: str
    student_id: str
    value: str = field(repr=False)
    created: float
    in_plan: bool


@dataclass
class KeyState:
    """`current`: each student's key. `missing`: students without a key in the plan. `surplus`: IDs of keys to delete.

    A key whose creation was repeated because the reply got lost is surplus, and so is a former student's.
    """

    current: dict[str, ApiKey]
    missing: list[str]
    surplus: list[str]


class Pace:
    """Lets at most `per_second` calls begin in any second."""

    def __init__(
        self,
        per_second: int = CALLS_PER_SECOND,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._begun: deque[float] = deque(maxlen=per_second)
        self._clock, self._sleep = clock, sleep

    def wait(self) -> None:
        """Return when the next call may begin."""
        if len(self._begun) == self._begun.maxlen:
            self._sleep(max(0.0, self._begun[0] + 1 - self._clock()))
        self._begun.append(self._clock())


def named_keys(
    client: Any, prefix: str, student: str = "", values: bool = True
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The API keys of a deployment, each as (student ID, what GetApiKeys says of it). Raises the SDK's errors.

    `prefix` is the root stack's name. `student`: what the student ID begins with. `values`: with the secrets.
    """
    pages = client.get_paginator("get_api_keys").paginate(
        nameQuery=f"{prefix}/{student}", includeValues=values, PaginationConfig=_PAGE
    )
    for item in (item for page in pages for item in page["items"]):
        if item["name"].startswith(f"{prefix}/{student}"):
            yield item["name"].removeprefix(f"{prefix}/"), item


def list_api_keys(client: Any, plan_id: str, prefix: str) -> list[ApiKey]:
    """All keys of the class (`prefix` is the root stack's name). Raises the SDK's errors."""
    in_plan = {
        item["id"]
        for page in client.get_paginator("get_usage_plan_keys").paginate(usagePlanId=plan_id, PaginationConfig=_PAGE)
        for item in page["items"]
    }
    return [
        ApiKey(item["id"], student, item["value"], item["createdDate"].timestamp(), item["id"] in in_plan)
        for student, item in named_keys(client, prefix)
    ]


def sort_out(keys: Iterable[ApiKey], students: Collection[str], published: Collection[str]) -> KeyState:
    """What each key is. `published` are the keys of objects in the data bucket.

    Of several keys of a student the one that is published stays, then the one in the plan, then the oldest.
    """
    state = KeyState({}, [], [])
    best_first = sorted(
        keys, key=lambda key: (student_key(key.value) not in published, not key.in_plan, key.created, key.id)
    )
    for key in best_first:
        if key.student_id in students and key.student_id not in state.current:
            state.current[key.student_id] = key
        else:
            state.surplus.append(key.id)
    state.missing = [
        student for student in students if student not in state.current or not state.current[student].in_plan
    ]
    return state


def ensure_keys(client: Any, plan_id: str, prefix: str, student_ids: Collection[str], pace: Pace, dry_run: bool) -> int:
    """Give each student a key in the plan; the number of students who had none.

    Raises KeyQuotaReached, and the SDK's errors.
    """
    state = sort_out(list_api_keys(client, plan_id, prefix), student_ids, ())
    for student in [] if dry_run else state.missing:
        pace.wait()
        key = state.current.get(student)
        key_id = key.id if key else _create(client, f"{prefix}/{student}")
        _add_to_plan(client, plan_id, key_id)
    return len(state.missing)


def _create(client: Any, name: str) -> str:
    try:
        key_id: str = client.create_api_key(name=name, enabled=True)["id"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "LimitExceededException":
            raise KeyQuotaReached from error
        raise
    return key_id


def _add_to_plan(client: Any, plan_id: str, key_id: str) -> None:
    # It is there already where the SDK repeated a call whose reply was lost.
    with contextlib.suppress(client.exceptions.ConflictException):
        client.create_usage_plan_key(usagePlanId=plan_id, keyId=key_id, keyType="API_KEY")


def delete_keys(client: Any, key_ids: Iterable[str], pace: Pace) -> None:
    """Delete keys; one that is gone already is fine. Raises the SDK's errors."""
    for key_id in key_ids:
        pace.wait()
        with contextlib.suppress(client.exceptions.NotFoundException):
            client.delete_api_key(apiKey=key_id)
