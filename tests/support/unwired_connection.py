"""A connection without a socket: bytes in, bytes out, and a clock that a test moves."""

import asyncio
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import uvicorn
from http_connections.protocol import ConnectionProtocol, connection_protocol
from http_connections.rules import ConnectionRules, Fault, Refusal
from uvicorn.server import ServerState

RULES = ConnectionRules(max_head_bytes=4096, head_seconds=10, rest_seconds=20, unread_seconds=40)
KEEP_ALIVE = 75

STATUS = {
    Fault.MALFORMED: HTTPStatus.BAD_REQUEST,
    Fault.HEAD_TOO_LARGE: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    Fault.TOO_SLOW: HTTPStatus.REQUEST_TIMEOUT,
}


def refuse(fault: Fault, what: str, _: str | None) -> Refusal:
    return Refusal(STATUS[fault], [], what.encode())


class MovedTimers:
    """Time passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._timers = list[asyncio.TimerHandle]()

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(when, callback, (), asyncio.get_running_loop())
        self._timers.append(timer)
        return timer

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while due := [timer for timer in self._timers if timer.when() <= end and not timer.cancelled()]:
            first = min(due, key=asyncio.TimerHandle.when)
            self._timers.remove(first)
            self.now = max(self.now, first.when())
            first._run()  # noqa: SLF001  as an event loop does
        self.now = end


class Wire:
    """A transport that remembers."""

    def __init__(self) -> None:
        self.sent = b""
        self.unread_bytes = 0
        self.is_closed = self.is_aborted = self.is_ended = False

    def write(self, data: bytes) -> None:
        assert not self.is_ended, data
        self.sent += data

    def close(self) -> None:
        self.is_ended = self.is_closed = True

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.is_ended = True

    def abort(self) -> None:
        self.is_aborted = True

    def is_closing(self) -> bool:
        return self.is_closed

    def get_write_buffer_size(self) -> int:
        return self.unread_bytes

    def get_extra_info(self, name: str) -> object:
        return ("127.0.0.1", 1) if name in ("peername", "sockname") else None

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Connection:
    """One connection to an application."""

    def __init__(self, app: Any, rules: ConnectionRules = RULES) -> None:
        self.timers, self.wire = MovedTimers(), Wire()
        self.left = list[Any]()
        kind: Any = connection_protocol(rules, refuse, self.left.append, self.timers)
        config = uvicorn.Config(app, http=kind, ws="none", timeout_keep_alive=KEEP_ALIVE, log_config=None)
        config.load()
        wire: Any = self.wire
        self.protocol: ConnectionProtocol = kind(config, ServerState(), {}, asyncio.get_running_loop())
        self.protocol.connection_made(wire)

    async def send(self, *parts: bytes) -> bytes:
        """Send these bytes; returns all that has come back by now."""
        for part in parts:
            self.protocol.data_received(part)
            await self.settle()
        return self.wire.sent

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    def statuses(self) -> list[int]:
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", self.wire.sent)]


class Application:
    """Reads each body, unless it is told not to, and responds with what it has seen."""

    def __init__(self, *, reads_body: bool = True) -> None:
        self.reads_body = reads_body
        self.seen = list[tuple[str, str, bytes]]()
        self.scopes = list[Any]()
        self.may_respond = asyncio.Event()
        self.may_respond.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", self.reads_body
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body, more = body + message["body"], message["more_body"]
        self.seen.append((scope["method"], scope["path"], body))
        self.scopes.append(scope)
        await self.may_respond.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})
