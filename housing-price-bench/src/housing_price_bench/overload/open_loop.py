"""Sends requests when they are due, without waiting for earlier ones, as many independent callers do.

A caller that waits for its response before the next request slows down with the server, and never overloads it.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self, cast
from urllib.parse import urlsplit

import httptools

NO_RESPONSE = 0
"""Status of a request whose connection ended, or whose response did not come in time."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One request and its response. Times are in seconds; ``due`` counts from the start of ``send``."""

    due: float
    late: float
    seconds: float
    status: int
    body: bytes

    @property
    def code(self) -> str | None:
        """The code of an error response; None for any other."""
        return json.loads(self.body).get("code") if self.status >= 400 else None


class OpenLoop:
    """Keep-alive connections to one address, always more than requests in flight, so that no request waits for one.

    Args:
        url: where requests go.
        body: JSON, the same for each POST.
        connections: how many are opened in advance; they take turns, so that the server closes none as idle.
        patience_seconds: how long to wait for the last responses.
    """

    def __init__(self, url: str, body: bytes, *, connections: int = 128, patience_seconds: float = 10.0) -> None:
        place = urlsplit(url)
        self._address = place.hostname or "127.0.0.1", place.port or 80
        head = f"POST {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
        self._request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        self._opened_in_advance = connections
        self._patience_seconds = patience_seconds
        self._connections: set[_Connection] = set()
        self._idle: deque[_Connection] = deque()
        self._in_flight = 0
        self._all_done = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._idle.extend([await self._connect() for _ in range(self._opened_in_advance)])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in list(self._connections):
            connection.transport.abort()

    @property
    def connections(self) -> int:
        """The number of open connections."""
        return len(self._connections)

    async def send(self, arrivals: Iterable[float]) -> list[Sample]:
        """Send one request at each of these times (seconds from now, in order), and wait for the responses."""
        samples: list[Sample] = []
        began = time.perf_counter()
        for due in arrivals:
            if (left := began + due - time.perf_counter()) > 0:
                await asyncio.sleep(left)
            await self._send_one(due, began, samples)
        await self._await_responses()
        return samples

    async def _send_one(self, due: float, began: float, samples: list[Sample]) -> None:
        try:
            connection = self._idle.popleft() if self._idle else await self._connect()
        except OSError:
            samples.append(Sample(due, time.perf_counter() - began - due, 0.0, NO_RESPONSE, b""))
            return
        sent = time.perf_counter()
        self._in_flight += 1

        def on_end(status: int, body: bytes) -> None:
            self._in_flight -= 1
            samples.append(Sample(due, sent - began - due, time.perf_counter() - sent, status, body))
            if not self._in_flight:
                self._all_done.set()

        connection.send(self._request, on_end)

    async def _await_responses(self) -> None:
        """Wait for the last responses; those that do not come in time count as `NO_RESPONSE`."""
        if not self._in_flight:
            return
        self._all_done.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._all_done.wait(), self._patience_seconds)
        for connection in [each for each in self._connections if each.is_busy]:
            connection.give_up()

    async def _connect(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: _Connection(self._mark_idle, self._forget), *self._address)
        self._connections.add(connection)
        return connection

    def _mark_idle(self, connection: "_Connection") -> None:
        self._idle.append(connection)

    def _forget(self, connection: "_Connection") -> None:
        self._connections.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)


class _Connection(asyncio.Protocol):
    """Sends one request at a time, and calls back with its status and body."""

    def __init__(self, on_free: Callable[["_Connection"], None], on_lost: Callable[["_Connection"], None]) -> None:
        self._on_free = on_free
        self._on_lost = on_lost
        self._on_end: Callable[[int, bytes], None] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""

    @property
    def is_busy(self) -> bool:
        return self._on_end is not None

    def send(self, request: bytes, on_end: Callable[[int, bytes], None]) -> None:
        self._on_end, self._body = on_end, b""
        self.transport.write(request)

    def give_up(self) -> None:
        self._finish(NO_RESPONSE, b"")
        self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.abort()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() < 200:  # the final response is still to come
            return
        self._finish(self._parser.get_status_code(), self._body)
        if self._parser.should_keep_alive():
            self._on_free(self)
        else:
            self.transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        self._finish(NO_RESPONSE, b"")
        self._on_lost(self)

    def _finish(self, status: int, body: bytes) -> None:
        if self._on_end:
            on_end, self._on_end = self._on_end, None
            on_end(status, body)
