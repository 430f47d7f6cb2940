"""The events that AWS hands to the functions, kept as JSON in tests/events/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_EVENTS = Path(__file__).parent.parent / "events"


def load_event(name: str) -> dict[str, Any]:
    """A fresh copy of tests/events/<name>.json, to be filled in."""
    event: dict[str, Any] = json.loads((_EVENTS / f"{name}.json").read_text())
    return event
