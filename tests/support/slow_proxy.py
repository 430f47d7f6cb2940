"""A TCP proxy on loopback that makes a server as far away as a given round trip.

with slow_proxy("127.0.0.1", 4566, round_trip_seconds=0.06) as proxy:
    ... connect to proxy.port; proxy.connections counts ...
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class SlowProxy:
    """`port`: where it listens. `connections`: how many were made since the start, or since it was set to 0."""

    def __init__(self, host: str, port: int, round_trip_seconds: float) -> None:
        self._upstream = (host, port)
        self._one_way = round_trip_seconds / 2
        self.port = 0
        self.connections = 0

    async def listen(self) -> asyncio.Server:
        """Begin to serve."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await asyncio.sleep(2 * self._one_way)  # the handshake
        up_reader, up_writer = await asyncio.open_connection(*self._upstream)
        await asyncio.gather(self._carry(reader, up_writer), self._carry(up_reader, writer), return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand on each piece as late as it came, so that pieces under way at once do not wait for each other."""
        now = asyncio.get_running_loop().time
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = asyncio.create_task(self._deliver(pieces, writer))
        data = b"?"
        while data:
            try:
                data = await reader.read(65_536)
            except ConnectionError:
                data = b""
            pieces.put_nowait((now() + self._one_way, data))
        await delivery

    async def _deliver(self, pieces: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        now = asyncio.get_running_loop().time
        while True:
            due, data = await pieces.get()
            await asyncio.sleep(max(0.0, due - now()))
            if not data:
                writer.close()
                return
            writer.write(data)
            await writer.drain()


@contextmanager
def slow_proxy(host: str, port: int, round_trip_seconds: float) -> Iterator[SlowProxy]:
    """The proxy, serving in a thread of its own."""
    loop = asyncio.new_event_loop()
    proxy = SlowProxy(host, port, round_trip_seconds)
    loop.run_until_complete(proxy.listen())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
