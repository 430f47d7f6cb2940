"""Rates and sizes that AWS documents. The fakes keep to them, and docs/scaling.md quotes them.

Each limit names the page that says so. `read`: when a copy of that page was last read. None: the value is from memory
of the documentation and has not been compared with it since.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

_DOCS = "https://docs.aws.amazon.com/"
_READ = "2026-11-27"


class Limit(NamedTuple):
    """A limit of AWS. `unit` completes "the limit is `value`"."""

    value: float
    unit: str
    page: str
    read: str | None = _READ


LIMITS = {
    "states:payload bytes": Limit(262_144, "bytes", f"{_DOCS}step-functions/latest/dg/service-quotas.html"),
    "ses:GetSendQuota": Limit(1, "calls a second", f"{_DOCS}ses/latest/APIReference/API_GetSendQuota.html"),
    "ses:message bytes": Limit(10_000_000, "bytes", f"{_DOCS}ses/latest/dg/quotas.html"),
}


class Rate:
    """A rate limit: a bucket that holds one second's calls, but at least one, and fills steadily."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self._most = max(1.0, per_second)
        self._left = self._most
        self._last: float | None = None

    def allows(self, now: datetime) -> bool:
        """Whether one more call is accepted now. If it is, it counts."""
        moment = now.timestamp()
        if self._last is not None:
            self._left = min(self._most, self._left + max(0.0, moment - self._last) * self.per_second)
        self._last = moment if self._last is None else max(self._last, moment)
        # A clock of whole microseconds makes a pause a little shorter than was asked for.
        if self._left < 1 - 1e-3:
            return False
        self._left -= 1
        return True
