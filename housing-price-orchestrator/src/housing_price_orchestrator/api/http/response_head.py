"""Sends the head of an answer as uvicorn does, but examines a header that was sent before only once.

Most headers of an answer are the same each time. uvicorn searches the name and the value of each for characters that
must not be there, which costs more than all else that is done to let a caller in.
"""

from collections.abc import Awaitable
from functools import lru_cache

from uvicorn._types import ASGISendEvent, HTTPResponseStartEvent
from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE, RequestResponseCycle

_LEFT_TO_UVICORN = frozenset({b"connection", b"transfer-encoding"})


class AnswerCycle(RequestResponseCycle):
    """Sends a head that has a length and keeps the connection; leaves all others, and every body, to uvicorn."""

    def send(self, message: ASGISendEvent) -> Awaitable[None]:  # type: ignore[override]  # awaited at once, as a coroutine
        """Send a message of an answer.

        Raises:
            RuntimeError: if a header holds what must not be there.
        """
        if message["type"] == "http.response.start" and (head := self._head(message)):
            self.response_started = True
            self.waiting_for_100_continue = False
            self.transport.write(head)
            return _sent()
        return super().send(message)

    def _head(self, message: HTTPResponseStartEvent) -> bytes | None:
        if self.response_started or self.disconnected or not self.keep_alive or self.flow.write_paused:
            return None
        length = None
        lines = [STATUS_LINE[message["status"]]]
        for header in (*self.default_headers, *message.get("headers", ())):
            line = _line(header)
            if line is None:
                return None
            if header[0] == b"content-length":
                length = int(header[1])
            lines.append(line)
        if length is None:
            return None
        self.chunked_encoding, self.expected_content_length = False, length
        lines.append(b"\r\n")
        return b"".join(lines)


@lru_cache(maxsize=512)
def _line(header: tuple[bytes, bytes]) -> bytes | None:
    name, value = header[0].lower(), header[1]
    if name in _LEFT_TO_UVICORN:
        return None
    if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
        raise RuntimeError("Invalid HTTP header.")
    return b"%b: %b\r\n" % (name, value)


async def _sent() -> None:
    pass
