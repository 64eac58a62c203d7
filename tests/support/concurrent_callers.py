"""Callers that ask for prices one after the other until they are stopped, each request on its own connection.

A request counts as accepted once the server has said `100 Continue` to it: what comes before that may be a proxy's
doing, or the kernel's, and a client may safely send it again.
"""

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_SECONDS = 30.0
LOST = 0


@dataclass
class Callers:
    """How often each status answered an accepted request; LOST where the connection ended without one."""

    port: int
    answers: Counter[int] = field(default_factory=Counter)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def call(self, route: str, body: bytes) -> None:
        """Be one caller until all are stopped."""
        while not self._stopped.is_set():
            status = self._ask(route, body)
            if status is None:
                self._stopped.wait(0.02)
            else:
                self.answers[status] += 1

    def stop(self) -> None:
        """Let each caller end after its present request."""
        self._stopped.set()

    def _ask(self, route: str, body: bytes) -> int | None:
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT_SECONDS) as connection,
        ):
            connection.sendall(_head(route, body))
            answer = connection.makefile("rb")
            if not answer.readline().startswith(b"HTTP/1.1 100"):
                return None
            with suppress(OSError):
                connection.sendall(body)
                answer.readline()
                status = answer.readline().split()
                return int(status[1]) if status and answer.read() else LOST
            return LOST
        return None


def _head(route: str, body: bytes) -> bytes:
    lines = [f"POST {route} HTTP/1.1", "host: localhost", "content-type: application/json", "connection: close"]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "expect: 100-continue", "", ""]).encode()


@contextmanager
def calling(port: int, houses: Sequence[Mapping[str, Any]], *, callers: int) -> Iterator[Callers]:
    """Callers in threads: all ask for single prices of the first house but one, which asks for all as a batch."""
    seen = Callers(port)
    single, batch = (json.dumps(document).encode() for document in (houses[0], {"data": houses}))
    asked = [("/api/v1/price/predict/batch", batch)] + [("/api/v1/price/predict", single)] * (callers - 1)
    with ThreadPoolExecutor(callers) as pool:
        running = [pool.submit(seen.call, *what) for what in asked]
        try:
            yield seen
        finally:
            seen.stop()
        for caller in running:
            caller.result()
