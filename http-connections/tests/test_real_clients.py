"""Requests as real clients and proxies write them: old versions, later ones, `Expect`, absolute targets."""

from typing import Any

import pytest
from http_connections.head_rules import fault_of_head, split_target
from http_connections.protocol import MAX_CHUNKS
from unwired_connection import Application, Connection

OLD = b"GET /old HTTP/1.0\r\n\r\n"
EXPECTING = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue \r\n\r\n"


@pytest.mark.parametrize("version", ["1.1", "1.2", "1.9"])
async def test_a_later_minor_version_is_spoken_to_as_1_1(version: str) -> None:
    connection = Connection(app := Application())

    await connection.send(b"GET / HTTP/%b\r\nHost: x\r\n\r\n" % version.encode())

    assert connection.statuses() == [200]
    assert app.scopes[0]["http_version"] == "1.1"
    assert not connection.wire.is_ended


@pytest.mark.parametrize("version", ["0.9", "2.0", "3.0", "9.9"])
async def test_another_major_version_is_refused(version: str) -> None:
    connection = Connection(Application())

    await connection.send(b"GET / HTTP/%b\r\nHost: x\r\n\r\n" % version.encode())

    assert connection.statuses() == [400]
    assert connection.wire.is_ended


@pytest.mark.parametrize("option", [b"", b"Connection: keep-alive\r\n", b"Connection: close\r\n"])
async def test_http_1_0_is_answered_and_closed(option: bytes) -> None:
    connection = Connection(Application())

    sent = await connection.send(OLD[:-2] + option + b"\r\n")

    assert connection.statuses() == [200]
    assert b"connection: close" in sent
    assert connection.wire.is_ended


async def without_a_length(_: Any, __: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"one, ", "more_body": True})
    await send({"type": "http.response.body", "body": b"two"})


async def test_http_1_0_gets_no_chunks() -> None:
    connection = Connection(without_a_length)

    sent = await connection.send(OLD)

    assert sent.endswith(b"\r\n\r\none, two")
    assert b"transfer-encoding" not in sent
    assert connection.wire.is_ended


async def test_a_client_that_expects_100_is_told_to_continue() -> None:
    connection = Connection(app := Application())

    await connection.send(EXPECTING, b"hello")

    assert connection.statuses() == [100, 200]
    assert app.seen == [("POST", "/", b"hello")]
    assert not connection.wire.is_ended


async def test_http_1_0_is_not_told_to_continue() -> None:
    connection = Connection(Application())

    await connection.send(EXPECTING.replace(b"1.1", b"1.0"), b"hello")

    assert connection.statuses() == [200]


async def test_a_refused_client_that_expects_100_must_connect_again() -> None:
    connection = Connection(Application(reads_body=False))

    sent = await connection.send(EXPECTING)

    assert connection.statuses() == [200]
    assert b"connection: close" in sent
    assert connection.wire.is_ended


async def test_an_absolute_target_counts_instead_of_the_host() -> None:
    connection = Connection(app := Application())

    await connection.send(b"GET http://other:81/a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n")

    (scope,) = app.scopes
    assert (scope["path"], scope["query_string"], dict(scope["headers"])[b"host"]) == ("/a", b"b=1", b"other:81")


def test_an_absolute_target_without_a_path_means_the_root() -> None:
    assert split_target(b"http://x?a=b") == (b"/?a=b", b"x")


def test_a_host_that_no_name_can_be_is_refused() -> None:
    assert fault_of_head("1.1", [(b"host", b"x" * 301)])


def test_an_absolute_target_keeps_the_brackets_of_an_address() -> None:
    assert split_target(b"http://[::1]:8080/a") == (b"/a", b"[::1]:8080")
    assert split_target(b"http://[::1]/a") == (b"/a", b"[::1]")


async def test_an_absolute_target_is_the_host_of_http_1_0_without_one() -> None:
    connection = Connection(app := Application())

    await connection.send(b"GET http://other/a HTTP/1.0\r\n\r\n")

    assert dict(app.scopes[0]["headers"])[b"host"] == b"other"


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 400)])
async def test_the_end_of_a_chunked_body_is_not_one_of_its_chunks(more: int, status: int) -> None:
    connection = Connection(Application())
    head = b"POST / HTTP/1.1\r\nHost: x\r\ntransfer-encoding: chunked\r\n\r\n"

    await connection.send(head + b"1\r\na\r\n" * (MAX_CHUNKS + more) + b"0\r\n\r\n")

    assert connection.statuses() == [status]
