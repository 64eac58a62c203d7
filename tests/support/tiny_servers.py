"""Tiny HTTP servers that respond in one way each, and what load generators send to them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from housing_price_bench.generators.load import Load
from housing_price_bench.servers.fixed_response import FixedResponse

BODIES = [b'{"id":1}', b'{"id":2}', b'{"id":3,"bad":true}', b'{"id":4}']


def make_load(url: str = "http://127.0.0.1:1/", seconds: float = 0.2, **changes: Any) -> Load:
    return replace(Load(url=url, bodies=Path("bodies.jsonl"), connections=4, seconds=seconds), **changes)


@asynccontextmanager
async def serving(protocol: type[asyncio.Protocol]) -> AsyncIterator[str]:
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/price"


class Refusing(FixedResponse):
    """Refuses the bad body."""

    def on_body(self, body: bytes) -> None:
        self.is_bad = b"bad" in body

    def on_message_complete(self) -> None:
        status = b"422 Unprocessable" if self.is_bad else b"200 OK"
        self._transport.write(b"HTTP/1.1 %b\r\ncontent-length: 2\r\n\r\n{}" % status)


class Closing(FixedResponse):
    """Responds once on each connection."""

    def on_message_complete(self) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}")
        self._transport.close()


class Breaking(FixedResponse):
    """Hangs up in the middle of its response."""

    def on_message_complete(self) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{")
        self._transport.close()


class Babbling(FixedResponse):
    """Responds with something else than HTTP."""

    def on_message_complete(self) -> None:
        self._transport.write(b"price: 1\r\n\r\n")


class Silent(FixedResponse):
    """Never responds."""

    def on_message_complete(self) -> None:
        pass
