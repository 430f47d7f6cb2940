"""When the weekly rule fires: rules know UTC alone, the class's deadline is local time. Pure functions."""

from __future__ import annotations


def deadline_cron(weekday: str, local_time: str, timezone: str) -> str:
    """The `cron(...)` expression that fires at every UTC time the weekly deadline can fall on.

    `weekday`: `monday` ... `sunday`. `local_time`: `23:00`. `timezone`: an IANA name.
    Raises ValueError for any that is none.
    """
    raise NotImplementedError
