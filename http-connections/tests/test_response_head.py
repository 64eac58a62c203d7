"""The head of an answer is the one that uvicorn would send, byte for byte."""

import asyncio
import logging
from typing import Any

import pytest
from http_connections.response_head import CachedHeadCycle
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

type Headers = list[tuple[bytes, bytes]]

LENGTH = (b"content-length", b"2")
DATE = (b"date", b"Sat, 21 Nov 2026 20:00:00 GMT")


class Written:
    """The transport and the flow of a connection that only remembers."""

    write_paused = False

    def __init__(self) -> None:
        self.data = b""
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.data += data

    def close(self) -> None:
        self.is_closed = True


async def sent(
    kind: type[RequestResponseCycle], status: int, headers: Headers, *, method: str, keep_alive: bool, default: Headers
) -> tuple[bytes, bool]:
    """What goes over the wire, and whether the connection is closed then."""
    written: Any = Written()
    log = logging.getLogger("test")
    cycle = kind(
        {"method": method},  # type: ignore[typeddict-item]  # all of it that is read
        written,
        written,
        log,
        log,
        False,
        default,
        asyncio.Event(),
        False,
        keep_alive,
        lambda: None,
    )
    cycle.more_body = False
    await cycle.send({"type": "http.response.start", "status": status, "headers": headers})
    await cycle.send({"type": "http.response.body", "body": b"ok"})
    return written.data, written.is_closed


@pytest.mark.parametrize("default", [[DATE], [DATE, (b"connection", b"close")]])
@pytest.mark.parametrize("keep_alive", [True, False])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    "headers",
    [
        [LENGTH],
        [LENGTH, (b"X-Mixed", b"Case"), (b"x-twice", b"1"), (b"x-twice", b"2")],
        [],
        [(b"connection", b"close"), LENGTH],
        [(b"Connection", b"close"), LENGTH],
        [(b"transfer-encoding", b"chunked")],
        [(b"Content-Length", b"2")],
    ],
)
async def test_it_is_the_head_that_uvicorn_sends(
    headers: Headers, method: str, keep_alive: bool, default: Headers
) -> None:
    how: dict[str, Any] = {"method": method, "keep_alive": keep_alive, "default": default}

    assert await sent(CachedHeadCycle, 200, headers, **how) == await sent(RequestResponseCycle, 200, headers, **how)


@pytest.mark.parametrize("header", [(b"x-a", b"1\r\nx-b: 2"), (b"x-a\r\nx-b", b"1"), (b"x a", b"1"), (b"x", b"\x00")])
async def test_a_header_with_line_breaks_is_never_sent(header: tuple[bytes, bytes]) -> None:
    for _ in range(2):
        with pytest.raises(RuntimeError, match="Invalid HTTP header"):
            await sent(CachedHeadCycle, 200, [LENGTH, header], method="GET", keep_alive=True, default=[DATE])
