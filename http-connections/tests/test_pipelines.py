"""Requests before a broken one get their responses; then the broken one gets its own, and the connection closes."""

import pytest
from http_connections.protocol import MAX_WAITING
from unwired_connection import Application, Connection

GET = b"GET /price HTTP/1.1\r\nHost: x\r\n\r\n"
BODY = b"POST /price HTTP/1.1\r\nHost: x\r\ncontent-length: 2\r\n\r\n{}"
CHUNKED = b"POST /broken HTTP/1.1\r\nHost: x\r\ntransfer-encoding: chunked\r\n\r\n"

BROKEN = {
    "garbage": b"\x00\x01garbage\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
    "HTTP/2.0": b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
    "a broken body": CHUNKED + b"zz\r\n",
}


@pytest.mark.parametrize("size", [1, 10_000])
@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("valid", [GET, GET * 3, BODY, BODY + GET])
async def test_a_valid_request_before_garbage_gets_its_response(valid: bytes, name: str, size: int) -> None:
    connection = Connection(app := Application())
    data = valid + BROKEN[name]

    await connection.send(*(data[start : start + size] for start in range(0, len(data), size)))

    valid_requests = valid.count(b"Host")
    assert connection.statuses() == [200] * valid_requests + [400]
    assert {path for _, path, _ in app.seen} == {"/price"}
    assert connection.wire.is_ended


async def test_a_refusal_waits_for_a_slow_response_and_nothing_is_read_behind_it() -> None:
    connection = Connection(app := Application())
    app.may_respond.clear()

    await connection.send(GET + BROKEN["garbage"], GET, GET)
    assert connection.statuses() == []
    app.may_respond.set()
    await connection.settle()

    assert connection.statuses() == [200, 400]
    assert len(app.seen) == 1


async def test_a_body_that_breaks_after_its_response_gets_no_second_one() -> None:
    connection = Connection(Application(reads_body=False))

    await connection.send(CHUNKED, b"zz\r\n")

    assert connection.statuses() == [200]
    assert connection.wire.is_ended


async def test_a_request_whose_body_breaks_gets_one_response() -> None:
    connection = Connection(app := Application())

    await connection.send(CHUNKED, b"zz\r\n")

    assert (connection.statuses(), app.seen) == ([400], [])


async def test_the_running_request_learns_that_its_caller_has_left() -> None:
    connection = Connection(app := Application())
    app.may_respond.clear()
    await connection.send(BODY + GET)

    connection.protocol.connection_lost(None)
    await connection.settle()

    assert connection.left == [app.scopes[0]]


async def test_a_large_body_does_not_count_as_the_head_that_follows_it() -> None:
    connection = Connection(Application())
    large = b"POST / HTTP/1.1\r\nHost: x\r\nx: " + b"a" * 3000 + b"\r\ncontent-length: 9000\r\n\r\n" + b"b" * 9000

    await connection.send(large[:2000], large[2000:] + GET[:5], GET[5:])

    assert connection.statuses() == [200, 200]


async def test_a_broken_body_behind_a_running_request_takes_no_response_from_it() -> None:
    connection = Connection(app := Application())
    app.may_respond.clear()

    await connection.send(BODY + CHUNKED, b"1;" + b"a" * 5000)
    app.may_respond.set()
    await connection.settle()

    assert connection.statuses() == [200, 431]
    assert connection.wire.is_ended


async def test_a_pipeline_without_an_end_is_refused_behind_the_requests_that_wait() -> None:
    connection = Connection(app := Application())
    app.may_respond.clear()

    await connection.send(GET * 1000)
    waiting = len(connection.protocol.pipeline)
    app.may_respond.set()
    for _ in range(waiting):
        await connection.settle()

    assert waiting == MAX_WAITING
    assert connection.statuses() == [200] * (MAX_WAITING + 1) + [400]
    assert connection.wire.is_ended


async def test_nothing_more_is_read_while_requests_wait() -> None:
    connection = Connection(app := Application(reads_body=False))
    app.may_respond.clear()
    await connection.send(GET * 3)

    read_paused = [connection.protocol.flow.read_paused]
    for _ in range(3):
        connection.protocol.on_response_complete()
        read_paused.append(connection.protocol.flow.read_paused)

    assert read_paused == [True, True, False, False]
