"""HTTP as an attacker sends it, to the real process: each a documented answer."""

import gzip
import json
import re
import socket
import zlib

import httpx
import pytest
from attacked_service import JSON, SINGLE, Service, code, service
from house_record import example_document
from price_routes import BATCH

__all__ = ["service"]  # a fixture, in force because it is here

pytestmark = pytest.mark.resilience

HOUSE = json.dumps(example_document()).encode()
UNSUPPORTED = (415, "UNSUPPORTED_MEDIA_TYPE")
ENCODINGS = ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x-unknown", "GZIP", "identity, gzip"]
TYPES = ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "json", "\xff"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("route", [SINGLE, BATCH])
def test_r31_no_encoded_body_is_read(service: Service, encoding: str, route: str) -> None:
    bombs = {"gzip": gzip.compress(b" " * 50_000_000), "deflate": zlib.compress(b" " * 50_000_000)}
    answer = service[0].post(route, content=bombs.get(encoding, HOUSE), headers=JSON | {"content-encoding": encoding})

    assert code(answer) == UNSUPPORTED


def test_r31_a_second_encoding_header_hides_nothing(service: Service) -> None:
    for encodings in (("gzip", "identity"), ("identity", "gzip")):
        headers = [("content-type", "application/json"), *(("content-encoding", name) for name in encodings)]
        assert code(service[0].post(SINGLE, content=HOUSE, headers=headers)) == UNSUPPORTED


@pytest.mark.parametrize("media_type", TYPES)
def test_a_body_that_is_not_declared_as_json_is_not_read(service: Service, media_type: str) -> None:
    answer = service[0].post(SINGLE, content=HOUSE, headers={b"content-type": media_type.encode("latin-1")})

    assert code(answer) == UNSUPPORTED


def raw(client: httpx.Client, request: bytes) -> bytes:
    """What comes back for raw bytes until the connection ends."""
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=120) as connection:
        connection.sendall(request)
        answer = b""
        try:
            while received := connection.recv(65536):
                answer += received
        except ConnectionResetError:
            pass  # what was sent was not read to its end
        return answer


def head(*fields: bytes) -> bytes:
    lines = [
        b"POST /api/v1/price/predict HTTP/1.1",
        b"host: localhost",
        b"connection: close",
        b"content-type: application/json",
    ]
    return b"\r\n".join([*lines, *fields, b"", b""])


LENGTH = b"content-length: %d" % len(HOUSE)


