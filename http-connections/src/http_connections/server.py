"""A uvicorn server that loses no connection when it ends."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress

import uvicorn


class BacklogServer(uvicorn.Server):
    """Takes the connections that wait in the backlog of its sockets before it closes these.

    A client sees its connection as open while it still waits there, so closing the socket would reset it. Behind a
    socket that other processes share, too: nobody else may be left to take them.
    """

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, answer the requests of all connections, and close them."""
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
