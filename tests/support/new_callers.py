"""Callers that open a connection for each request, until nobody listens any more."""

import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


class NewCallers:
    """What the callers have seen: ``answered`` with 200, ``refused`` at the connection, ``lost`` after it.

    Args:
        port: of the server, on loopback.
        request: its bytes, with ``Connection: close``.
    """

    def __init__(self, port: int, request: bytes) -> None:
        self._address = ("127.0.0.1", port)
        self._request = request
        self.seen = Counter[str]()

    def call(self) -> None:
        """Send one request after the other until a connection is refused."""
        while True:
            try:
                client = socket.create_connection(self._address, timeout=120)
            except (ConnectionRefusedError, ConnectionResetError):  # a reset of the handshake: nothing has been sent
                self.seen["refused"] += 1
                return
            with client:
                self.seen[self._outcome(client)] += 1

    def _outcome(self, client: socket.socket) -> str:
        try:
            client.sendall(self._request)
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        except OSError:
            return "lost"
        return "answered" if answer.startswith(b"HTTP/1.1 200 ") else "lost"


@contextmanager
def new_callers(port: int, request: bytes, count: int = 8) -> Iterator[NewCallers]:
    """Have so many call at once; the context ends when all have been refused."""
    callers = NewCallers(port, request)
    with ThreadPoolExecutor(count) as pool:
        calls = [pool.submit(callers.call) for _ in range(count)]
        yield callers
        for call in calls:
            call.result()
