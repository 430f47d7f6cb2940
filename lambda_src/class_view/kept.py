"""What a warm function keeps of its last replies, so that a page that asks again and again costs little."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Any


class Kept:
    """Values that were read a short time ago. None is not kept."""

    def __init__(self) -> None:
        self._values: dict[Hashable, tuple[datetime, Any]] = {}

    def get(self, name: Hashable, now: datetime, life: timedelta) -> Any:
        """The value `name`, or None if it was read `life` ago or earlier."""
        since, value = self._values.get(name, (now - life, None))
        # A clock may have been set back.
        return value if timedelta(0) <= now - since < life else None

    def put(self, name: Hashable, now: datetime, value: Any) -> None:
        """Keep what was read at the time `now`."""
        self._values[name] = now, value
