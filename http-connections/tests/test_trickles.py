"""A connection on which bytes trickle closes in a bounded time, whatever the bytes are."""

from collections.abc import Callable, Iterator
from itertools import chain, cycle
from typing import Any

import pytest
from unwired_connection import KEEP_ALIVE, RULES, Application, Connection

GET = b"GET /price HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /price HTTP/1.1\r\nHost: x\r\n"
LONG = POST + b"content-length: 100000\r\n\r\n"
CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"

TRICKLES: dict[str, tuple[bytes, bytes, float]] = {
    "an unread body": (LONG, b"a", RULES.rest_seconds),
    "endless chunks": (CHUNKED, b"1\r\na\r\n", RULES.rest_seconds),
    "an endless chunk": (CHUNKED + b"ffff\r\n", b"a", RULES.rest_seconds),
    "an endless extension of a chunk": (CHUNKED + b"1;", b"a", RULES.rest_seconds),
    "endless trailers": (CHUNKED + b"0\r\n", b"a:b\r\n", RULES.rest_seconds),
    "line breaks between requests": (GET, b"\r\n", KEEP_ALIVE),
    "line feeds between requests": (GET, b"\n", KEEP_ALIVE),
    "a second head": (GET + b"GET /", b"a", RULES.head_seconds),
    "headers of a second head": (GET + GET[:-2], b"a:b\r\n", RULES.head_seconds),
    "nothing": (GET, b"", KEEP_ALIVE),
    "nothing at all": (b"", b"", RULES.head_seconds),
    "line breaks before a request": (b"\r\n", b"\r\n", RULES.head_seconds),
    "a first head": (b"GET /", b"a", RULES.head_seconds),
    "an upgrade": (POST + b"connection: upgrade\r\nupgrade: h2c\r\ncontent-length: 100000\r\n\r\n", b"a", 20),
}


async def seconds_until_closed(connection: Connection, more: Iterator[bytes]) -> float:
    began = connection.timers.now
    while not connection.wire.is_closed and connection.timers.now - began < 1000:
        connection.timers.pass_time(0.5)
        if part := next(more):
            await connection.send(part)
    return connection.timers.now - began


@pytest.mark.parametrize("name", TRICKLES)
async def test_a_trickle_after_the_response_ends_in_time(name: str) -> None:
    start, more, seconds = TRICKLES[name]
    connection = Connection(Application(reads_body=False))

    await connection.send(start)

    assert await seconds_until_closed(connection, cycle([more])) <= seconds + 0.5


async def test_a_trickle_of_every_kind_in_turn_has_one_clock() -> None:
    connection = Connection(Application(reads_body=False))
    await connection.send(LONG)

    taken = await seconds_until_closed(connection, chain(cycle([b"a", b"\r\n", b"\0"])))

    assert taken <= RULES.rest_seconds + 0.5


@pytest.mark.parametrize("head", [b"GET /", GET[:-2], GET + GET[:-1]])
async def test_a_slow_head_is_told_so(head: bytes) -> None:
    connection = Connection(Application())
    await connection.send(head)

    connection.timers.pass_time(RULES.head_seconds)

    assert connection.statuses()[-1] == 408
    assert connection.wire.is_closed


async def test_a_slow_head_behind_a_running_request_waits_for_its_response() -> None:
    connection = Connection(app := Application())
    app.may_respond.clear()
    await connection.send(GET + b"GET /")

    connection.timers.pass_time(1000)
    assert connection.statuses() == []
    app.may_respond.set()
    await connection.settle()
    connection.timers.pass_time(RULES.head_seconds)

    assert connection.statuses() == [200, 408]


async def test_a_rest_that_arrives_in_time_keeps_the_connection() -> None:
    connection = Connection(Application(reads_body=False))
    await connection.send(POST + b"content-length: 10\r\n\r\n12345")

    connection.timers.pass_time(RULES.rest_seconds - 1)
    await connection.send(b"67890", GET)
    connection.timers.pass_time(KEEP_ALIVE - 1)
    await connection.send(GET)

    assert connection.statuses() == [200, 200, 200]
    assert not connection.wire.is_closed


async def test_an_application_that_works_has_no_clock() -> None:
    connection = Connection(app := Application())
    app.may_respond.clear()
    await connection.send(GET)

    connection.timers.pass_time(10_000)

    assert not connection.wire.is_closed


def never(_: Connection) -> None: ...


def slowly(connection: Connection) -> None:
    connection.wire.unread_bytes -= 10


@pytest.mark.parametrize(("reads", "is_aborted"), [(never, True), (slowly, False)])
async def test_a_client_that_reads_nothing_of_its_response_is_left(
    reads: Callable[[Connection], None], is_aborted: bool
) -> None:
    connection = Connection(Application())
    connection.wire.unread_bytes = 100_000
    await connection.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    for _ in range(10):
        reads(connection)
        connection.timers.pass_time(RULES.unread_seconds)

    assert connection.wire.is_aborted is is_aborted


async def large(_: Any, __: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": b"la", "more_body": True})
    await send({"type": "http.response.body", "body": b"st"})


@pytest.mark.parametrize(("reads", "is_aborted"), [(never, True), (slowly, False)])
async def test_a_client_that_lets_the_application_wait_must_read(
    reads: Callable[[Connection], None], is_aborted: bool
) -> None:
    connection = Connection(large)
    connection.wire.unread_bytes = 100_000
    connection.protocol.pause_writing()
    await connection.send(GET * 2)

    for _ in range(10):
        reads(connection)
        connection.timers.pass_time(RULES.unread_seconds)

    assert connection.wire.is_aborted is is_aborted
    connection.protocol.connection_lost(None)
    await connection.settle()


async def test_a_client_that_reads_again_leaves_the_application_its_time() -> None:
    connection = Connection(app := Application())
    app.may_respond.clear()
    connection.wire.unread_bytes = 100_000
    await connection.send(GET)
    connection.protocol.pause_writing()

    connection.timers.pass_time(RULES.unread_seconds - 1)
    connection.protocol.resume_writing()
    connection.timers.pass_time(1000)

    assert not connection.wire.is_aborted
    assert not connection.wire.is_closed


async def fails_amid_its_response(_: Any, __: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    raise ValueError


async def test_a_response_that_its_application_leaves_unfinished_is_not_held_for_ever() -> None:
    connection = Connection(fails_amid_its_response)
    connection.wire.unread_bytes = 10_000

    await connection.send(GET)
    connection.timers.pass_time(3 * RULES.unread_seconds + RULES.head_seconds)

    assert connection.wire.is_closed
    assert connection.wire.is_aborted
