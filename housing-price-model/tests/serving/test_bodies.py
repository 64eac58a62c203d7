"""Bodies that stall, that never end, or of which there are too many; and what the server answers over a socket."""

import asyncio
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from housing_price_model.registry.connection import wait_until_reachable
from housing_price_model.serving.bodies import BodyReader
from housing_price_model.serving.refusals import MAX_BODY_BYTES, BodyTooLarge, BodyTooSlow, QueueFull
from present import present
from starlette.requests import ClientDisconnect, Request

type Message = dict[str, Any]


def request(*messages: Message, then_stalls: bool = False, **headers: str) -> Request:
    """A request whose body comes in these messages."""
    left = list(messages)

    async def receive() -> Message:
        if not left and then_stalls:
            await asyncio.Event().wait()
        return left.pop(0)

    encoded = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": encoded}, receive)


def part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_in_parts_is_put_together() -> None:
    assert await BodyReader().read(request(part(b"a"), part(b"b"), part(b"c", more=False))) == b"abc"


async def test_a_stalled_body_ends_with_408_and_a_closed_connection() -> None:
    with pytest.raises(BodyTooSlow) as raised:
        await BodyReader(timeout_seconds=0.01).read(request(part(b"a"), then_stalls=True))

    response = raised.value.response()
    assert (response.status_code, response.headers["Connection"]) == (HTTPStatus.REQUEST_TIMEOUT, "close")
    assert b"the body was not complete after 0.01 seconds" in response.body


async def test_a_body_that_never_ends_is_refused_at_its_limit() -> None:
    half = part(b"x" * (MAX_BODY_BYTES // 2 + 1))

    with pytest.raises(BodyTooLarge):
        await BodyReader().read(request(half, half, then_stalls=True))


async def test_does_not_read_a_body_announced_as_too_large() -> None:
    with pytest.raises(BodyTooLarge):
        await BodyReader().read(request(then_stalls=True, content_length=str(MAX_BODY_BYTES + 1)))


async def test_a_client_that_goes_is_told_apart() -> None:
    with pytest.raises(ClientDisconnect):
        await BodyReader().read(request(part(b"a"), {"type": "http.disconnect"}))


async def stalled(reader: BodyReader, count: int) -> list[asyncio.Task[bytes]]:
    tasks = [asyncio.ensure_future(reader.read(request(part(b"four"), then_stalls=True))) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


@pytest.mark.parametrize(
    "reader", [BodyReader(max_reading=3), BodyReader(max_reading_bytes=12)], ids=["number", "bytes"]
)
async def test_stalled_bodies_are_bounded_and_give_their_room_back(reader: BodyReader) -> None:
    tasks = await stalled(reader, 3)

    with pytest.raises(QueueFull):
        await reader.read(request(part(b"a", more=False)))

    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert await reader.read(request(part(b"a", more=False))) == b"a"


@pytest.fixture(scope="module")
def address(
    good_artefact: Path, nowhere: str, start: Callable[..., subprocess.Popen[str]]
) -> Iterator[tuple[str, int, subprocess.Popen[str]]]:
    """Where a real server listens."""
    process = start(nowhere, "serve", "--model-uri", str(good_artefact), "--port", "0")
    try:
        uri = present(process.stdout).readline().split()[-1]
        wait_until_reachable(uri, timeout_seconds=60)
        host, _, port = uri.removeprefix("http://").partition(":")
        yield host, int(port), process
    finally:
        process.kill()
        process.communicate()


HEAD = b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def answer_to(address: tuple[str, int, subprocess.Popen[str]], content: bytes) -> bytes:
    with socket.create_connection(address[:2], timeout=120) as connection:
        connection.sendall(content)
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        return received


@pytest.mark.integration
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 100_000, b"400"),
        (b'{"dataframe_records":' + b'[{"a":' * 50_000, b"400"),
        (b'{"dataframe_split": {"columns": ["LotArea"], "data": [[' + b"9" * 100_000 + b"]]}}", b"400"),
        (b'{"dataframe_records": [{"LotArea": NaN}]}', b"400"),
        (b'{"dataframe_records": [{"LotArea": 1e999}]}', b"400"),
        (b"\xff\xfe", b"400"),
        (b"", b"400"),
    ],
    ids=["deep lists", "deep objects", "huge number", "NaN", "infinity", "no UTF-8", "empty"],
)
def test_what_an_attacker_sends_gets_a_4xx_without_a_trace(
    address: tuple[str, int, subprocess.Popen[str]], body: bytes, status: bytes
) -> None:
    answer = answer_to(address, HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)

    assert answer.split(b" ", 2)[1] == status
    assert b"Traceback" not in answer
    assert len(answer) < 2000


@pytest.mark.integration
def test_a_huge_body_is_refused_before_it_is_sent(address: tuple[str, int, subprocess.Popen[str]]) -> None:
    answer = answer_to(address, HEAD + f"Content-Length: {MAX_BODY_BYTES + 1}\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.slow
@pytest.mark.integration
def test_the_real_server_responds_408_to_a_stalled_body(
    address: tuple[str, int, subprocess.Popen[str]],
) -> None:
    answer = answer_to(address, HEAD + b'Content-Length: 100\r\n\r\n{"dataframe')

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer.lower()
