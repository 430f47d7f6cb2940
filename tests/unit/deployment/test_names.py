"""The names of a stage's stacks and API keys."""

from __future__ import annotations

from ansible_collections.training.test_time.plugins.module_utils.deployment.names import (
    root_stack,
    storage_stack,
)


def test_stages_have_names_of_their_own() -> None:
    assert (root_stack("main"), storage_stack("main")) == ("trainings-tests", "trainings-tests-storage")
    assert (root_stack("two"), storage_stack("two")) == ("trainings-tests-two", "trainings-tests-two-storage")
