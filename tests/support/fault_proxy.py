"""A proxy on loopback that breaks HTTP the way trains, hotels and overloaded servers do.

    with FaultProxy(api.endpoint, choose=lambda request: "cut_after") as proxy:
        ... requests to proxy.endpoint ...

`choose` gets `"POST /v1/test"` and says what happens to that request: one of FAULTS, or "" for nothing.
`log` has each request with its fault and the status the API gave, None where it never got there.
"""

from __future__ import annotations

import http.client
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

# Those of BEFORE never reach the API; with those of AFTER it has done its work when things go wrong.
BEFORE = ("cut_before", "reset_before", "stall_before", "status_500", "status_503_html", "status_429", "login_page")
AFTER = (
    "cut_after",
    "reset_after",
    "stall_after",
    "truncated",
    "truncated_quietly",
    "status_502_after",
    "garbage_after",
)
FAULTS = BEFORE + AFTER


class FaultProxy:
    """Serves while the `with` block runs. A stall lasts `stall_seconds`."""

    def __init__(self, upstream: str, choose: Callable[[str], str], stall_seconds: float = 1.0) -> None:
        self.upstream = urlsplit(upstream)
        self.choose = choose
        self.stall_seconds = stall_seconds
        self.log: list[tuple[str, str, int | None]] = []
        self._server = _Server(("127.0.0.1", 0), self)
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}{self.upstream.path}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], proxy: FaultProxy) -> None:
        super().__init__(address, _Connection)
        self.proxy = proxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up on a stalled answer is what these tests are about."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = f"{self.command} {urlsplit(self.path).path.removeprefix(proxy.upstream.path)}"
        fault = proxy.choose(request)
        self.close_connection = True
        if fault in BEFORE:
            proxy.log.append((request, fault, None))
            self._break(fault, b"")
            return
        reply, content = self._forward(body)
        proxy.log.append((request, fault, reply.status))
        if fault:
            self._break(fault, content)
        else:
            self._answer(reply.status, content, reply.getheaders())

    do_GET = do_POST = do_PUT = _serve

    def _forward(self, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        upstream = self.server.proxy.upstream
        assert upstream.hostname
        connection = http.client.HTTPConnection(upstream.hostname, upstream.port, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        connection.request(self.command, self.path, body or None, headers)
        reply = connection.getresponse()
        content = reply.read()
        connection.close()
        return reply, content

    def _break(self, fault: str, content: bytes) -> None:
        kind = fault.removesuffix("_before").removesuffix("_after")
        if kind == "reset":
            # Closing with zero linger sends RST in place of FIN.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif kind == "stall":
            time.sleep(self.server.proxy.stall_seconds)
        elif kind == "truncated":
            self._answer(201, content[: len(content) // 2], [("Content-Length", str(len(content)))])
        elif kind == "truncated_quietly":
            self._answer(201, content[: len(content) // 2], [("Connection", "close")])
        elif kind == "garbage":
            self.wfile.write(b"\x16\x03\x01 this is no HTTP\r\n")
        elif kind != "cut":
            status, text, headers = _REPLIES[kind]
            self._answer(status, text.encode(), headers)

    def _answer(self, status: int, content: bytes, headers: list[tuple[str, str]]) -> None:
        self.send_response_only(status)
        if not any(name.lower() in ("content-length", "connection") for name, _ in headers):
            headers = [*headers, ("Content-Length", str(len(content)))]
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests read `log` instead."""


_REPLIES: dict[str, tuple[int, str, list[tuple[str, str]]]] = {
    "status_500": (500, '{"code":"InternalError","message":"Something went wrong here."}', []),
    "status_502": (502, '{"message": "Internal server error"}', []),
    "status_503_html": (503, "<html><h1>Service Unavailable</h1></html>", [("Content-Type", "text/html")]),
    "status_429": (429, '{"message":"Too Many Requests"}', [("Retry-After", "0")]),
    "login_page": (200, "<html>Welcome to the train's Wi-Fi</html>", [("Content-Type", "text/html")]),
}
