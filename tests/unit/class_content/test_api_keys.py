"""Students' API keys: whose each is, the pace AWS takes, and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import (
    ApiKey,
    KeyQuotaReached,
    Pace,
    batches,
    delete_keys,
    ensure_keys,
    list_api_keys,
    sort_out,
)
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import student_key
from botocore.exceptions import ClientError
from moto import mock_aws


def key(key_id: str, student: str, created: float = 0, in_plan: bool = True) -> ApiKey:
    return ApiKey(key_id, student, f"secret of {key_id}", created, in_plan)


def test_every_id_is_in_one_batch_whose_label_says_how_far_it_goes() -> None:
    ids = [f"s{number}" for number in range(250)]
    parts = batches(ids)
    assert [part["label"] for part in parts[:3]] == ["10 of 250", "20 of 250", "30 of 250"]
    assert parts[-1]["label"] == "250 of 250"
    assert [one for part in parts for one in part["ids"]] == ids
    assert batches([]) == []


def test_large_class_has_few_batches_that_are_not_too_long_to_wait_for() -> None:
    parts = batches([f"s{number}" for number in range(10_000)])
    assert max(len(part["ids"]) for part in parts) == 100
    assert len(parts) < 120


def test_each_student_has_one_key_and_all_others_are_surplus() -> None:
    keys = [key("k1", "s001"), key("k2", "s002", created=2), key("k3", "s002", created=1), key("k4", "gone")]
    state = sort_out(keys, ["s001", "s002", "s003"], [])
    assert {student: found.id for student, found in state.current.items()} == {"s001": "k1", "s002": "k3"}
    assert state.missing == ["s003"]
    assert sorted(state.surplus) == ["k2", "k4"]


def test_key_that_is_published_stays_before_an_older_one() -> None:
    keys = [key("old", "s001", created=1), key("used", "s001", created=2, in_plan=False)]
    state = sort_out(keys, ["s001"], {student_key("secret of used")})
    assert state.current["s001"].id == "used"
    assert state.surplus == ["old"]


def test_key_outside_the_plan_counts_as_missing() -> None:
    assert sort_out([key("k1", "s001", in_plan=False)], ["s001"], []).missing == ["s001"]


def test_secret_is_in_no_representation() -> None:
    assert "secret" not in repr(key("k1", "s001"))


def test_at_most_five_calls_begin_in_any_second() -> None:
    now, begun = [100.0], []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    pace = Pace(clock=lambda: now[0], sleep=sleep)
    for _ in range(23):
        pace.wait()
        begun.append(now[0])
        now[0] += 0.01
    assert all(later - earlier >= 1 for earlier, later in zip(begun, begun[5:], strict=False))
    assert begun[-1] - begun[0] < 5


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield boto3.client("apigateway", "eu-central-1")


def refuse(client: Any, operation: str, code: str, status: int) -> None:
    """Let AWS answer this operation with an error."""

    def answer(**_: Any) -> tuple[SimpleNamespace, dict[str, Any]]:
        return SimpleNamespace(status_code=status), {"Error": {"Code": code, "Message": code}}

    client.meta.events.register(f"before-call.apigateway.{operation}", answer)


def test_full_region_is_an_error_of_its_own_and_keys_made_so_far_stay(client: Any) -> None:
    plan = client.create_usage_plan(name="p")["id"]
    ensure_keys(client, plan, "stack", ["s001"], Pace(), dry_run=False)
    refuse(client, "CreateApiKey", "LimitExceededException", 429)
    with pytest.raises(KeyQuotaReached):
        ensure_keys(client, plan, "stack", ["s001", "s002"], Pace(), dry_run=False)
    assert [found.student_id for found in list_api_keys(client, plan, "stack")] == ["s001"]


def test_other_errors_are_not_taken_for_a_full_region(client: Any) -> None:
    plan = client.create_usage_plan(name="p")["id"]
    refuse(client, "CreateApiKey", "AccessDeniedException", 403)
    with pytest.raises(ClientError, match="AccessDenied"):
        ensure_keys(client, plan, "stack", ["s001"], Pace(), dry_run=False)


def test_key_that_a_repeated_call_finds_in_the_plan_is_fine(client: Any) -> None:
    plan = client.create_usage_plan(name="p")["id"]
    refuse(client, "CreateUsagePlanKey", "ConflictException", 409)
    assert ensure_keys(client, plan, "stack", ["s001"], Pace(), dry_run=False) == 1


def test_students_with_a_key_are_left_alone(client: Any) -> None:
    plan = client.create_usage_plan(name="p")["id"]
    assert ensure_keys(client, plan, "stack", ["s001", "s002"], Pace(), dry_run=False) == 2
    before = list_api_keys(client, plan, "stack")
    assert ensure_keys(client, plan, "stack", ["s001", "s002"], Pace(), dry_run=False) == 0
    assert list_api_keys(client, plan, "stack") == before


def test_dry_run_counts_and_makes_nothing(client: Any) -> None:
    plan = client.create_usage_plan(name="p")["id"]
    assert ensure_keys(client, plan, "stack", ["s001"], Pace(), dry_run=True) == 1
    assert list_api_keys(client, plan, "stack") == []


def test_deleting_a_key_that_is_gone_is_fine(client: Any) -> None:
    key_id = client.create_api_key(name="stack/s001", enabled=True)["id"]
    delete_keys(client, [key_id], Pace())
    delete_keys(client, [key_id], Pace())
    assert client.get_api_keys()["items"] == []


class CountingPace(Pace):
    """Counts the calls that ask for their turn."""

    def __init__(self) -> None:
        super().__init__(sleep=lambda _: None)
        self.turns = 0

    def wait(self) -> None:
        self.turns += 1


def test_every_key_that_is_made_or_deleted_waits_for_its_turn(client: Any) -> None:
    plan = client.create_usage_plan(name="p")["id"]
    pace = CountingPace()
    ensure_keys(client, plan, "stack", ["s001", "s002", "s003"], pace, dry_run=False)
    assert pace.turns == 3
    delete_keys(client, [found.id for found in list_api_keys(client, plan, "stack")], pace)
    assert pace.turns == 6
