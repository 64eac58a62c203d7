"""uvicorn's HTTP protocol with limits, one clock for each connection, and our own refusals.

This module and `response_head` are the only ones that import private names of uvicorn;
``docs/decisions/0013-own-http-protocol.md`` says why. The protocol refuses what never becomes a request, tells who
works for a caller that the caller has disconnected, and ignores that a client asks for another protocol.
"""

import asyncio
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from typing import Any, cast

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from http_connections.clock import ConnectionClock, Timers
from http_connections.head_rules import fault_of_head, split_target
from http_connections.response_head import CachedHeadCycle
from http_connections.rules import ConnectionRules, Fault, Refusal, Refuse
from http_connections.upgrades import framing_head, parser_behind_head

MAX_CHUNKS = 10_000
"""Chunks of one body. uvicorn copies the body so far at each chunk, so one-byte chunks would block everyone else."""

MAX_WAITING = 64
"""Requests of a pipeline that wait for the response to the one before. Clients that use pipelines send far fewer."""

MAX_DISCARDED_BYTES = 16 * 1024 * 1024
"""What a client may still send after its last response. More of it is cut off."""

type OnLeft = Callable[[Any], object]
"""Called with the scope of the last request when its connection closes."""


class _Stop(Exception):
    """Stops the parser, which raises an error of its own instead."""


class _Phase(Enum):
    NEW = auto()  # no byte of a request has come yet
    HEAD = auto()
    RESPONSE = auto()  # the application reads the body and responds, within its own limits
    REST = auto()  # of what the client sends although it has its response
    IDLE = auto()
    UNREAD = auto()  # what is written waits for the client to read it


