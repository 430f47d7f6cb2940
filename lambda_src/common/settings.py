"""The settings that a function gets from its template, read once at its cold start."""

from __future__ import annotations

import os

from common.shared.ascii_text import from_ascii
from common.storage import Bucket


def setting(name: str) -> str:
    """The environment variable `name`. Raises RuntimeError if the template did not set it."""
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"the environment variable {name} is not set; set it in the function's template")
    return from_ascii(value)


def data_bucket(max_connections: int = 10, lists: bool = False) -> Bucket:
    """The data bucket, `DATA_BUCKET`. See `Bucket` for the parameters."""
    return Bucket(setting("DATA_BUCKET"), max_connections=max_connections, lists=lists)
