"""What of a head is refused, and what is trimmed."""

import pytest
from http_connections.head_rules import fault_of_head
from unwired_connection import RULES, Application, Connection

HOSTS = ["x", "example.com:8000", "127.0.0.1", "[::1]:80", "my_service.", "", "localhost:"]
NO_HOSTS = ["a b", "a/b", "user@x", "x:80:80", "x:port", "\xff", "a,b c", "[::1", "http://x"]


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_with_or_without_a_port_is_accepted(host: str) -> None:
    assert fault_of_head("1.1", [(b"host", host.encode("latin-1"))]) is None


@pytest.mark.parametrize("host", NO_HOSTS)
def test_what_is_not_a_host_is_refused(host: str) -> None:
    assert "not a host" in (fault_of_head("1.1", [(b"host", host.encode("latin-1"))]) or "")


@pytest.mark.parametrize("hosts", [[b"x", b"x"], [b"x", b"y"], [b"", b"x"]])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_two_hosts_are_refused(hosts: list[bytes], version: str) -> None:
    assert "more than one Host" in (fault_of_head(version, [(b"host", host) for host in hosts]) or "")


def test_a_host_is_needed_by_http_1_1_alone() -> None:
    assert fault_of_head("1.0", []) is None
    assert "no Host" in (fault_of_head("1.1", [(b"x-host", b"x")]) or "")


@pytest.mark.parametrize("version", ["HTTP/2.0", "HTTP/0.9", "HTTP/3.0", "HTTP/1", "ICE/1.0"])
async def test_other_versions_are_refused(version: str) -> None:
    connection = Connection(Application())

    await connection.send(b"GET / %b\r\nHost: x\r\n\r\n" % version.encode())

    assert connection.statuses() == [400]
    assert connection.wire.is_ended


@pytest.mark.parametrize("name", [b"X-API-Key", b"Authorization", b"Content-Type", b"X-Request-Timeout-Ms", b"Host"])
@pytest.mark.parametrize(("before", "after"), [(b" ", b" "), (b"", b" \t "), (b"\t", b"\t"), (b"", b"")])
async def test_blanks_around_a_header_are_no_part_of_it(name: bytes, before: bytes, after: bytes) -> None:
    connection = Connection(app := Application())
    host = b"" if name == b"Host" else b"Host: x\r\n"

    await connection.send(b"GET / HTTP/1.1\r\n" + host + name + b":" + before + b"a" + after + b"\r\n\r\n")

    assert (name.lower(), b"a") in app.scopes[0]["headers"]


@pytest.mark.parametrize(
    "head",
    [b"GET /" + b"a" * 5000, b"GET / HTTP/1.1\r\nX: " + b"a" * 5000, b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 3000],
    ids=["path", "header", "headers"],
)
@pytest.mark.parametrize("size", [100, 100_000])
async def test_a_head_that_is_too_large_is_refused(head: bytes, size: int) -> None:
    connection = Connection(Application())

    await connection.send(*(head[start : start + size] for start in range(0, len(head), size)), b"a" * 5000)

    assert connection.statuses() == [431]


async def test_a_head_in_parts_may_be_as_large_as_one_that_comes_at_once() -> None:
    connection = Connection(Application())
    head = b"GET / HTTP/1.1\r\nHost: x\r\n" + b"abcdefgh: ijklmnop\r\n" * (RULES.max_head_bytes // 20 - 5) + b"\r\n"

    await connection.send(*(head[start : start + 500] for start in range(0, len(head), 500)))

    assert connection.statuses() == [200]
