"""Published objects that a warm function keeps in memory, so that it need not read them for every request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from common.api.errors import ApiError
from common.index import LONGEST_KEPT
from common.storage import Bucket

if TYPE_CHECKING:
    from common.api.http import Request

T = TypeVar("T")


class Memory:
    """What a function has read. An object that does not exist is not kept.

    What is shown may follow from an object that is up to LONGEST_KEPT old, and so may what is accepted: a run waits for
    that. What is refused never does: see `answer`.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[datetime, Any]] = {}
        self._now: datetime
        self._was_used = False

    def answer(self, request: Request, handle: Callable[[Request], T]) -> T:
        """`handle(request)`; if it refuses because of something kept, again with what is published now.

        Raises what `handle` raises.
        """
        self._now, self._was_used = request.now, False
        # Counted from when a request began, which is before it read the object. A clock may have been set back.
        self._kept = {
            key: (since, value)
            for key, (since, value) in self._kept.items()
            if timedelta(0) <= request.now - since <= LONGEST_KEPT
        }
        try:
            return handle(request)
        except ApiError:
            if not self._was_used:
                raise
        self._kept.clear()
        return handle(request)

    def get_json(self, bucket: Bucket, key: str) -> Any:
        """The object as parsed JSON, which must not be changed, or None if there is no such object."""
        if key in self._kept:
            self._was_used = True
            return self._kept[key][1]
        value = bucket.get_json(key)
        if value is not None:
            self._kept[key] = self._now, value
        return value
