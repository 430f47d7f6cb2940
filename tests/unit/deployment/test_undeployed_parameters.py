"""Publishing is refused if a parameter that only a deployment applies is not the deployed one."""

from __future__ import annotations

import json

import pytest
from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import undeployed

from support.templates import ROOT, template

# What publishing itself applies, or what says where to look.
PUBLISHED = {
    "announce",
    "attempts",
    "late",
    "partial_credit",
    "grace_minutes",
    "class_dir",
    "region",
    "unsubmitted_drafts",
}
# Only SES's identities depend on it, so publishing before deploying does no harm.
NOT_IN_A_STACK = {"sender_domain", "invitations"}
PARAMETERS = json.loads((ROOT / "schemas/parameters.schema.json").read_text())["required"]


def stacks(**parameters: str) -> dict[str, dict[str, dict[str, str]]]:
    """A stack with these parameters, and one that does not exist."""
    return {"root": {"parameters": parameters}, "storage": {"parameters": {}}}


def all_stacks(value: str) -> dict[str, dict[str, dict[str, str]]]:
    """The deployed stacks, each of whose parameters has this value."""
    return {
        name: {"parameters": dict.fromkeys(template(name)["Parameters"], value)}
        for name in ("trainings-tests", "storage")
    }


@pytest.mark.parametrize("name", sorted(set(PARAMETERS) - PUBLISHED - NOT_IN_A_STACK))
def test_every_parameter_that_publishing_does_not_apply_is_compared(name: str) -> None:
    assert undeployed({name: "new"}, all_stacks("old")) == [f"{name}: old is deployed, new is new"]


@pytest.mark.parametrize("name", sorted(PUBLISHED | NOT_IN_A_STACK))
def test_what_publishing_applies_needs_no_deployment(name: str) -> None:
    assert undeployed({name: "new"}, all_stacks("old")) == []


def test_numbers_are_compared_as_they_are_written_in_a_stack() -> None:
    deployed = stacks(ReminderHours="24", ThrottleRatePerSecond="5")
    assert undeployed({"reminder_hours": 24}, deployed) == []
    assert undeployed({"reminder_hours": 0}, deployed) == ["reminder_hours: 24 is deployed, 0 is new"]


def test_parameters_that_no_stack_has_are_not_compared() -> None:
    assert undeployed({"class_name": "new"}, stacks()) == []


def test_truth_values_are_compared_as_they_are_written_in_a_stack() -> None:
    assert undeployed({"tracing": False}, stacks(Tracing="false")) == []
    assert undeployed({"tracing": True}, stacks(Tracing="false")) == ["tracing: false is deployed, true is new"]


def test_no_permissions_boundary_is_an_empty_parameter_of_a_stack() -> None:
    assert undeployed({"permissions_boundary": None}, stacks(PermissionsBoundary="")) == []
    [difference] = undeployed({"permissions_boundary": None}, stacks(PermissionsBoundary="old"))
    assert difference == "permissions_boundary: old is deployed, null is new"
