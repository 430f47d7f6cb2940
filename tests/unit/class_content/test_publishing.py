"""Publishing against a cloud: what is written, in which order, and what an interruption leaves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import (
    Pace,
    delete_keys,
    ensure_keys,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.objects import Policies
from ansible_collections.training.test_time.plugins.module_utils.class_content.publishing import (
    Clients,
    Deployment,
    InvalidClass,
    plan_publication,
    publish,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.run_schedules import ScheduleTarget
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import class_problems
from botocore.config import Config
from moto import mock_aws

from support.class_files import WEEKLY, WriteClass, question, student
from support.scheduler_clock import refuse_the_past

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
REGION = "eu-central-1"
STACK = "trainings-tests"


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
        refuse_the_past(self.clients.scheduler, lambda: self.now)
        self.clients.s3.meta.events.register("after-call.s3.ListObjectsV2", self._tell_time)
        for client in (self.clients.s3, self.clients.apigateway, self.clients.scheduler):
            client.meta.events.register("before-call", self._count)

    def deployment(self) -> Deployment:
        target = ScheduleTarget(
            STACK, "arn:aws:states:::machine", "arn:aws:iam::123456789012:role/x", "arn:aws:sqs:::q"
        )
        policies = Policies(attempts=1, late=None, partial_credit="off", grace_minutes=0)
        return Deployment("data", self.plan, STACK, target, WEEKLY, 0, policies, retention_days=365)

    def publish(self, folder: Path, now: datetime = NOW, check: bool = False) -> list[str]:
        """What the role does: plan, make keys, plan and publish, delete keys. The lines of the first plan.

        `now`: by S3's clock.
        """
        self.now = now
        files = load_class(folder, "class")
        assert class_problems(files, WEEKLY) == []
        deployment = self.deployment()
        lines = (plan := plan_publication(self.clients, deployment, files)).lines
        if check or not lines:
            return lines
        pace = Pace(sleep=lambda _: None)
        ensure_keys(self.clients.apigateway, self.plan, STACK, plan.keys.missing, pace, dry_run=False)
        plan = plan_publication(self.clients, deployment, files)
        assert plan.keys.missing == []
        publish(self.clients, deployment, plan)
        delete_keys(self.clients.apigateway, plan.keys.surplus, pace)
        return lines

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
        access = {}
        for name, value in self.api_keys().items():
            key = f"students/{hashlib.sha256(value.encode()).hexdigest()}.json"
            access[name] = stored.get(key)
        in_plan = self.clients.apigateway.get_usage_plan_keys(usagePlanId=self.plan)["items"]
        known = {item["id"] for item in self.clients.apigateway.get_api_keys()["items"]}
        return {
            "objects": {key: body for key, body in stored.items() if not key.startswith("students/")},
            "access": access,
            "student objects": sum(key.startswith("students/") for key in stored),
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


def _is_write(model: Any) -> bool:
    return not model.name.startswith(("Get", "List", "Head"))


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield Cloud()


def index(cloud: Cloud, subject: str = "os") -> dict[str, Any]:
    entries = json.loads(cloud.objects()[f"subjects/{subject}/index.json"])["tests"]
    return {entry["testId"]: entry for entry in entries}


def test_first_publication_writes_everything_the_data_model_has(cloud: Cloud, write_class: WriteClass) -> None:
    assert cloud.publish(write_class()) == ["+ test01 in os", "+ student s001", "+ student s002"]
    state = cloud.state()
    assert sorted(state["objects"]) == [
        "answer-keys/os/test01.json",
        "roster.jsonl",
        "subjects/os/index.json",
        "subjects/os/test01/questions.json",
    ]
    assert {name: json.loads(body)["studentId"] for name, body in state["access"].items()} == {
        "trainings-tests/s001": "s001",
        "trainings-tests/s002": "s002",
    }
    assert state["in plan"] == ["trainings-tests/s001", "trainings-tests/s002"]


def test_every_object_is_stored_encrypted(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    for key in cloud.objects():
        assert cloud.clients.s3.head_object(Bucket="data", Key=key)["ServerSideEncryption"] == "AES256"


def test_unchanged_class_changes_nothing(cloud: Cloud, write_class: WriteClass) -> None:
    folder = write_class()
    cloud.publish(folder)
    before = cloud.state()
    cloud.writes = 0
    assert cloud.publish(folder, datetime(2026, 12, 30, tzinfo=UTC)) == []
    assert cloud.writes == 0
    assert cloud.state() == before


def test_the_time_of_a_publication_is_s3s(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    cloud.publish(write_class(students=[student(1), student(3)]), datetime(2026, 11, 19, 9, tzinfo=UTC))
    roster = [json.loads(line) for line in cloud.objects()["roster.jsonl"].splitlines()]
    assert [entry["since"]["os"] for entry in roster] == ["2026-11-18T09:00:00Z", "2026-11-19T09:00:00Z"]
    assert index(cloud)["test01"]["revisedAt"] == "2026-11-18T09:00:00Z"


def test_order_of_students_is_no_change(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    assert cloud.publish(write_class(students=[student(2), student(1)])) == []


def test_check_tells_the_difference_and_writes_nothing(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.writes = 0
    assert "+ test01 in os" in cloud.publish(write_class(), check=True)
    assert cloud.writes == 0


def test_only_what_changed_is_written(cloud: Cloud, write_class: WriteClass) -> None:
    tests = {"os/test01": [question()], "os/test02": [question()], "git/test01": [question()]}
    cloud.publish(write_class(tests=tests))
    written: list[str] = []
    cloud.clients.s3.meta.events.register(
        "before-call.s3.PutObject", lambda params, **_: written.append(params["url_path"])
    )
    tests["os/test02"] = [question(text="Changed?")]
    assert cloud.publish(write_class(tests=tests)) == ["~ test02 in os (questions)"]
    assert written == ["/subjects/os/test02/questions.json"]


def test_changed_answer_is_an_answer_key_alone(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    assert cloud.publish(write_class(tests={"os/test01": [question(answer="b")]})) == ["~ test01 in os (answer key)"]


def test_deadline_without_a_session_stays_put_when_published_again(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    changed = write_class(tests={"os/test01": [question(text="New?")], "os/test02": [question()]})
    cloud.publish(changed, datetime(2026, 11, 25, tzinfo=UTC))
    assert index(cloud)["test01"]["closesAt"] == "2026-11-23T22:00:00Z"
    assert index(cloud)["test02"]["closesAt"] == "2026-11-30T22:00:00Z"


def test_removed_test_is_seen_no_more_and_its_answers_and_scores_stay(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests={"os/test01": [question()], "os/test02": [question()]}))
    kept = ["answers/os/s001/test02.json", "scores/os/test02/s001.json", "states/os/test02.json"]
    for key in kept:
        cloud.clients.s3.put_object(Bucket="data", Key=key, Body=b"{}")
    assert cloud.publish(write_class()) == ["- test02 in os"]
    assert list(index(cloud)) == ["test01"]
    assert set(kept) <= cloud.objects().keys()
    assert "answer-keys/os/test02.json" not in cloud.objects()


def test_removed_subject_is_seen_no_more(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests={"os/test01": [question()], "git/test01": [question()]}))
    assert cloud.publish(write_class()) == ["- test01 in git"]
    assert not [key for key in cloud.objects() if "git" in key]


def test_removed_student_loses_object_and_key_and_others_keep_theirs(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    kept = cloud.api_keys()["trainings-tests/s001"]
    assert cloud.publish(write_class(students=[student(1), student(3)])) == ["- student s002", "+ student s003"]
    assert sorted(cloud.api_keys()) == ["trainings-tests/s001", "trainings-tests/s003"]
    assert cloud.api_keys()["trainings-tests/s001"] == kept
    assert cloud.state()["student objects"] == 2


def test_access_of_a_removed_student_ends_before_anything_is_written(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    calls: list[str] = []
    for client in (cloud.clients.s3, cloud.clients.apigateway):
        client.meta.events.register("before-call", lambda model, **_: calls.append(model.name))
    cloud.publish(write_class(students=[student(1)], tests={"os/test01": [question(text="New?")]}))
    writes = [name for name in calls if not name.startswith(("Get", "List"))]
    assert (writes[0], writes[-1]) == ("DeleteObject", "DeleteApiKey")


def test_changed_student_is_told_and_rewritten(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    folder = write_class(students=[student(1, name="Ada", extra_hours=24), student(2, subjects=[])])
    assert cloud.publish(folder) == [
        "~ test01 in os (deadline)",
        "~ student s001 (name, deadlines)",
        "~ student s002 (subjects)",
    ]
    assert json.loads(cloud.state()["access"]["trainings-tests/s001"]) == {
        "studentId": "s001",
        "name": "Ada",
        "subjects": ["os"],
        "deadlines": {"os/test01": "2026-11-24T22:00:00Z"},
    }


def test_keys_of_other_stages_and_of_others_are_left_alone(cloud: Cloud, write_class: WriteClass) -> None:
    for name in ("trainings-tests-rehearsal/s001", "somebody", "trainings-tests"):
        cloud.clients.apigateway.create_api_key(name=name, enabled=True)
    cloud.publish(write_class())
    cloud.publish(write_class(students=[student(1)]))
    assert {"trainings-tests-rehearsal/s001", "somebody", "trainings-tests"} <= cloud.api_keys().keys()


def test_key_that_was_made_twice_is_deleted_and_the_students_own_stays(cloud: Cloud, write_class: WriteClass) -> None:
    folder = write_class()
    cloud.publish(folder)
    own = cloud.api_keys()["trainings-tests/s001"]
    cloud.clients.apigateway.create_api_key(name="trainings-tests/s001", enabled=True)
    assert cloud.publish(folder) == ["~ API keys (1 removed)"]
    assert cloud.api_keys()["trainings-tests/s001"] == own
    assert cloud.publish(folder) == []


def test_key_deleted_by_hand_is_replaced_and_the_old_one_refused(cloud: Cloud, write_class: WriteClass) -> None:
    folder = write_class()
    cloud.publish(folder)
    [key] = cloud.clients.apigateway.get_api_keys(nameQuery="trainings-tests/s002")["items"]
    cloud.clients.apigateway.delete_api_key(apiKey=key["id"])
    assert cloud.publish(folder) == ["~ student s002 (API key)"]
    assert cloud.state()["student objects"] == 2
    assert None not in cloud.state()["access"].values()


def test_schedules_follow_the_class(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(students=[student(1, extra_hours=24), student(2)]))
    [name] = cloud.schedules()
    schedule = cloud.clients.scheduler.get_schedule(GroupName=STACK, Name=name)
    assert schedule["ScheduleExpression"] == "at(2026-11-24T22:00:00)"
    assert schedule["ScheduleExpressionTimezone"] == "UTC"
    assert schedule["ActionAfterCompletion"] == "DELETE"
    assert schedule["Target"]["Input"] == "{}"
    cloud.publish(write_class())
    assert cloud.schedules() == []


def test_extension_before_the_deadline_that_publishing_gave_is_refused(cloud: Cloud, write_class: WriteClass) -> None:
    test = {"title": "T", "questions": [question()], "extensions": {"s001": "2026-11-20 12:00"}}
    cloud.writes = 0
    with pytest.raises(InvalidClass, match=r"extensions\.s001: is before the test closes"):
        cloud.publish(write_class(tests={"os/test01": test}))
    assert cloud.writes == 0


def test_a_test_that_outlasts_its_answers_is_refused(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    cloud.writes = 0
    test = {"title": "T", "closes": "2027-11-01 23:00", "questions": [question()]}
    with pytest.raises(
        InvalidClass, match=r"^class/subjects/os/test01\.yml:2: closes: students have time until 2027-11-01"
    ):
        cloud.publish(write_class(tests={"os/test01": test}))
    assert cloud.writes == 0


def test_how_long_answers_are_needed_counts_from_the_first_publication(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(
        write_class(tests={"os/test01": {"title": "T", "closes": "2027-10-01 23:00", "questions": [question()]}})
    )
    longer = write_class(tests={"os/test01": {"title": "T", "closes": "2027-11-01 23:00", "questions": [question()]}})
    with pytest.raises(InvalidClass, match=r"set retention_days to 379 or more and deploy$"):
        cloud.publish(longer, now=NOW + timedelta(days=200))
    another = write_class(tests={"os/test02": {"title": "T", "closes": "2027-11-01 23:00", "questions": [question()]}})
    assert cloud.publish(another, now=NOW + timedelta(days=200))


BEFORE = ([student(1), student(2)], {"os/test01": [question()], "git/test01": [question()]})
AFTER = (
    [student(1, extra_hours=24), student(3)],
    {"os/test01": [question(text="New?"), question()], "os/test02": [question()]},
)


def test_interrupted_anywhere_and_run_again_it_ends_in_the_same_state(cloud: Cloud, write_class: WriteClass) -> None:
    """Before and after each of the writes; nothing is ever half-visible in between."""
    cloud.publish(write_class(*AFTER))
    wanted = cloud.state()
    interruptions = 0
    for after in (False, True):
        at = 0
        while True:
            cloud.publish(write_class(*BEFORE))
            folder = write_class(*AFTER)
            undo = cloud.interrupt(at, after)
            try:
                cloud.publish(folder)
                finished = True
            except Interruption:
                finished = False
            undo()
            cloud.assert_nothing_is_half_visible()
            if finished:
                break
            cloud.publish(folder)
            assert cloud.state() == wanted, (at, after)
            assert cloud.publish(folder) == []
            interruptions += 1
            at += 1
    assert interruptions > 30
