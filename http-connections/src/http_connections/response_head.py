"""Writes the head of a response as uvicorn does, at less cost."""

from collections.abc import Awaitable
from functools import lru_cache

from uvicorn._types import ASGISendEvent, HTTPResponseStartEvent
from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE, RequestResponseCycle

_HEADERS_LEFT_TO_UVICORN = frozenset({b"connection", b"transfer-encoding"})


_ANY_LENGTH = 1 << 62


class CachedHeadCycle(RequestResponseCycle):
    """Sends the head of a response as uvicorn does, but checks each header only the first time it is sent.

    Most headers are the same in every response. uvicorn searches each name and value for forbidden characters, which
    costs more than everything else that is done to admit a request. Heads without a length, heads that close the
    connection, and all bodies are left to uvicorn.
    """

    must_close = False
    """Whether the connection closes now that the response is complete, although its request was not."""

    _has_no_length = False

    def send(self, message: ASGISendEvent) -> Awaitable[None]:  # type: ignore[override]  # awaited at once, as a coroutine
        """Send a message of a response.

        Raises:
            RuntimeError: if a header holds a forbidden character.
        """
        if message["type"] == "http.response.start":
            if head := self._head(message):
                self.response_started = True
                self.waiting_for_100_continue = False
                self.transport.write(head)
                return _nothing_more()
            self._prepare_head(message)
            return super().send(message)
        if not self.keep_alive:
            self._prepare_end(message)
        if self._has_no_length and message["type"] == "http.response.body" and not message.get("more_body", False):
            self.expected_content_length = len(message.get("body", b""))
        return super().send(message)

    def _prepare_head(self, message: HTTPResponseStartEvent) -> None:
        if self._leaves_a_body():
            self.keep_alive = False
        if self.scope.get("http_version") == "1.0" and not _has_length(message):
            # The end of the connection is the end of the body: such a client knows no chunks (RFC 9112, 7.1).
            self._has_no_length, self.chunked_encoding, self.expected_content_length = True, False, _ANY_LENGTH

    def _prepare_end(self, message: ASGISendEvent) -> None:
        """Leave the close to the protocol where uvicorn would close on a body that is still arriving."""
        if self.more_body and message["type"] == "http.response.body" and not message.get("more_body", False):
            self.keep_alive, self.must_close = True, True

    def _leaves_a_body(self) -> bool:
        """Whether the client waits for a `100 Continue` that never comes: its next bytes may be a body or a request."""
        return self.waiting_for_100_continue and self.more_body

    def _head(self, message: HTTPResponseStartEvent) -> bytes | None:
        if self.response_started or self.disconnected or not self.keep_alive or self.flow.write_paused:
            return None
        if self._leaves_a_body():
            return None
        length = None
        lines = [STATUS_LINE[message["status"]]]
        for header in (*self.default_headers, *message.get("headers", ())):
            line = _header_line(header)
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


def _has_length(message: HTTPResponseStartEvent) -> bool:
    return any(name.lower() == b"content-length" for name, _ in message.get("headers", ()))


@lru_cache(maxsize=512)
def _header_line(header: tuple[bytes, bytes]) -> bytes | None:
    name, value = header[0].lower(), header[1]
    if name in _HEADERS_LEFT_TO_UVICORN:
        return None
    if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
        raise RuntimeError("Invalid HTTP header.")
    return b"%b: %b\r\n" % (name, value)


async def _nothing_more() -> None:
    pass
