"""The students' API keys: one for each, named `<root stack>/<student ID>`, in the class's usage plan.

The existing keys are always read from API Gateway itself, so an interrupted run can simply be repeated.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from botocore.exceptions import ClientError

from ..shared.object_keys import student_key
from ..shared.receipt_key import receipt_key

# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html: CreateApiKey, CreateUsagePlanKey
# and DeleteApiKey each allow 5 requests per second and account. If others use them too, the SDK backs off.
CALLS_PER_SECOND = 5
RETRIES: Any = {"mode": "standard", "max_attempts": 10}
_PAGE = {"PageSize": 500}
_SMALLEST_BATCH, _LARGEST_BATCH = 10, 100
# What the description of a key begins with that has replaced another one. The receipt key follows.
_RECEIPTS = "receipts "
# A key is 256 bits as hex digits, so that it can be split into two shares of 256 bits each.
_KEY_BYTES = 32


class KeyQuotaReached(Exception):
    """The Region has as many API keys as AWS allows."""


@dataclass(frozen=True)
class ApiKey:
    """A key of the class. `value` is the secret, which is never shown or logged.

    `receipt_key`: of a key that has replaced another one, what the digests in the student's receipts are made with.
    """

    id: str
    student_id: str
    value: str = field(repr=False)
    created: float
    in_plan: bool
    receipt_key: str | None = field(default=None, repr=False)


@dataclass
class KeyState:
    """`current`: each student's key. `missing`: students without a key in the plan. `surplus`: IDs of keys to delete.

    Surplus keys belong to former students, or were created again because the reply to the first call was lost.
    `foreign`: IDs of keys to delete before others are created, because somebody else had the student's ID.
    """

    current: dict[str, ApiKey]
    missing: list[str]
    surplus: list[str]
    foreign: list[str] = field(default_factory=list)


class Batch(TypedDict):
    """A part of a list of IDs. `label`: how many IDs there are up to its end, `200 of 250`."""

    ids: list[str]
    label: str


def batches(ids: Sequence[str]) -> list[Batch]:
    """The IDs in parts of 10 at first and of at most 100. At 5 requests a second, each part is a sign of progress.

    Parts grow because each of them reads all keys that there are.
    """
    parts: list[Batch] = []
    done = 0
    while done < len(ids):
        end = min(done + min(max(_SMALLEST_BATCH, done // 4), _LARGEST_BATCH), len(ids))
        parts.append({"ids": list(ids[done:end]), "label": f"{end} of {len(ids)}"})
        done = end
    return parts


class Pace:
    """Lets at most `per_second` calls start in any second."""

    def __init__(
        self,
        per_second: int = CALLS_PER_SECOND,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._begun: deque[float] = deque(maxlen=per_second)
        self._clock, self._sleep = clock, sleep

    def wait(self) -> None:
        """Wait until the next call may start."""
        if len(self._begun) == self._begun.maxlen:
            self._sleep(max(0.0, self._begun[0] + 1 - self._clock()))
        self._begun.append(self._clock())


def named_keys(
    client: Any, prefix: str, student: str = "", values: bool = True
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The API keys of a deployment, each as (student ID, its item in GetApiKeys). Raises the SDK's errors.

    `prefix` is the root stack's name. `student`: what the student ID begins with. `values`: whether to read secrets.
    """
    pages = client.get_paginator("get_api_keys").paginate(
        nameQuery=f"{prefix}/{student}", includeValues=values, PaginationConfig=_PAGE
    )
    for item in (item for page in pages for item in page["items"]):
        if item["name"].startswith(f"{prefix}/{student}"):
            yield item["name"].removeprefix(f"{prefix}/"), item


def list_api_keys(client: Any, plan_id: str, prefix: str, only: str = "") -> list[ApiKey]:
    """All keys of the class (`prefix` is the root stack's name), or `only` one student's. Raises the SDK's errors."""
    pages = client.get_paginator("get_usage_plan_keys").paginate(
        usagePlanId=plan_id, nameQuery=f"{prefix}/{only}", PaginationConfig=_PAGE
    )
    in_plan = {item["id"] for page in pages for item in page["items"]}
    return [
        ApiKey(
            item["id"],
            student,
            item["value"],
            item["createdDate"].timestamp(),
            item["id"] in in_plan,
            _receipt_key(item.get("description") or ""),
        )
        for student, item in named_keys(client, prefix, only)
        if only in ("", student)
    ]


