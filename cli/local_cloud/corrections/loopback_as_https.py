"""Treat every request as if it came over HTTPS.

Why: the bucket policies deny plain HTTP, which on AWS would cross a network. Here it does not leave the machine.

It can be removed when MiniStack is started with USE_SSL and every client trusts its certificate.
"""

from __future__ import annotations

from ministack import app

_pin_request_origin = app.pin_request_origin


def apply() -> None:
    """Put the correction in place."""
    app.pin_request_origin = _as_if_encrypted


def _as_if_encrypted(source_ip: str, _: bool) -> None:
    _pin_request_origin(source_ip, True)
