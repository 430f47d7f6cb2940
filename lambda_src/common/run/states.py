"""What a test's state says, and changes to it against other runs that change it too.

The last run that planned a test tells its students and the trainer about it. A run that planned it earlier and is
slower stops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from common.errors import StorageError
from common.shared.object_keys import state_key
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import PlanEntry, ScoreBatch, TestState

_TRIES = 5


def state_key_of(work: PlanEntry | ScoreBatch) -> str:
    """The key of the state of the test that a plan's entry or a batch is about."""
    return state_key(work["subject"], work["test"]["testId"])


def read_state(bucket: Bucket, key: str) -> TestState:
    """A test's state; empty before its first run."""
    state: TestState | None = bucket.get_json(key)
    return state or {}


def is_last_to_plan(state: TestState, run_id: str) -> bool:
    """Whether no other run has planned the test since this one did."""
    return state.get("plannedBy") == run_id


def change_state(bucket: Bucket, key: str, changed: Callable[[TestState], TestState]) -> None:
    """Replace a test's state (empty before its first run) by `changed(state)`, unless that is the same.

    `changed` is called again if another run has written the state in the meantime. Raises StorageError.
    """
    for _ in range(_TRIES):
        stored: tuple[TestState | None, str] | None = bucket.get_versioned(key)
        before, etag = stored if stored else (None, None)
        after = changed(before or {})
        if after == before or bucket.swap_json(key, after, etag) is not None:
            return
    raise StorageError("cannot write states/: other runs keep writing it")


def disturbed(state: TestState) -> TestState:
    """The state after a run that was not the last to plan the test has stored scores or told somebody something.

    The test stays due, whether the last run has ended or not.
    """
    after: TestState = {**state, "disturbed": True}
    if "told" in after:
        after["told"] = ""
    return after
