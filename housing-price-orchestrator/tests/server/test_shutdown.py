"""A server that retires: the others on its socket go on, so it needs no notice, and loses no request."""

from typing import Any

import uvicorn
from housing_price_orchestrator.server.shutdown import GracefulServer


class Listener:
    """A listening server that only remembers that it was closed."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True


async def test_a_retiring_server_leaves_new_connections_and_keeps_its_own() -> None:
    notices: list[str] = []
    listener: Any = Listener()
    connection: Any = object()
    server = GracefulServer(uvicorn.Config("app:app"), notice_seconds=2, on_notice=lambda: notices.append("notice"))
    server.servers = [listener]
    server.server_state.connections.add(connection)

    server.request_retirement()
    has_ended = [await server.on_tick(tick) for tick in range(30)]

    assert not any(has_ended)
    assert listener.is_closed
    assert (b"connection", b"close") in server.server_state.default_headers
    server.server_state.connections.clear()
    assert await server.on_tick(30)
    assert not notices
