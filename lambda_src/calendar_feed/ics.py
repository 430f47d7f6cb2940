"""A calendar as text in the format of RFC 5545. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import icalendar

if TYPE_CHECKING:
    from calendar_feed.events import Event

# How often an app that heeds it asks again.
REFRESHED_EVERY = timedelta(hours=8)


def ics(name: str, events: Iterable[Event]) -> bytes:
    """The calendar. All times are in UTC. It has no alarms: students' apps add those that they want."""
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Test time//Test time//EN")
    for property in ("name", "x-wr-calname"):
        calendar.add(property, f"Test time: {name}")
    every = icalendar.vDuration(REFRESHED_EVERY, params={"VALUE": "DURATION"})
    calendar.add("refresh-interval", every)
    # For clients that do not know RFC 7986.
    calendar.add("x-published-ttl", every.to_ical().decode())  # type: ignore[no-untyped-call]
    for event in events:
        calendar.add_component(_component(event))
    body: bytes = calendar.to_ical()
    return body


def _component(event: Event) -> icalendar.Event:
    component = icalendar.Event()
    component.add("uid", event.uid)
    # Without METHOD, both are when the event was last revised (RFC 5545, 3.8.7.2).
    component.add("dtstamp", event.revised_at.astimezone(UTC))
    component.add("last-modified", event.revised_at.astimezone(UTC))
    component.add("dtstart", event.at.astimezone(UTC))
    component.add("summary", event.summary)
    component.add("description", event.description)
    component.add("transp", "TRANSPARENT")
    return component
