"""One request to the API, as a client sends it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

# Long, because a local cloud on a machine with two busy cores can take a minute for the last of fifty requests at once.
WITHIN_SECONDS = 120


def call(student: dict[str, str], method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Send a request with the student's key: the status and the parsed body.

    `student` holds the variables of `pull-api-config.sh --format env`; `body` is sent as it is where it is
    bytes, else as JSON.
    """
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(student["TEST_TIME_ENDPOINT"] + path, data=data, method=method)
    request.add_header("Content-Type", "application/json")
    if student["TEST_TIME_API_KEY"]:
        request.add_header("X-API-Key", student["TEST_TIME_API_KEY"])
    try:
        with urllib.request.urlopen(request, timeout=WITHIN_SECONDS) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())
