"""AWS's clock: the trainer's own may be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any


def server_time(reply: Mapping[str, Any]) -> datetime:
    """When a service sent a reply of the SDK, in whole seconds."""
    return parsedate_to_datetime(reply["ResponseMetadata"]["HTTPHeaders"]["date"])