CHUNKED = b"transfer-encoding: chunked"
REQUESTS: dict[str, tuple[bytes, int]] = {
    "a negative length": (head(b"content-length: -1") + HOUSE, 400),
    "a length with a sign": (head(b"content-length: +5") + HOUSE, 400),
    "a hexadecimal length": (head(b"content-length: 0x10") + HOUSE, 400),
    "a length of 30 digits": (head(b"content-length: " + b"9" * 30) + HOUSE, 400),
    "a length of 99 GB": (head(b"content-length: 99999999999") + HOUSE, 413),
    "two lengths": (head(LENGTH, b"content-length: 5") + HOUSE, 400),
    "the same length twice": (head(LENGTH, LENGTH) + HOUSE, 400),
    "a length and chunks": (head(LENGTH, CHUNKED) + b"0\r\n\r\n", 400),
    "chunks and a length": (head(CHUNKED, LENGTH) + b"0\r\n\r\n", 400),
    "zipped chunks": (head(b"transfer-encoding: gzip, chunked") + b"0\r\n\r\n", 415),
    "a coding after chunks": (head(b"transfer-encoding: chunked, identity") + b"0\r\n\r\n", 400),
    "a chunk's size that is not a number": (head(CHUNKED) + b"zz\r\n", 400),
    "a chunk's negative size": (head(CHUNKED) + b"-1\r\n", 400),
    "a chunk's size of 20 digits": (head(CHUNKED) + b"f" * 20 + b"\r\n", 400),
    "6 MiB in one chunk": (head(CHUNKED) + b"600000\r\n" + b" " * 0x600000 + b"\r\n0\r\n\r\n", 413),
    "chunks of a byte": (head(CHUNKED) + b"1\r\n \r\n" * 30_000, 400),
    "a chunk's endless extension": (head(CHUNKED) + b"1;" + b"x" * 100_000 + b"\r\n", 408),
    "a flood of trailers": (head(CHUNKED) + b"0\r\n" + b"x: y\r\n" * 100_000 + b"\r\n", 431),
    "a blank in a header's name": (head(LENGTH, b"x y: z") + HOUSE, 400),
    "a null byte in a header": (head(LENGTH, b"x: a\x00b") + HOUSE, 400),
    "a flood of headers": (head(LENGTH, *(b"x%d: y" % number for number in range(20_000))) + HOUSE, 431),
    "a header of 100 kB": (head(LENGTH, b"x: " + b"y" * 100_000) + HOUSE, 431),
    "a body without its end": (head(LENGTH) + HOUSE[:-5], 408),
    "chunks without an end": (head(CHUNKED) + b"5\r\n{", 408),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_hostile_http_is_one_documented_answer_and_the_end_of_the_connection(service: Service, name: str) -> None:
    request, status = REQUESTS[name]
    answer = raw(service[0], request)

    assert answer.startswith(b"HTTP/1.1 %d " % status), answer[:300]
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"application/problem+json" in answer


JAVA = (
    b"POST /api/v1/price/predict HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    b"Content-Length: %d\r\nHost: 127.0.0.1:8080\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
    b"Upgrade: h2c\r\nUser-Agent: Java-http-client/17.0.16\r\ncontent-type: application/json\r\n\r\n"
) % len(HOUSE)
"""What `java.net.http.HttpClient` sends by default."""

LAST = b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"


def test_the_default_client_of_java_gets_its_price_and_keeps_its_connection(service: Service) -> None:
    answer = raw(service[0], JAVA + HOUSE + JAVA + HOUSE + LAST)

    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert answer.count(b'"predictedPrice"') == 2


@pytest.mark.parametrize("fields", [b"", b"Connection: keep-alive\r\n"])
def test_http_1_0_gets_its_price(service: Service, fields: bytes) -> None:
    request = b"POST /api/v1/price/predict HTTP/1.0\r\n" + fields + b"content-type: application/json\r\n" + LENGTH
    answer = raw(service[0], request + b"\r\n\r\n" + HOUSE)

    assert answer.startswith(b"HTTP/1.1 200")


HIDDEN = b"DELETE /api/v1/price/predict HTTP/1.1\r\nhost: localhost\r\n\r\n"
ENDINGS: dict[str, tuple[bytes, list[bytes]]] = {
    "garbage": (b"\x00garbage\r\n\r\n", [b"200", b"400"]),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", [b"200", b"400"]),
    "two hosts": (b"GET / HTTP/1.1\r\nhost: localhost\r\nhost: y\r\n\r\n", [b"200", b"400"]),
    "HTTP/2.0": (b"GET / HTTP/2.0\r\nhost: localhost\r\n\r\n", [b"200", b"400"]),
    "a body that stops": (head(LENGTH).replace(b"/predict", b"/nothing") + HOUSE[:-5], [b"200", b"404"]),
    "a hidden request": (
        head(b"connection: upgrade", b"upgrade: h2c", b"content-length: %d" % len(HIDDEN)) + HIDDEN,
        [b"200", b"422"],
    ),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_a_request_before_a_broken_one_is_answered_and_the_connection_ends(service: Service, name: str) -> None:
    request, statuses = ENDINGS[name]
    answer = raw(service[0], LAST.replace(b"connection: close\r\n", b"") + request)

    assert re.findall(rb"HTTP/1\.1 (\d{3}) ", answer) == statuses


CHUNKED_HEAD = (
    b"POST /api/v1/price/predict HTTP/1.1\r\nhost: localhost\r\n"
    b"content-type: application/json\r\ntransfer-encoding: chunked\r\n"
)


def test_trailers_are_no_headers(service: Service) -> None:
    body = b"%x\r\n%b\r\n" % (len(HOUSE), HOUSE)
    request = CHUNKED_HEAD + b"connection: close\r\n\r\n" + body + b"0\r\nX-Request-ID: from-a-trailer\r\n\r\n"

    answer = raw(service[0], request)

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"from-a-trailer" not in answer


@pytest.mark.parametrize("endless", [b"0\r\nX: ", b"1;x="])
def test_r31_a_trailer_or_a_chunk_extension_without_an_end_ends_the_connection(
    service: Service, endless: bytes
) -> None:
    client, process = service
    before = process.memory_info().rss

    raw_until_it_ends(client, CHUNKED_HEAD + b"\r\n" + endless, b"a" * 65536, times=1000)

    assert process.memory_info().rss - before < 20_000_000
    assert client.get("/health").status_code == 200


def raw_until_it_ends(client: httpx.Client, start: bytes, more: bytes, *, times: int) -> None:
    """Send more and more, which must not be possible so often."""
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=120) as connection:
        connection.sendall(start)
        with pytest.raises(OSError):  # noqa: PT011  a reset or a broken pipe, as the system sees it
            connection.sendall(more * times)
