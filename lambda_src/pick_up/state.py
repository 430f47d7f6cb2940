"""Whether an invitation can still be picked up. Pure functions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from common.shared.deadlines import parse_time
from common.shared.invitation import REPEATED_FOR

if TYPE_CHECKING:
    from common.shared.documents import Invitation


def state_of(invitation: Invitation, now: datetime) -> Literal["new", "repeated", "over"]:
    """`new`: nobody has picked it up. `repeated`: somebody has, less than ten minutes ago. `over`: used or expired."""
    if "usedAt" in invitation:
        return "repeated" if now < parse_time(invitation["usedAt"]) + REPEATED_FOR else "over"
    return "new" if now < parse_time(invitation["expiresAt"]) else "over"
