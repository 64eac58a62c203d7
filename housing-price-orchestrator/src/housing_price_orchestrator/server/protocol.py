"""uvicorn's HTTP protocol with our own limits and error responses, below the application.

This is the only module that imports private names of uvicorn; ``docs/decisions/0013-own-http-protocol.md`` says why.
The protocol refuses what never becomes a request: malformed HTTP, endless or slow headers. It cancels the work for a
caller who disconnects, and writes the head of a response.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import lru_cache

from uvicorn._types import ASGI3Application, ASGISendEvent, HTTPResponseStartEvent
from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from housing_price_orchestrator.api.http.direct_routes import cancel_work
from housing_price_orchestrator.api.http.problems import HEADERS_TOO_LARGE, KINDS, PROBLEM_JSON, Kind, problem_body
from housing_price_orchestrator.api.http.security_headers import REJECTION_HEADERS
from housing_price_orchestrator.errors import MalformedRequest, RequestTimeout
from housing_price_orchestrator.observability.request_context import new_request_id
from housing_price_orchestrator.settings import LimitSettings

MAX_CHUNKS = 10_000
"""Chunks of one body. uvicorn copies the body so far at each chunk, so one-byte chunks would block everyone else."""

type OnRefusal = Callable[[str, int, str, str | None], None]
"""Called with the request id, the status, the code and the client's address."""

_HEADERS_LEFT_TO_UVICORN = frozenset({b"connection", b"transfer-encoding"})
_SECURITY_HEADERS = "".join(f"{name.decode()}: {value.decode()}\r\n" for name, value in REJECTION_HEADERS)


class _HeadTooLarge(Exception):
    """Stops the parser, which raises an error of its own instead."""


class _TooManyChunks(Exception):
    """Stops the parser in a body."""


class LimitedHttpProtocol(HttpToolsProtocol):
    """Limits the size of a request's head in bytes, the time until it is complete, and the chunks of its body."""

    limits: LimitSettings
    on_refusal: OnRefusal

    _head_bytes = 0
    _chunks = 0
    _in_head = True
    _has_begun = False
    _has_moved = False
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)
        self._cancel_work()

    def _cancel_work(self) -> None:
        """Cancel what runs for a caller who no longer waits, so that the model need not compute it."""
        if self.cycle is not None:  # there is none before the first request
            cancel_work(self.cycle.scope)

    def data_received(self, data: bytes) -> None:
        was_in_head, self._has_moved = self._in_head, False
        super().data_received(data)
        if self.transport.is_closing():
            return
        if was_in_head and self._in_head:
            # The parser reports a header only when it is complete.
            self._head_bytes += len(data)
            if self._is_too_large():
                self._refuse_size()
        elif not was_in_head and not self._has_moved:
            # The same holds for a trailer and for the line before a chunk, which the parser collects without a limit.
            self._head_bytes += len(data)
            if self._is_too_large():
                self.transport.close()  # without a response: one may already be on its way

    def on_message_begin(self) -> None:
        self._in_head, self._has_begun, self._head_bytes, self._chunks = True, True, 0, 0
        self._start_timer()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        if self._in_head:  # after a chunked body come trailers, which are not headers (RFC 9110, 6.5.1)
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_timer()
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        cycle.__class__ = CachedHeadCycle  # uvicorn creates it and offers no way to choose the class
        super()._start_asgi_task(cycle, app)

    def on_body(self, body: bytes) -> None:
        self._has_moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._has_moved = True
        super().on_message_complete()

    def on_chunk_header(self) -> None:
        """Count a chunk; the parser calls this before each one."""
        self._has_moved = True
        self._chunks += 1
        if self._chunks > MAX_CHUNKS:
            raise _TooManyChunks

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn's text is plain, ours is JSON
        if self._is_too_large():
            self._refuse_size()
        else:
            what = "its body has too many chunks" if self._chunks > MAX_CHUNKS else "this is not HTTP"
            self._refuse(KINDS[MalformedRequest], str(MalformedRequest(what)))

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._is_too_large():
            raise _HeadTooLarge

    def _is_too_large(self) -> bool:
        return self._head_bytes > self.limits.max_header_bytes

    def _refuse_size(self) -> None:
        self._refuse(HEADERS_TOO_LARGE, f"The headers are larger than {self.limits.max_header_bytes:,} bytes.")

    def _refuse_slowness(self) -> None:
        if self._has_begun:
            self._refuse(KINDS[RequestTimeout], str(RequestTimeout(self.limits.body_timeout_seconds)))
        self.transport.close()

    def _refuse(self, kind: Kind, detail: str) -> None:
        self._stop_timer()
        request_id = new_request_id()
        body = problem_body(kind, detail, request_id)
        head = (
            f"content-type: {PROBLEM_JSON}\r\ncontent-length: {len(body)}\r\n"
            f"x-request-id: {request_id}\r\n{_SECURITY_HEADERS}connection: close\r\n\r\n"
        )
        self.on_refusal(request_id, kind.status.value, kind.code, self.client[0] if self.client else None)
        self.transport.write(STATUS_LINE[kind.status] + head.encode() + body)
        self.transport.close()

    def _start_timer(self) -> None:
        self._stop_timer()
        self._head_timer = self.loop.call_later(self.limits.body_timeout_seconds, self._refuse_slowness)

    def _stop_timer(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None


class CachedHeadCycle(RequestResponseCycle):
    """Sends the head of a response as uvicorn does, but checks each header only the first time it is sent.

    Most headers are the same in every response. uvicorn searches each name and value for forbidden characters, which
    costs more than everything else that is done to admit a request. Heads without a length, heads that close the
    connection, and all bodies are left to uvicorn.
    """

    def send(self, message: ASGISendEvent) -> Awaitable[None]:  # type: ignore[override]  # awaited at once, as a coroutine
        """Send a message of a response.

        Raises:
            RuntimeError: if a header holds a forbidden character.
        """
        if message["type"] == "http.response.start" and (head := self._head(message)):
            self.response_started = True
            self.waiting_for_100_continue = False
            self.transport.write(head)
            return _nothing_more()
        return super().send(message)

    def _head(self, message: HTTPResponseStartEvent) -> bytes | None:
        if self.response_started or self.disconnected or not self.keep_alive or self.flow.write_paused:
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


def http_protocol(limits: LimitSettings, on_refusal: OnRefusal) -> type[LimitedHttpProtocol]:
    """The protocol class with these limits; uvicorn instantiates it for each connection."""
    return type("HttpProtocol", (LimitedHttpProtocol,), {"limits": limits, "on_refusal": staticmethod(on_refusal)})
