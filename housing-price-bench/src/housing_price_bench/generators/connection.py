"""One connection of the bundled generator over HTTP/1.1. Every microsecond here is missing in the servers."""

import asyncio
import time
from collections.abc import Iterator
from typing import cast

import httptools

from housing_price_bench.generators.tally import Tally


class Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, requests: Iterator[bytes], tally: Tally, pause_seconds: float) -> None:
        self._requests = requests
        self._tally = tally
        self._pause_seconds = pause_seconds
        self._parser = httptools.HttpResponseParser(self)
        self._is_open = False
        self._awaits_answer = False
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._is_open = True
        self._send()

    def data_received(self, data: bytes) -> None:
        """Read on; an answer that is no HTTP breaks the connection."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.abort()

    def on_message_complete(self) -> None:
        """Count the answer and send the next request."""
        status = self._parser.get_status_code()
        if status < 200:  # the answer itself is still to come
            return
        self._tally.answered(status, time.perf_counter() - self._sent_at)
        self._awaits_answer = False
        if not self._parser.should_keep_alive():
            self._transport.close()
        elif self._pause_seconds:
            asyncio.get_running_loop().call_later(self._pause_seconds, self._send)
        else:
            self._send()

    def connection_lost(self, _error: Exception | None) -> None:
        """Count a request that gets no answer any more."""
        self._tally.broken += self._awaits_answer
        self._awaits_answer = False
        self._is_open = False
        if not self.closed.done():
            self.closed.set_result(None)

    def end(self) -> None:
        """Close it because the time is up: what is still open counts as nothing."""
        self._awaits_answer = False
        if self._is_open:
            self._transport.abort()

    def _send(self) -> None:
        if not self._is_open or self._transport.is_closing():
            return
        self._awaits_answer = True
        self._sent_at = time.perf_counter()
        self._transport.write(next(self._requests))
