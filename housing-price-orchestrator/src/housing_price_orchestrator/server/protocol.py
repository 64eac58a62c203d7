"""uvicorn's HTTP protocol, with our answers to what never becomes a request: broken HTTP, endless or slow headers.

It also ends the work for a caller who leaves.
"""

import asyncio
from collections.abc import Callable

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from housing_price_orchestrator.api.http.direct_routes import end_work
from housing_price_orchestrator.api.http.problems import HEADERS_TOO_LARGE, KINDS, PROBLEM_JSON, Kind, problem_body
from housing_price_orchestrator.api.http.response_head import AnswerCycle
from housing_price_orchestrator.api.http.security_headers import OF_REFUSALS
from housing_price_orchestrator.errors import MalformedRequest, RequestTimeout
from housing_price_orchestrator.observability.request_record import new_request_id
from housing_price_orchestrator.settings import LimitSettings

MOST_CHUNKS = 10_000
"""Chunks of one body: uvicorn copies what has come at each, so a body in chunks of a byte would hold all others up."""

type OnRefusal = Callable[[str, int, str, str | None], None]
"""Is told the request id, the status, the code and the client's address."""


_SECURITY_HEADERS = "".join(f"{name.decode()}: {value.decode()}\r\n" for name, value in OF_REFUSALS)


class _HeadTooLarge(Exception):
    """Ends the parsing; the parser turns it into an error of its own."""


class _TooManyChunks(Exception):
    """The same for a body."""


class HeadGuard(HttpToolsProtocol):
    """Limits the head of a request: its size in bytes, and the time until it is whole; and the chunks of its body."""

    limits: LimitSettings
    on_refusal: Callable[[str, int, str, str | None], None]

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
        self._end_work()

    def _end_work(self) -> None:
        """Nobody waits for the answer: what is at work on it ends, so that the model need not compute it."""
        if self.cycle is not None:  # as it is before the first request
            end_work(self.cycle.scope)

    def data_received(self, data: bytes) -> None:
        was_in_head, self._has_moved = self._in_head, False
        super().data_received(data)
        if self.transport.is_closing():
            return
        if was_in_head and self._in_head:
            # A header without an end is none yet for the parser.
            self._head_bytes += len(data)
            if self._is_too_large():
                self._refuse_size()
        elif not was_in_head and not self._has_moved:
            # Nor is a trailer, or the line before a chunk, which the parser would collect for ever.
            self._head_bytes += len(data)
            if self._is_too_large():
                self.transport.close()  # without an answer: one may be on its way

    def on_message_begin(self) -> None:
        self._in_head, self._has_begun, self._head_bytes, self._chunks = True, True, 0, 0
        self._start_timer()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        if self._in_head:  # what follows a body in chunks are trailers, and no headers (RFC 9110, 6.5.1)
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_timer()
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        cycle.__class__ = AnswerCycle  # uvicorn makes it, and takes no class of ours
        super()._start_asgi_task(cycle, app)

    def on_body(self, body: bytes) -> None:
        self._has_moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._has_moved = True
        super().on_message_complete()

    def on_chunk_header(self) -> None:
        """Called by the parser, where a body is in chunks."""
        self._has_moved = True
        self._chunks += 1
        if self._chunks > MOST_CHUNKS:
            raise _TooManyChunks

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn's text is plain, ours is not
        if self._is_too_large():
            self._refuse_size()
        else:
            what = "its body has too many chunks" if self._chunks > MOST_CHUNKS else "this is not HTTP"
            self._refuse(KINDS[MalformedRequest], str(MalformedRequest(what)))

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._is_too_large():
            raise _HeadTooLarge

    def _is_too_large(self) -> bool:
        return self._head_bytes > self.limits.max_header_bytes

    def _refuse_size(self) -> None:
        self._refuse(HEADERS_TOO_LARGE, f"The headers are larger than {self.limits.max_header_bytes:,} bytes.")

    def _refuse_lateness(self) -> None:
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
        self._head_timer = self.loop.call_later(self.limits.body_timeout_seconds, self._refuse_lateness)

    def _stop_timer(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None


def http_protocol(limits: LimitSettings, on_refusal: OnRefusal) -> type[HeadGuard]:
    """The protocol class with these limits; uvicorn makes one of it for each connection."""
    return type("LimitedHeadGuard", (HeadGuard,), {"limits": limits, "on_refusal": staticmethod(on_refusal)})
