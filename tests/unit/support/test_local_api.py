"""The API on loopback: one that is over answers nothing, because its handlers may belong to the next one."""

from __future__ import annotations

from http.client import HTTPConnection, RemoteDisconnected
from urllib.parse import urlsplit

import pytest

from support.local_api import LocalApi


def test_a_connection_that_is_still_open_is_not_answered_by_the_next_api() -> None:
    with LocalApi() as before:
        address = urlsplit(before.endpoint)
        connection = HTTPConnection(str(address.hostname), address.port or 0, timeout=10)
        connection.request("GET", f"{address.path}/")
        assert connection.getresponse().read()
    with LocalApi() as after:
        connection.request("GET", f"{address.path}/")
        with pytest.raises((RemoteDisconnected, ConnectionError)):
            connection.getresponse()
        assert before.requests == ["GET /"]
        assert after.requests == []
    connection.close()
