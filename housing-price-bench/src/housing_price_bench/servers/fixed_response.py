"""`python -m housing_price_bench.servers.fixed_response PORT [--after-seconds S]`: always sends the same bytes.

A load generator reaches its own ceiling against it.
"""

import argparse
import asyncio
from typing import cast

import httptools
import uvloop

_BODY = b'{"id":1461,"predictedPrice":128528.33}'
_RESPONSE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)


class FixedResponse(asyncio.Protocol):
    """One connection; each request gets the same bytes."""

    def __init__(self, after_seconds: float = 0.0) -> None:
        self._after_seconds = after_seconds

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start to parse requests."""
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        """Parse requests; anything but HTTP ends the connection."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.abort()

    def on_message_complete(self) -> None:
        """Send the response, after the delay if there is one."""
        if self._after_seconds:
            asyncio.get_running_loop().call_later(self._after_seconds, self._transport.write, _RESPONSE)
        else:
            self._transport.write(_RESPONSE)


async def serve(port: int, after_seconds: float = 0.0) -> None:
    """Listen on loopback until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: FixedResponse(after_seconds), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--after-seconds", type=float, default=0.0)
    given = parser.parse_args()
    uvloop.run(serve(given.port, given.after_seconds))
