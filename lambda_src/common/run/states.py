"""Changes what a test's state says, against other runs that change it too."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from common.errors import StorageError
from common.shared.object_keys import state_key
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import PlanEntry, TestState

_TRIES = 5


def change_state(bucket: Bucket, entry: PlanEntry, changed: Callable[[TestState], TestState]) -> None:
    """Replace a test's state (empty before its first run) by `changed(state)`, unless that is the same.

    `changed` is called again if another run has written the state in the meantime. Raises StorageError.
    """
    key = state_key(entry["subject"], entry["test"]["testId"])
    for _ in range(_TRIES):
        stored: tuple[TestState, str] | None = bucket.get_versioned(key)
        before, etag = stored if stored else ({}, None)
        after = changed(before)
        if after == before or bucket.swap_json(key, after, etag) is not None:
            return
    raise StorageError("cannot write states/: other runs keep writing it")
