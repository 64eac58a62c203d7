"""One HTTP/1.1 connection of the bundled generator. Every microsecond spent here is taken from the servers."""

import asyncio
import time
from collections.abc import Iterator
from typing import cast

import httptools

from housing_price_bench.generators.tally import Tally


class Connection(asyncio.Protocol):
    """Sends a request, reads its response, sends the next request."""

    def __init__(self, requests: Iterator[bytes], tally: Tally, pause_seconds: float) -> None:
        self._requests = requests
        self._tally = tally
        self._pause_seconds = pause_seconds
        self._parser = httptools.HttpResponseParser(self)
        self._is_open = False
        self._awaits_response = False
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._is_open = True
        self._send()

    def data_received(self, data: bytes) -> None:
        """Parse a response; anything but HTTP breaks the connection."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.abort()

    def on_message_complete(self) -> None:
        """Count the response and send the next request."""
        status = self._parser.get_status_code()
        if status < 200:  # the final response is still to come
            return
        self._tally.count_response(status, time.perf_counter() - self._sent_at)
        self._awaits_response = False
        if not self._parser.should_keep_alive():
            self._transport.close()
        elif self._pause_seconds:
            asyncio.get_running_loop().call_later(self._pause_seconds, self._send)
        else:
            self._send()

    def connection_lost(self, _error: Exception | None) -> None:
        """Count a request that gets no response any more."""
        self._tally.broken += self._awaits_response
        self._awaits_response = False
        self._is_open = False
        if not self.closed.done():
            self.closed.set_result(None)

    def end(self) -> None:
        """Close the connection at the end of the load; an open request counts as nothing."""
        self._awaits_response = False
        if self._is_open:
            self._transport.abort()

    def _send(self) -> None:
        if not self._is_open or self._transport.is_closing():
            return
        self._awaits_response = True
        self._sent_at = time.perf_counter()
        self._transport.write(next(self._requests))
