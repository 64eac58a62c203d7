"""A uvicorn server that loses no connection when it ends."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress

import uvicorn

from http_connections.backlog import refuse_new_connections

_CLOSE = (b"connection", b"close")

_SETTLING_SECONDS = 0.1
"""Time for handshakes that are on their way when the kernel begins no new ones."""


class BacklogServer(uvicorn.Server):
    """Takes the connections that wait in the backlog of its sockets before it closes these.

    A client sees its connection as open while it still waits there, so closing the socket would reset it. Behind a
    socket that other processes share, too: nobody else may be left to take them.

    Args:
        config: uvicorn's.
        owns_sockets: whether no other process accepts connections on the same sockets. Only then may the kernel be told
            to make no more; otherwise the parent of the processes tells it, when all of them end.
    """

    def __init__(self, config: uvicorn.Config, *, owns_sockets: bool = True) -> None:
        super().__init__(config)
        self._owns_sockets = owns_sockets

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, answer the requests of all connections, and close them."""
        self.server_state.default_headers.append(_CLOSE)
        if self._owns_sockets:
            for listener in sockets or []:
                refuse_new_connections(listener)
        await asyncio.sleep(_SETTLING_SECONDS)
        waiting = list(self._stop_listening(sockets or []))
        for connection in waiting:
            await self._serve_connection(connection)
        # What has arrived on open connections is read before uvicorn closes those that are idle.
        for _ in range(2):
            await asyncio.sleep(0)
        await super().shutdown(sockets)

    def _stop_listening(self, sockets: Sequence[socket.socket]) -> Iterator[socket.socket]:
        for listener in sockets:
            yield from _accept_all(listener)
        for server in self.servers:
            server.close()

    async def _serve_connection(self, connection: socket.socket) -> None:
        with suppress(OSError):  # it is gone already
            await asyncio.get_running_loop().connect_accepted_socket(self._make_protocol, connection)

    def _make_protocol(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]  # as uvicorn itself
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )


def _accept_all(listener: socket.socket) -> Iterator[socket.socket]:
    with suppress(OSError):  # there are no more, or no more files can be opened, or it is closed
        while True:
            connection, _ = listener.accept()
            connection.settimeout(0)
            yield connection
