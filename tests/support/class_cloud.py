"""A class that is published to a fake of AWS."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import (
    Pace,
    delete_keys,
    ensure_keys,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.objects import Policies, class_record
from ansible_collections.training.test_time.plugins.module_utils.class_content.publishing import (
    Clients,
    Deployment,
    Publication,
    plan_publication,
    publish,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.run_schedules import ScheduleTarget
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import class_problems
from ansible_collections.training.test_time.plugins.module_utils.shared.calendar_secret import calendar_secret
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import (
    calendar_key,
    is_students_calendar_key,
)
from botocore.config import Config

from support.aws_calls import aws_error
from support.aws_limits import LIMITS, Rate
from support.class_files import WEEKLY
from support.scheduler_clock import refuse_the_past

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
REGION = "eu-central-1"
STACK = "trainings-tests"
# API Gateway has the same limit for each of them.
KEY_CALLS = ("CreateApiKey", "CreateUsagePlanKey", "DeleteApiKey")


class Interruption(Exception):
    """The trainer's machine went away."""


class Cloud:
    """A deployment on a fake of AWS, and what is published there."""

    def __init__(self) -> None:
        config = Config(retries={"max_attempts": 0})
        self.clients = Clients(
            *(boto3.client(name, REGION, config=config) for name in ("s3", "apigateway", "scheduler"))
        )
        self.clients.s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.plan = self.clients.apigateway.create_usage_plan(name="class")["id"]
        self.clients.scheduler.create_schedule_group(Name=STACK)
        self.writes = 0
        self.now = NOW
        self.waited = 0.0  # by the pace of the key calls, in seconds
        for name in KEY_CALLS:
            self._throttle(name)
        refuse_the_past(self.clients.scheduler, lambda: self.now)
        self.clients.s3.meta.events.register("after-call.s3.ListObjectsV2", self._tell_time)
        self.clients.s3.meta.events.register("before-parameter-build.s3.PutObject", _refuse_unencrypted)
        for client in (self.clients.s3, self.clients.apigateway, self.clients.scheduler):
            client.meta.events.register("before-call", self._count)

    def deployment(self, folder: str = "class") -> Deployment:
        target = ScheduleTarget(
            STACK, "arn:aws:states:::machine", "arn:aws:iam::123456789012:role/x", "arn:aws:sqs:::q"
        )
        policies = Policies(attempts=1, late=None, partial_credit="off", grace_minutes=0, announce=False)
        record = class_record("https://api.example", "demo", folder)
        return Deployment("data", self.plan, STACK, target, WEEKLY, 0, policies, retention_days=365, record=record)

    def plan_of(self, folder: Path, now: datetime = NOW, name: str = "class") -> Publication:
        """What publishing would do, `now` by S3's clock."""
        self.now = now
        return plan_publication(self.clients, self.deployment(name), load_class(folder, "class"))

    def publish(self, folder: Path, now: datetime = NOW, check: bool = False, name: str = "class") -> list[str]:
        """What the role does: plan, delete foreign keys, make keys, plan and publish, delete surplus keys.

        Returns the lines of the first plan. `now`: by S3's clock. `name`: the folder, which identifies the class.
        """
        self.now = now
        files = load_class(folder, "class")
        assert class_problems(files, WEEKLY) == []
        deployment = self.deployment(name)
        lines = (plan := plan_publication(self.clients, deployment, files)).lines
        if check or not lines:
            return lines
        self._wait(1)  # no two publications begin in the same second
        pace = Pace(clock=lambda: self.waited, sleep=self._wait)
        delete_keys(self.clients.apigateway, plan.keys.foreign, pace)
        ensure_keys(self.clients.apigateway, self.plan, STACK, plan.keys.missing, pace, dry_run=False)
        plan = plan_publication(self.clients, deployment, files)
        assert plan.keys.missing == []
        publish(self.clients, deployment, plan)
        delete_keys(self.clients.apigateway, plan.keys.surplus, pace)
        return lines

    def put(self, key: str, body: bytes) -> None:
        """Write an object that no publication writes."""
        self.clients.s3.put_object(Bucket="data", Key=key, Body=body, ServerSideEncryption="AES256")

    def objects(self) -> dict[str, bytes]:
        listed = self.clients.s3.list_objects_v2(Bucket="data").get("Contents", [])
        keys = [item["Key"] for item in listed]
        return {key: self.clients.s3.get_object(Bucket="data", Key=key)["Body"].read() for key in keys}

    def api_keys(self) -> dict[str, str]:
        """Values by name. Two keys of one name are an error."""
        items = self.clients.apigateway.get_api_keys(includeValues=True)["items"]
        assert len({item["name"] for item in items}) == len(items)
        return {item["name"]: item["value"] for item in items}

    def schedules(self) -> list[str]:
        return [item["Name"] for item in self.clients.scheduler.list_schedules(GroupName=STACK)["Schedules"]]

    def state(self) -> dict[str, Any]:
        """Everything that is published, with students in the place of their keys' hashes, which are random."""
        stored = self.objects()
        access, calendars = {}, {}
        for name, value in self.api_keys().items():
            access[name] = stored.get(f"students/{hashlib.sha256(value.encode()).hexdigest()}.json")
            calendars[name] = stored.get(calendar_key(calendar_secret(value)))
        in_plan = self.clients.apigateway.get_usage_plan_keys(usagePlanId=self.plan)["items"]
        known = {item["id"] for item in self.clients.apigateway.get_api_keys()["items"]}
        return {
            "objects": {key: body for key, body in stored.items() if not _is_students(key)},
            "access": access,
            "calendars": calendars,
            "student objects": sum(key.startswith("students/") for key in stored),
            "calendar objects": sum(map(is_students_calendar_key, stored)),
            "in plan": sorted(item["name"] for item in in_plan if item["id"] in known),
            "schedules": self.schedules(),
        }

    def assert_nothing_is_half_visible(self) -> None:
        """Whatever an index leads to is there."""
        objects = self.objects()
        for key, body in objects.items():
            if key.endswith("/index.json"):
                for test in json.loads(body)["tests"]:
                    subject = key.split("/")[1]
                    assert f"subjects/{subject}/{test['testId']}/questions.json" in objects
                    assert f"answer-keys/{subject}/{test['testId']}.json" in objects

    def _wait(self, seconds: float) -> None:
        self.waited += seconds

    def _throttle(self, operation: str) -> None:
        """Refuse calls that come faster than API Gateway allows."""
        rate = Rate(LIMITS["apigateway:CreateApiKey"].value)
        refusal = (
            SimpleNamespace(status_code=HTTPStatus.TOO_MANY_REQUESTS),
            {"Error": {"Code": "TooManyRequestsException", "Message": "Too Many Requests"}},
        )

        def answer(**_: Any) -> Any:
            return None if rate.allows(NOW + timedelta(seconds=self.waited)) else refusal

        self.clients.apigateway.meta.events.register(f"before-call.apigateway.{operation}", answer)

    def _tell_time(self, parsed: Any, **_: Any) -> None:
        parsed["ResponseMetadata"]["HTTPHeaders"]["date"] = format_datetime(self.now, usegmt=True)

    def _count(self, model: Any, **_: Any) -> None:
        self.writes += _is_write(model)

    def interrupt(self, at: int, after: bool) -> Callable[[], None]:
        """Raise before or after the write of this number (from 0), and at every later one. Undone by the result.

        Reads change nothing: to stop at one is to stop at the write before or after it.
        """
        seen = [0]

        def before_call(model: Any, **_: Any) -> None:
            seen[0] += _is_write(model)
            if seen[0] > at + after:
                raise Interruption

        def after_call(**_: Any) -> None:
            if seen[0] > at:
                raise Interruption

        clients = (self.clients.s3, self.clients.apigateway, self.clients.scheduler)
        events = [("before-call", before_call), *([("after-call", after_call)] if after else [])]
        for client in clients:
            for event, handler in events:
                client.meta.events.register(event, handler)

        def undo() -> None:
            for client in clients:
                for event, handler in events:
                    client.meta.events.unregister(event, handler)

        return undo


def _is_students(key: str) -> bool:
    return key.startswith("students/") or is_students_calendar_key(key)


def _refuse_unencrypted(params: Any, **_: Any) -> None:
    """As the bucket's policy does."""
    if params.get("ServerSideEncryption") != "AES256":
        raise aws_error("AccessDenied", 403)


def _is_write(model: Any) -> bool:
    return not model.name.startswith(("Get", "List", "Head"))
