"""A server that ends answers those who have connected: in the backlog, accepted, or about to send their request."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from http_connections.protocol import connection_protocol
from http_connections.rules import ConnectionRules
from http_connections.server import BacklogServer
from unwired_connection import Application, refuse

REQUEST = b"POST /price HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
RULES = ConnectionRules(last_request_seconds=60)
AT_ONCE = ConnectionRules(last_request_seconds=0)


def server_with(rules: ConnectionRules) -> BacklogServer:
    protocol = connection_protocol(rules, refuse)
    config = uvicorn.Config(Application(), http=protocol, ws="none", lifespan="off", log_config=None)
    config.load()
    server = BacklogServer(config)
    server.lifespan = config.lifespan_class(config)
    return server


@pytest.fixture
async def listener() -> AsyncIterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=200) as listener:
        yield listener


def connect(listener: socket.socket) -> socket.socket:
    """A connection that nobody has accepted yet: the event loop stands still meanwhile."""
    return socket.create_connection(listener.getsockname(), timeout=60)


async def response(client: socket.socket, request: bytes = b"") -> bytes:
    """All that comes back until the server closes."""

    def exchange() -> bytes:
        with client:
            client.sendall(request)
            return b"".join(iter(lambda: client.recv(65536), b""))

    return await asyncio.to_thread(exchange)


async def test_connections_in_the_backlog_get_their_responses(listener: socket.socket) -> None:
    server = server_with(RULES)
    await server.startup([listener])
    clients = [connect(listener) for _ in range(100)]
    for client in clients:
        client.sendall(REQUEST)

    await server.shutdown([listener])

    assert [(await response(client))[:15] for client in clients] == [b"HTTP/1.1 200 OK"] * 100


async def test_a_client_that_has_just_connected_may_still_send_its_request(listener: socket.socket) -> None:
    server = server_with(RULES)
    await server.startup([listener])
    client = connect(listener)

    ending = asyncio.create_task(server.shutdown([listener]))
    answer = await response(client, REQUEST)
    await ending

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"connection: close" in answer


@pytest.mark.parametrize("sent", [b"", b"POST /pri"])
async def test_a_client_that_sends_nothing_does_not_hold_the_end_up(listener: socket.socket, sent: bytes) -> None:
    server = server_with(AT_ONCE)
    await server.startup([listener])
    with connect(listener) as client:
        client.sendall(sent)

        await asyncio.wait_for(server.shutdown([listener]), 60)

    assert not server.server_state.connections


async def test_nobody_can_connect_once_it_ends(listener: socket.socket) -> None:
    server = server_with(RULES)
    await server.startup([listener])
    address: Any = listener.getsockname()

    await server.shutdown([listener])

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)
