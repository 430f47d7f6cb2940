"""Whether a client already has what it asks for."""

from __future__ import annotations

from common.api.http import Request


def is_current(request: Request, etag: str) -> bool:
    """Whether If-None-Match names this entity tag (RFC 9110, 13.1.2): a list or `*`, compared weakly."""
    tags = [tag.strip() for tag in (request.header("if-none-match") or "").split(",")]
    return "*" in tags or etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in tags]
