"""What a stage's stacks and keys are called. The one home of these names on the trainer's side."""

from __future__ import annotations

_FIRST_STAGE = "main"


def root_stack(stage: str) -> str:
    """`trainings-tests` for stage `main`, `trainings-tests-<stage>` for any other."""
    return "trainings-tests" if stage == _FIRST_STAGE else f"trainings-tests-{stage}"


def storage_stack(stage: str) -> str:
    """The stack of the stage's buckets."""
    return f"{root_stack(stage)}-storage"