class ConnectionProtocol(HttpToolsProtocol):
    """Limits the size of a head, the chunks of a body, and the time of everything but the application's own work."""

    _head_bytes = 0
    _collected_bytes = 0
    _chunks = 0
    _has_begun = False
    _has_moved = False
    _in_head = False
    _in_body = False
    _is_deaf = False
    _is_lingering = False
    _discarded_bytes = 0
    _is_ending = False
    _fault: tuple[Fault, str] | None = None
    _last_word: Refusal | None = None
    _running: CachedHeadCycle | None = None
    _phase = _Phase.NEW
    _unsent_bytes = 0

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        rules: ConnectionRules,
        refuse: Refuse,
        on_left: OnLeft,
        timers: Timers | None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.rules, self.refuse, self.on_left, self.timers = rules, refuse, on_left, timers

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self.parser.set_dangerous_leniencies(lenient_version=True)  # which versions are spoken, we say
        self._clock = ConnectionClock(self.timers or self.loop, self._end_of_time)
        self._clock.allow(self.rules.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._clock.stop()
        super().connection_lost(exc)
        if (running := self._running) is not None:  # there is none before the first request
            if not running.response_complete:  # uvicorn tells only the last one of a pipeline
                running.disconnected = True
                running.message_event.set()
            self.on_left(running.scope)

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            self._discard(len(data))
            return
        self._has_moved = False
        cycle = self.cycle
        reported = self._head_bytes if self._in_head or cycle is None else None
        try:
            self._parse(data)
        except httptools.HttpParserError:
            self.send_400_response("")
        else:
            if self._in_head or self._in_body:
                self._count_collected(len(data), reported if cycle is self.cycle else None)
        self._set_phase()

    def _discard(self, size: int) -> None:
        if self._is_lingering:
            self._discarded_bytes += size
            if self._discarded_bytes > MAX_DISCARDED_BYTES:
                self._close()

    def _parse(self, data: bytes) -> None:
        rest: bytes | memoryview = data
        while True:
            try:
                self.parser.feed_data(rest)
            except httptools.HttpParserUpgrade as stopped:
                rest = memoryview(rest)[stopped.args[0] :]
                self._read_on_after_upgrade()
            else:
                return

    def _read_on_after_upgrade(self) -> None:
        if self.scope["method"] == "CONNECT":  # what follows is for a tunnel, which there is not
            self._is_deaf = True
            self.cycle.keep_alive = False
            self._complete_message()
            return
        self.parser = parser_behind_head(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True, lenient_version=True)
        self.parser.feed_data(framing_head(self.scope["http_version"], self.headers))

    def _count_collected(self, size: int, reported: int | None) -> None:
        """Count bytes that the parser collects in silence: it reports a header or a trailer once it is complete."""
        if not self._has_moved:
            self._collected_bytes += size
        elif self._in_head and reported is not None:
            self._collected_bytes = size - (self._head_bytes - reported)
        else:  # it is the start of something, whose next bytes count
            self._collected_bytes = 0
        if self._is_too_large():
            self.send_400_response("")

    def on_message_begin(self) -> None:
        self._in_head = self._has_begun = self._has_moved = True
        if len(self.pipeline) >= MAX_WAITING:
            self._stop(Fault.MALFORMED, f"more than {MAX_WAITING} requests wait for their responses")
        self._head_bytes = self._collected_bytes = self._chunks = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        if self._in_head:  # after a chunked body come trailers, which are not headers (RFC 9110, 6.5.1)
            super().on_header(name, value.strip(b" \t"))

    def on_headers_complete(self) -> None:
        version = self.parser.get_http_version()
        if what := fault_of_head(version, self.headers):
            self._stop(Fault.MALFORMED, what)
        if version == "1.0":  # such a client knows no interim responses (RFC 9110, 10.1.1)
            self.expect_100_continue = False
        if self.url[:1] != b"/" and self.parser.get_method() != b"CONNECT":
            self._use_authority()
        super().on_headers_complete()
        if version != "1.0":
            self.scope["http_version"] = "1.1"
        self._in_head, self._in_body = False, True
        if self._is_ending:
            self.cycle.keep_alive = False

    def _use_authority(self) -> None:
        self.url, authority = split_target(self.url)
        if authority is not None:  # it counts instead of the header (RFC 9112, 3.2.2)
            self.headers[:] = [header for header in self.headers if header[0] != b"host"]
            self.headers.append((b"host", authority))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        cycle.__class__ = CachedHeadCycle  # uvicorn creates it and offers no way to choose the class
        self._running = cast("CachedHeadCycle", cycle)
        super()._start_asgi_task(cycle, app)

    def on_chunk_header(self) -> None:
        """Count a chunk; the parser calls this before each one."""
        self._has_moved = True
        self._chunks += 1
        if self._chunks > MAX_CHUNKS + 1:  # the last one is empty
            self._stop(Fault.MALFORMED, "its body has too many chunks")

    def on_body(self, body: bytes) -> None:
        self._has_moved = True
        cycle = self.cycle
        if cycle.response_complete:
            return
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        self._has_moved = True
        if not self.parser.should_upgrade():  # then its body is still to come
            self._complete_message()

    def _complete_message(self) -> None:
        self._in_body = False
        if not self.cycle.response_complete:
            self.cycle.more_body = False
            self.cycle.message_event.set()

    def on_response_complete(self) -> None:
        """Go on with the next request of a pipeline, or with the refusal of what came instead of one."""
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            if self._running is not None and self._running.must_close:
                self._close_behind_body()
            elif self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())
            elif self._last_word:
                self._say(self._last_word)
            if not self.pipeline:  # else there is enough to do
                self.flow.resume_reading()
        self._set_phase()

    def pause_writing(self) -> None:
        """Make the application wait until the client reads, which it must do in time."""
        super().pause_writing()
        self._unsent_bytes = 0
        self._set_phase()

    def resume_writing(self) -> None:
        """Let the application go on."""
        super().resume_writing()
        self._set_phase()

    def shutdown(self) -> None:
        """Close the connection once its requests have their responses, for the server that ends.

        A client that has just connected is about to send its request, so it has a moment for that.
        """
        self._is_ending = True
        if self._phase in (_Phase.NEW, _Phase.HEAD):
            self._clock.allow(min(self.rules.last_request_seconds, self.rules.head_seconds))
        elif self._phase is _Phase.REST:
            self._linger()
        else:
            super().shutdown()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn's text is plain
        """Refuse what the parser has stopped at."""
        if self._is_too_large():
            self._fault = Fault.HEAD_TOO_LARGE, f"the headers are larger than {self.rules.max_head_bytes:,} bytes"
        self._refuse(*(self._fault or (Fault.MALFORMED, "this is not HTTP")))

    def _count(self, size: int) -> None:
        self._has_moved = True
        self._collected_bytes = 0  # what was collected is what is counted here
        self._head_bytes += size
        if self._is_too_large():
            raise _Stop

    def _is_too_large(self) -> bool:
        return self._head_bytes + self._collected_bytes > self.rules.max_head_bytes

    def _stop(self, fault: Fault, what: str) -> None:
        self._fault = fault, what
        raise _Stop

    def _refuse(self, fault: Fault, what: str) -> None:
        """Respond with a refusal, after the responses to all requests before, and read no more."""
        self._is_deaf = True
        if self.transport.is_closing():
            return
        if self._in_body and not self._take_back():
            self._close() if self._is_responding() else self._linger()
            return
        refusal = self.refuse(fault, what, self.client[0] if self.client else None)
        if self._is_responding():
            self._last_word = refusal
        else:
            self._say(refusal, lingers=fault is not Fault.TOO_SLOW)  # from whom nothing comes

    def _take_back(self) -> bool:
        """Give up the request whose body is broken; whether that was possible, because no response is on its way."""
        cycle = self.cycle
        if cycle is not self._running:
            self.pipeline.popleft()
            return True
        if cycle.response_started:
            return False
        cycle.disconnected = True
        cycle.message_event.set()
        return True

    def _say(self, refusal: Refusal, *, lingers: bool = True) -> None:
        self.transport.write(refusal.encode())
        self._linger() if lingers else self._close()

    def _close_behind_body(self) -> None:
        self._linger() if self._in_body else self._close()

    def _linger(self) -> None:
        """Say that nothing more follows, and read on for a while: closing on unread bytes resets the connection.

        A reset destroys what the client has not read yet, so it would never see why it was refused (RFC 9112, 9.6).
        """
        self._is_deaf = True
        if self._is_lingering:
            return
        if not self.transport.can_write_eof():
            self._close()
            return
        self._is_lingering = True
        self.transport.write_eof()
        self.flow.resume_reading()
        self._set_phase()

    def _close(self) -> None:
        self.transport.close()
        self._set_phase()

    def _is_responding(self) -> bool:
        running = self._running
        return running is not None and not running.response_complete and not running.disconnected

    def _set_phase(self) -> None:
        phase = self._find_phase()
        if phase is self._phase:
            return  # bytes that change nothing do not move the deadline either
        self._phase = phase
        if phase is not _Phase.RESPONSE:  # there the deadline before stays, at no cost: see _look_again
            self._clock.allow(self._seconds_of(phase))

    def _find_phase(self) -> _Phase:
        if self.transport.is_closing():
            return _Phase.UNREAD
        if self._is_responding():
            return _Phase.UNREAD if self.flow.write_paused else _Phase.RESPONSE
        if self._is_lingering:
            return _Phase.REST
        if self._in_head:
            return _Phase.HEAD
        if self._in_body:
            return _Phase.REST
        return _Phase.IDLE if self._has_begun else _Phase.NEW

    def _seconds_of(self, phase: _Phase) -> float:
        match phase:
            case _Phase.IDLE:
                return self.timeout_keep_alive
            case _Phase.REST:
                return self.rules.rest_seconds
            case _Phase.UNREAD:
                return self.rules.unread_seconds
            case _:
                return self.rules.head_seconds

    def _end_of_time(self) -> None:
        if self._phase is _Phase.HEAD:
            self._refuse(Fault.TOO_SLOW, f"it did not arrive within {self.rules.head_seconds:g} seconds")
        elif self._phase is _Phase.UNREAD:
            self._abort_unless_read()
        elif self._phase is _Phase.RESPONSE:
            self._look_again()
        else:
            self._close()

    def _look_again(self) -> None:
        """Leave the application its time, but find out whether it has failed amid a response, which nobody tells."""
        self._set_phase()
        if self._phase is _Phase.RESPONSE:
            self._clock.allow(self.rules.unread_seconds)

    def _abort_unless_read(self) -> None:
        unsent = self.transport.get_write_buffer_size()
        if unsent in (0, self._unsent_bytes):
            self.transport.abort()
        else:
            self._unsent_bytes = unsent
            self._clock.allow(self.rules.unread_seconds)


def _tell_nobody(_: Any) -> None:
    pass


def connection_protocol(
    rules: ConnectionRules, refuse: Refuse, on_left: OnLeft = _tell_nobody, timers: Timers | None = None
) -> type[ConnectionProtocol]:
    """Return what uvicorn calls for each connection. It can be pickled for other processes, if its arguments can be.

    Args:
        rules: the limits.
        refuse: makes the response to what never becomes a request.
        on_left: told when the caller of a request disconnects, and after each last request of a connection.
        timers: tells the time; defaults to the event loop.
    """
    made = partial(ConnectionProtocol, rules=rules, refuse=refuse, on_left=on_left, timers=timers)
    return cast("type[ConnectionProtocol]", made)  # uvicorn asks for a class, but only calls it
