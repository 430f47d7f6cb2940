"""Publishing is refused if a parameter that only a deployment applies is not the deployed one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import undeployed
from ansible_collections.training.test_time.plugins.modules import deployed_parameters

from support.fake_cloudformation import FakeCloudFormation
from support.templates import ROOT, template

# What publishing itself applies, or what says where to look.
PUBLISHED = {"attempts", "late", "partial_credit", "grace_minutes", "class_dir", "region", "stage"}
PARAMETERS = json.loads((ROOT / "schemas/parameters.schema.json").read_text())["required"]


@pytest.mark.parametrize("name", sorted(set(PARAMETERS) - PUBLISHED))
def test_every_parameter_that_publishing_does_not_apply_is_compared(name: str) -> None:
    stacks = template("trainings-tests")["Parameters"] | template("storage")["Parameters"]
    deployed = dict.fromkeys(stacks, "old")
    assert undeployed(deployed, {name: "new"}) == [f"{name}: old is deployed, new is new"]


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_what_publishing_applies_needs_no_deployment(name: str) -> None:
    stacks = template("trainings-tests")["Parameters"] | template("storage")["Parameters"]
    assert undeployed(dict.fromkeys(stacks, "old"), {name: "new"}) == []


def test_numbers_are_compared_as_they_are_written_in_a_stack() -> None:
    assert undeployed({"ReminderHours": "24", "ThrottleRatePerSecond": "5"}, {"reminder_hours": 24}) == []
    assert undeployed({"ReminderHours": "24"}, {"reminder_hours": 0}) == ["reminder_hours: 24 is deployed, 0 is new"]


class Ended(Exception):
    """How the module ended: what it returned."""


class FakeModule:
    """AnsibleAWSModule with a fake cloud."""

    cloud = FakeCloudFormation("UPDATE_COMPLETE")

    def __init__(self, **_: Any) -> None:
        self.params = {"stacks": ["root", "storage"], "parameters": {"class_name": "new", "retention_days": 40}}

    def client(self, _: str) -> FakeCloudFormation:
        return self.cloud

    def fail_json(self, msg: str) -> None:
        raise Ended(msg)

    def exit_json(self, changed: bool) -> None:
        raise Ended(changed)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> FakeCloudFormation:
    cloud = FakeCloudFormation("UPDATE_COMPLETE")
    monkeypatch.setattr(FakeModule, "cloud", cloud)
    monkeypatch.setattr(deployed_parameters, "AnsibleAWSModule", FakeModule)
    return cloud


def test_message_names_every_parameter_with_both_values_and_says_what_to_do(cloud: FakeCloudFormation) -> None:
    cloud.parameters = {"ClassName": "old", "RetentionDays": "30"}
    with pytest.raises(Ended) as ended:
        deployed_parameters.main()
    assert str(ended.value).splitlines() == [
        "Nothing was published, because parameters in group_vars/all.yml have not been deployed:",
        "  class_name: old is deployed, new is new",
        "  retention_days: 30 is deployed, 40 is new",
        "Deploy first: run deploy-api-gateway.sh with the same options, which publishes the class too.",
    ]


def test_deployed_parameters_pass_and_so_do_those_of_a_stack_that_does_not_exist(cloud: FakeCloudFormation) -> None:
    cloud.parameters = {"ClassName": "new", "RetentionDays": "40"}
    with pytest.raises(Ended, match="False"):
        deployed_parameters.main()
    cloud.statuses = [None]
    with pytest.raises(Ended, match="False"):
        deployed_parameters.main()
