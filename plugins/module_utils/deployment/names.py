"""The names of a stage's stacks. On the trainer's side, they are defined only here."""

from __future__ import annotations

_FIRST_STAGE = "main"


def root_stack(stage: str) -> str:
    """`trainings-tests` for the stage `main`, `trainings-tests-<stage>` for any other stage."""
    return "trainings-tests" if stage == _FIRST_STAGE else f"trainings-tests-{stage}"


def storage_stack(stage: str) -> str:
    """The stack of the stage's buckets."""
    return f"{root_stack(stage)}-storage"
