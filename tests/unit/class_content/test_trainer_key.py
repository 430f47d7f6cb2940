"""The trainer's API key: there is one that works, whatever is interrupted or done twice at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.trainer_key import TrainerKey
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import student_key, trainer_key

from support.class_cloud import REGION, STACK, Cloud, Interruption
from support.class_files import WriteClass

NAME = f"{STACK}:trainer"


class Deployment:
    """A deployment and its trainer's key. Keys that are made later are newer."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.plan = cloud.clients.apigateway.create_usage_plan(name="trainer")["id"]
        self.key = TrainerKey(cloud.clients.s3, cloud.clients.apigateway, STACK, "data", self.plan)
        self._made_at: dict[str, datetime] = {}
        cloud.clients.apigateway.meta.events.register("after-call.apigateway.CreateApiKey", self._date)
        cloud.clients.apigateway.meta.events.register("after-call.apigateway.GetApiKeys", self._date_all)

    def _date(self, parsed: Any, **_: Any) -> None:
        """moto's keys all have the time at which the test runs."""
        self._made_at.setdefault(parsed["id"], datetime(2026, 11, 1, tzinfo=UTC) + timedelta(len(self._made_at)))
        parsed["createdDate"] = self._made_at[parsed["id"]]

    def _date_all(self, parsed: Any, **_: Any) -> None:
        for item in parsed["items"]:
            item["createdDate"] = self._made_at.get(item["id"], item["createdDate"])

    def existing(self) -> list[str]:
        """The values of all keys with the trainer's name."""
        items = self.cloud.clients.apigateway.get_api_keys(includeValues=True)["items"]
        return [item["value"] for item in items if item["name"] == NAME]

    def working(self) -> list[str]:
        """The values of those that are in the plan and have a record."""
        in_plan = self.cloud.clients.apigateway.get_usage_plan_keys(usagePlanId=self.plan)["items"]
        objects = self.cloud.objects()
        planned = {item["value"] for item in in_plan}
        return [value for value in self.existing() if value in planned and trainer_key(value) in objects]

    def records(self) -> list[str]:
        return [key for key in self.cloud.objects() if key.startswith("trainers/")]


@pytest.fixture
def deployment(cloud: Cloud) -> Iterator[Deployment]:
    yield Deployment(cloud)


def assert_one_key_works(deployment: Deployment) -> str:
    [value] = deployment.existing()
    assert deployment.working() == [value]
    assert deployment.records() == [trainer_key(value)]
    return value


def test_a_deployment_makes_the_key_once(deployment: Deployment) -> None:
    assert deployment.key.ensure(dry_run=True)
    assert deployment.existing() == []
    assert deployment.key.ensure()
    value = assert_one_key_works(deployment)
    writes = deployment.cloud.writes
    assert not deployment.key.ensure()
    assert (deployment.cloud.writes, assert_one_key_works(deployment)) == (writes, value)


def test_publishing_leaves_the_trainers_key_alone(deployment: Deployment, write_class: WriteClass) -> None:
    deployment.key.ensure()
    value = assert_one_key_works(deployment)
    deployment.cloud.publish(write_class())
    students = deployment.cloud.api_keys()
    assert value in students.values()
    assert len(students) > 1
    assert assert_one_key_works(deployment) == value
    assert student_key(value) not in deployment.cloud.objects()


@pytest.mark.parametrize(
    "harm",
    [
        lambda each: each.cloud.clients.s3.delete_object(Bucket="data", Key=each.records()[0]),
        lambda each: each.cloud.clients.apigateway.delete_usage_plan_key(
            usagePlanId=each.plan, keyId=each.cloud.clients.apigateway.get_api_keys()["items"][0]["id"]
        ),
        lambda each: each.cloud.clients.apigateway.delete_api_key(
            apiKey=each.cloud.clients.apigateway.get_api_keys()["items"][0]["id"]
        ),
        lambda each: each.cloud.clients.apigateway.create_api_key(name=NAME),
        lambda each: each.cloud.put(trainer_key("of a key that is gone"), b"{}"),
    ],
    ids=["record lost", "out of the plan", "deleted by hand", "made twice", "a record too many"],
)
def test_the_next_deployment_puts_right_what_is_wrong(
    deployment: Deployment, harm: Callable[[Deployment], Any]
) -> None:
    deployment.key.ensure()
    harm(deployment)
    assert deployment.key.ensure()
    assert_one_key_works(deployment)


def test_after_a_rotation_only_the_new_key_works(deployment: Deployment) -> None:
    deployment.key.ensure()
    old = assert_one_key_works(deployment)
    new = deployment.key.rotate()
    assert assert_one_key_works(deployment) == new != old


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(5))
@pytest.mark.parametrize("then", ["rotate", "ensure"])
def test_a_rotation_that_stops_anywhere_leaves_a_key_that_works_and_can_be_repeated(
    deployment: Deployment, at: int, after: bool, then: str
) -> None:
    deployment.key.ensure()
    undo = deployment.cloud.interrupt(at, after)
    with pytest.raises(Interruption):
        deployment.key.rotate()
        raise Interruption  # it has fewer writes
    undo()
    assert deployment.working()
    getattr(deployment.key, then)()
    assert_one_key_works(deployment)


@pytest.mark.parametrize("at", range(4))
def test_a_first_deployment_that_stops_anywhere_can_be_repeated(deployment: Deployment, at: int) -> None:
    undo = deployment.cloud.interrupt(at, after=True)
    with pytest.raises(Interruption):
        deployment.key.ensure()
        raise Interruption
    undo()
    deployment.key.ensure()
    assert_one_key_works(deployment)


@pytest.mark.parametrize("operation", ["CreateApiKey", "CreateUsagePlanKey", "GetApiKeys", "DeleteApiKey"])
@pytest.mark.parametrize("does", ["ensure", "rotate"])
def test_of_two_deployments_at_once_one_key_remains(deployment: Deployment, operation: str, does: str) -> None:
    """Another deployment does all of its work in between."""
    deployment.key.ensure()
    if does == "ensure":
        deployment.key.remove()
    events = deployment.cloud.clients.apigateway.meta.events
    name = f"before-call.apigateway.{operation}"

    def other(**_: Any) -> None:
        events.unregister(name, other)
        getattr(deployment.key, does)()

    events.register(name, other)
    getattr(deployment.key, does)()
    assert deployment.working()
    deployment.key.ensure()
    assert_one_key_works(deployment)


def test_a_removal_leaves_nothing_and_can_be_repeated(deployment: Deployment) -> None:
    deployment.key.ensure()
    assert deployment.key.remove(dry_run=True)
    assert_one_key_works(deployment)
    assert deployment.key.remove()
    assert (deployment.existing(), deployment.records()) == ([], [])
    assert not deployment.key.remove()


def test_the_key_of_a_stage_is_no_other_stages(deployment: Deployment) -> None:
    deployment.key.s3.create_bucket(Bucket="data2", CreateBucketConfiguration={"LocationConstraint": REGION})
    other = TrainerKey(deployment.key.s3, deployment.key.apigateway, f"{STACK}-two", "data2", deployment.plan)
    deployment.key.ensure()
    other.ensure()
    other.rotate()
    other.remove()
    assert_one_key_works(deployment)
