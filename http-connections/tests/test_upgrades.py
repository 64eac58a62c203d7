"""A client that asks for another protocol gets its response in this one, and its body is read."""

import pytest
from unwired_connection import Application, Connection

BODY = b'{"lotArea": 8450}'
LENGTH = b"content-length: %d" % len(BODY)
CHUNKS = b"5\r\n" + BODY[:5] + b"\r\n%x\r\n" % (len(BODY) - 5) + BODY[5:] + b"\r\n0\r\n\r\n"

UPGRADES: dict[str, list[bytes]] = {
    "the HttpClient of Java": [
        b"Connection: Upgrade, HTTP2-Settings",
        b"Upgrade: h2c",
        b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
    ],
    "curl": [b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAoAAA"],
    "a websocket": [b"Connection: keep-alive, Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13"],
    "TLS": [b"upgrade: TLS/1.3", b"CONNECTION: UPGRADE"],
    "an empty name": [b"Connection: upgrade", b"Upgrade: "],
    "two protocols": [b"Connection: upgrade", b"Upgrade: foo/1, h2c", b"Connection: keep-alive"],
}


def request(*fields: bytes, method: bytes = b"POST", version: bytes = b"1.1") -> bytes:
    return b"\r\n".join([method + b" /price HTTP/" + version, b"Host: x", *fields, b"", b""])


@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
@pytest.mark.parametrize("framing", [(LENGTH, BODY), (b"transfer-encoding: chunked", CHUNKS)], ids=["length", "chunks"])
@pytest.mark.parametrize("name", UPGRADES)
async def test_a_body_survives_an_upgrade_header(name: str, framing: tuple[bytes, bytes], size: int) -> None:
    app = Application()
    connection = Connection(app)
    data = request(*UPGRADES[name], framing[0]) + framing[1]
    data += request(framing[0]) + framing[1]  # the connection goes on

    await connection.send(*(data[start : start + size] for start in range(0, len(data), size)))

    assert app.seen == [("POST", "/price", BODY)] * 2
    assert connection.statuses() == [200, 200]
    assert not connection.wire.is_ended


@pytest.mark.parametrize("framing", ["length", "chunks"])
async def test_a_body_behind_an_upgrade_never_becomes_a_request(framing: str) -> None:
    app = Application()
    connection = Connection(app)
    hidden = request(method=b"DELETE")
    field = b"content-length: %d" % len(hidden) if framing == "length" else b"transfer-encoding: chunked"
    body = hidden if framing == "length" else b"%x\r\n%b\r\n0\r\n\r\n" % (len(hidden), hidden)

    await connection.send(request(*UPGRADES["curl"], field) + body)

    assert app.seen == [("POST", "/price", hidden)]


async def test_requests_without_a_body_that_ask_for_upgrades_are_answered_in_turn() -> None:
    app = Application()
    connection = Connection(app)
    once = request(*UPGRADES["a websocket"], method=b"GET")

    await connection.send(once * 3 + request(method=b"GET"))

    assert app.seen == [("GET", "/price", b"")] * 4
    assert connection.statuses() == [200] * 4


async def test_a_request_with_an_upgrade_and_close_ends_the_connection() -> None:
    connection = Connection(app := Application())

    await connection.send(request(b"Connection: upgrade, close", b"Upgrade: h2c", LENGTH) + BODY)

    assert app.seen == [("POST", "/price", BODY)]
    assert connection.wire.is_ended


async def test_an_upgrade_waits_for_100_continue_and_then_sends_its_body() -> None:
    connection = Connection(app := Application())

    sent = await connection.send(request(*UPGRADES["curl"], LENGTH, b"Expect: 100-continue"))
    assert sent == b"HTTP/1.1 100 Continue\r\n\r\n"
    await connection.send(BODY)

    assert app.seen == [("POST", "/price", BODY)]


@pytest.mark.parametrize("fields", [(), (b"Connection: keep-alive",)], ids=["plain", "keep-alive"])
async def test_http_1_0_is_answered_and_closed(fields: tuple[bytes, ...]) -> None:
    connection = Connection(app := Application())

    await connection.send(request(*fields, LENGTH, version=b"1.0").replace(b"Host: x\r\n", b"") + BODY)

    assert app.seen == [("POST", "/price", BODY)]
    assert connection.wire.is_ended


@pytest.mark.parametrize("framing", [(LENGTH, b"content-length: 3"), (LENGTH, b"transfer-encoding: chunked")])
async def test_an_upgrade_does_not_hide_a_contradictory_framing(framing: tuple[bytes, ...]) -> None:
    connection = Connection(app := Application())

    await connection.send(request(*UPGRADES["curl"], *framing) + BODY)

    assert (connection.statuses(), app.seen) == ([400], [])


async def test_what_follows_connect_is_no_request() -> None:
    connection = Connection(app := Application())

    await connection.send(request(method=b"CONNECT") + request())

    assert [method for method, _, _ in app.seen] == ["CONNECT"]
    assert connection.wire.is_ended


async def test_the_preface_of_http_2_is_refused() -> None:
    connection = Connection(Application())

    await connection.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

    assert connection.statuses() == [400]
    assert connection.wire.is_ended
