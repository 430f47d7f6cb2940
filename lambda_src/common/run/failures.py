"""The failures that the state machine has recorded in a run's files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from common.errors import BrokenObject
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import Failure


def failure_of(bucket: Bucket, key: str) -> str:
    """The error that the state machine recorded: its name and, if a function raised it, its message."""
    try:
        failure: Failure = bucket.get_json(key)
        name = str(failure["Error"])
    except (BrokenObject, TypeError, KeyError):
        return "no reason was recorded"
    try:
        return f"{name}: {json.loads(failure['Cause'])['errorMessage']}"
    except (KeyError, ValueError, TypeError):
        return name
