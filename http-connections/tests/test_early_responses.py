"""A response to a request that is still arriving reaches its client: closing on unread bytes would reset it."""

import asyncio
import socket
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from http_connections.protocol import MAX_DISCARDED_BYTES, connection_protocol
from http_connections.rules import ConnectionRules
from http_connections.server import BacklogServer
from unwired_connection import RULES, Application, Connection, refuse

CLOSING = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100000000\r\n\r\n"
KEPT = CLOSING.replace(b"close", b"keep-alive")
LARGE_HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nx: " + b"a" * 60_000 + b"\r\nContent-Length: 4000000\r\n\r\n"


async def too_large(_: Any, __: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"9")]})
    await send({"type": "http.response.body", "body": b"too large"})


@pytest.fixture
async def address() -> AsyncIterator[tuple[str, int]]:
    config = uvicorn.Config(
        too_large, http=connection_protocol(ConnectionRules(), refuse), ws="none", lifespan="off", log_config=None
    )
    config.load()
    server = BacklogServer(config)
    server.lifespan = config.lifespan_class(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        await server.startup([listener])
        yield listener.getsockname()
        await server.shutdown([listener])


async def test_a_client_that_closes_reads_the_early_response_to_its_large_body(address: tuple[str, int]) -> None:
    url = f"http://127.0.0.1:{address[1]}/"

    with pytest.raises(urllib.error.HTTPError) as refused:
        await asyncio.to_thread(urllib.request.urlopen, url, b"x" * 4_000_000)

    with refused.value as answer:
        assert (answer.code, answer.read()) == (413, b"too large")


async def test_a_refused_head_with_a_large_body_behind_it_reads_why(address: tuple[str, int]) -> None:
    def exchange() -> bytes:
        with socket.create_connection(address, timeout=60) as client:
            client.sendall(LARGE_HEAD + b"x" * 4_000_000)
            return b"".join(iter(lambda: client.recv(65536), b""))

    assert (await asyncio.to_thread(exchange)).startswith(b"HTTP/1.1 431")


async def test_what_arrives_after_the_last_response_is_discarded() -> None:
    connection = Connection(app := Application(reads_body=False))
    sent = await connection.send(CLOSING, b"a" * 1000, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

    assert b"connection: close" in sent
    assert (connection.statuses(), len(app.seen)) == ([200], 1)
    assert connection.wire.is_ended
    assert not connection.wire.is_closed


@pytest.mark.parametrize("start", [CLOSING, b"\0garbage\r\n"])
async def test_a_client_that_does_not_end_is_left_in_time(start: bytes) -> None:
    connection = Connection(Application(reads_body=False))
    await connection.send(start)

    for _ in range(int(RULES.rest_seconds)):
        assert not connection.wire.is_closed
        await connection.send(b"a")
        connection.timers.pass_time(1)

    assert connection.wire.is_closed


async def test_a_client_that_sends_without_end_is_cut_off() -> None:
    connection = Connection(Application(reads_body=False))
    await connection.send(CLOSING)

    await connection.send(*[b"a" * (MAX_DISCARDED_BYTES // 4)] * 4)
    assert not connection.wire.is_closed
    await connection.send(b"a")

    assert connection.wire.is_closed


async def test_a_server_that_ends_leaves_a_client_the_time_to_send_the_rest() -> None:
    connection = Connection(Application(reads_body=False))
    await connection.send(KEPT)

    connection.protocol.shutdown()

    assert connection.wire.is_ended
    assert not connection.wire.is_closed
    connection.timers.pass_time(RULES.rest_seconds)
    assert connection.wire.is_closed


async def test_a_server_that_ends_closes_behind_a_request_that_is_complete() -> None:
    connection = Connection(app := Application())
    app.may_respond.clear()
    await connection.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

    connection.protocol.shutdown()
    app.may_respond.set()
    await connection.settle()

    assert connection.wire.is_closed