def _receipt_key(description: str) -> str | None:
    return description.removeprefix(_RECEIPTS) if description.startswith(_RECEIPTS) else None


def sort_out(
    keys: Iterable[ApiKey], students: Collection[str], published: Collection[str], given_away: Collection[str] = ()
) -> KeyState:
    """Which keys are current, missing, surplus or foreign. `published` are the keys of objects in the data bucket.

    If a student has several keys, the one that is published is kept, otherwise one in the plan, otherwise the oldest.
    `given_away`: the students whose published keys, and those that were to replace them, are somebody else's.
    """
    state = KeyState({}, [], [])
    best_first = sorted(
        keys, key=lambda key: (student_key(key.value) not in published, not key.in_plan, key.created, key.id)
    )
    for key in best_first:
        if key.student_id in given_away and (key.receipt_key or student_key(key.value) in published):
            state.foreign.append(key.id)
        elif key.student_id in students and key.student_id not in state.current:
            state.current[key.student_id] = key
        else:
            state.surplus.append(key.id)
    state.missing = [
        student for student in students if student not in state.current or not state.current[student].in_plan
    ]
    return state


def ensure_keys(client: Any, plan_id: str, prefix: str, student_ids: Collection[str], pace: Pace, dry_run: bool) -> int:
    """Give each student a key in the plan. Returns the number of students who did not have one.

    Raises KeyQuotaReached, and the SDK's errors.
    """
    state = sort_out(list_api_keys(client, plan_id, prefix), student_ids, ())
    for student in [] if dry_run else state.missing:
        pace.wait()
        key = state.current.get(student)
        key_id = key.id if key else _create(client, prefix, student).id
        _add_to_plan(client, plan_id, key_id)
    return len(state.missing)


def replacement(client: Any, plan_id: str, prefix: str, keys: Sequence[ApiKey]) -> ApiKey:
    """A key, in the plan, that can replace the student's other `keys`, of which there is at least one.

    If an interrupted call has left one, it is taken. Raises KeyQuotaReached, and the SDK's errors.
    """
    oldest, *others = sorted(keys, key=lambda key: (key.created, key.id))
    receipts = oldest.receipt_key or receipt_key(oldest.value)
    begun = [key for key in others if key.receipt_key == receipts]
    key = begun[-1] if begun else _create(client, prefix, oldest.student_id, receipts)
    if not key.in_plan:
        _add_to_plan(client, plan_id, key.id)
    return key


def _create(client: Any, prefix: str, student: str, receipts: str | None = None) -> ApiKey:
    value = secrets.token_hex(_KEY_BYTES)
    description = f"{_RECEIPTS}{receipts}" if receipts else ""
    try:
        item = client.create_api_key(name=f"{prefix}/{student}", description=description, value=value, enabled=True)
    except client.exceptions.ConflictException:
        # The SDK repeated a call whose reply was lost: nobody else can have this value.
        item = next(item for _, item in named_keys(client, prefix, student) if item["value"] == value)
    except ClientError as error:
        if error.response["Error"]["Code"] == "LimitExceededException":
            raise KeyQuotaReached from error
        raise
    return ApiKey(item["id"], student, value, item["createdDate"].timestamp(), False, receipts)


def _add_to_plan(client: Any, plan_id: str, key_id: str) -> None:
    # It is already in the plan if the SDK repeated a call whose reply was lost.
    with contextlib.suppress(client.exceptions.ConflictException):
        client.create_usage_plan_key(usagePlanId=plan_id, keyId=key_id, keyType="API_KEY")


def delete_keys(client: Any, key_ids: Iterable[str], pace: Pace) -> None:
    """Delete keys, ignoring those that no longer exist. Raises the SDK's errors."""
    for key_id in key_ids:
        pace.wait()
        with contextlib.suppress(client.exceptions.NotFoundException):
            client.delete_api_key(apiKey=key_id)
