"""Requests to the API, as a student's device sends them."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

_TIMEOUT_SECONDS = 60
_TOO_MANY_REQUESTS = 429
_TRIES = 10


class Unreachable(Exception):
    """The API does not answer. The message says what to do."""


@dataclass(frozen=True)
class Reply:
    """The API's answer. Names of headers are in lower case. `received_at`: by this computer's clock."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: float

    @property
    def json(self) -> dict[str, Any]:
        """The body, if it is a JSON object; otherwise empty."""
        try:
            parsed = json.loads(self.body)
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}

    @property
    def code(self) -> str:
        """The error's code; empty if it has none."""
        return str(self.json.get("code", ""))

    @property
    def is_error(self) -> bool:
        """Whether the body is an error as the API documents it."""
        return bool(self.code and self.json.get("message"))

    def __str__(self) -> str:
        return f"{self.status} {self.code}".strip()


class Api:
    """The API at an endpoint. Requests that are over the rate of the key are sent again a second later."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def call(
        self,
        method: str,
        path: str,
        *,
        key: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request. Raises Unreachable."""
        sent = {**(headers or {}), **({"x-api-key": key} if key else {})}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        for _ in range(_TRIES):
            # The endpoint is the deployment's, and so is its scheme.
            request = urllib.request.Request(self._endpoint + path, data=data, method=method, headers=sent)  # noqa: S310
            reply = self._send(request)
            if reply.status != _TOO_MANY_REQUESTS:
                break
            time.sleep(1)
        return reply

    def _send(self, request: urllib.request.Request) -> Reply:
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as reply:  # noqa: S310
                return _reply(reply.status, reply)
        except urllib.error.HTTPError as error:
            with error:
                return _reply(error.code, error)
        except (OSError, HTTPException) as error:  # HTTPException: an answer that is cut off, or that is not HTTP
            raise Unreachable(f"{self._endpoint} does not answer ({error!r}): check the network") from error


def _reply(status: int, reply: Any) -> Reply:
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return Reply(status, headers, reply.read(), time.time())
