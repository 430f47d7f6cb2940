"""The secret in the address of a student's calendar: `<endpoint>/calendar/<secret>.ics`.

It follows from the student's API key, does not give it away, and opens nothing but the calendar. A student whose API
key is replaced gets another address.
"""

from __future__ import annotations

import hmac
import re

_FEED = re.compile(r"([0-9a-f]{64})\.ics")


def calendar_secret(api_key: str) -> str:
    """The secret of the student who has `api_key`."""
    return hmac.digest(api_key.encode("utf-8", "surrogatepass"), b"calendar", "sha256").hex()


def calendar_path(api_key: str) -> str:
    """The calendar's address, after the endpoint."""
    return f"/calendar/{calendar_secret(api_key)}.ics"


def secret_in(feed: object) -> str | None:
    """The secret in `<secret>.ics`; None if `feed` does not have this form."""
    found = _FEED.fullmatch(feed) if isinstance(feed, str) else None
    return found[1] if found else None
