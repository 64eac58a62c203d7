"""Requests that wait for no other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from housing_price_bench.overload.open_loop import NO_RESPONSE, OpenLoop

REFUSAL = b'{"code":"OVERLOADED"}'


class Server(asyncio.Protocol):
    """Responses what the body of a request says: a status, or nothing at all, or all three callers together."""

    def __init__(self, together: list["Server"]) -> None:
        self.together = together

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        said = data.rpartition(b"\r\n\r\n")[2]
        if said == b"hang up":
            self.transport.abort()
        elif said == b"together":
            self.together.append(self)
            if len(self.together) == 3:
                for server in self.together:
                    server.answer(b"200")
        elif said != b"silence":
            self.answer(said)

    def answer(self, status: bytes) -> None:
        body = REFUSAL if status == b"503" else b"{}"
        self.transport.write(b"HTTP/1.1 %s x\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))


@asynccontextmanager
async def serving() -> AsyncIterator[str]:
    together: list[Server] = []
    server = await asyncio.get_running_loop().create_server(lambda: Server(together), "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/price"


@pytest.mark.parametrize(("body", "status", "code"), [(b"200", 200, None), (b"503", 503, "OVERLOADED")])
async def test_every_due_request_is_sent_and_its_response_read(body: bytes, status: int, code: str) -> None:
    async with serving() as url, OpenLoop(url, body, connections=2) as callers:
        samples = await callers.send([0.0, 0.0, 0.0, 0.0, 0.001])

    assert [(sample.status, sample.code) for sample in samples] == [(status, code)] * 5
    assert sorted(sample.due for sample in samples) == [0.0, 0.0, 0.0, 0.0, 0.001]
    assert all(sample.seconds > 0 and sample.late > -0.01 for sample in samples)


async def test_a_request_does_not_wait_for_those_before_it() -> None:
    async with serving() as url, OpenLoop(url, b"together", connections=1, patience_seconds=2) as callers:
        samples = await callers.send([0.0, 0.0, 0.0])

    assert [sample.status for sample in samples] == [200] * 3


async def test_a_missing_response_is_given_up_in_the_end() -> None:
    async with serving() as url, OpenLoop(url, b"silence", connections=1, patience_seconds=0.01) as callers:
        assert [sample.status for sample in await callers.send([0.0, 0.0])] == [NO_RESPONSE] * 2


async def test_a_broken_connection_is_a_request_without_a_response() -> None:
    async with serving() as url, OpenLoop(url, b"hang up", connections=1) as callers:
        first, second = await callers.send([0.0, 0.005])

    assert (first.status, second.status) == (NO_RESPONSE, NO_RESPONSE)


async def test_a_missing_server_is_a_request_without_a_response() -> None:
    async with serving() as url:
        callers = OpenLoop(url, b"200", connections=0)
    async with callers:
        assert [sample.status for sample in await callers.send([0.0])] == [NO_RESPONSE]
