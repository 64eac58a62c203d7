"""Reads on after a request that asks for another protocol.

A server may ignore `Upgrade` (RFC 9110, 7.8). The parser can't: it stops behind the head, and takes a body for the
other protocol. So another parser continues there, and learns from a short head how the body is framed.
"""

from collections.abc import Iterable
from typing import Protocol

import httptools

_FRAMING = (b"content-length", b"transfer-encoding")


class ParserCallbacks(Protocol):
    """What a parser of requests calls."""

    def on_message_begin(self) -> None: ...
    def on_url(self, url: bytes) -> None: ...
    def on_header(self, name: bytes, value: bytes) -> None: ...
    def on_headers_complete(self) -> None: ...
    def on_chunk_header(self) -> None: ...
    def on_body(self, body: bytes) -> None: ...
    def on_message_complete(self) -> None: ...


class _AfterHead:
    """Passes everything on but the head that tells the parser about the framing."""

    def __init__(self, callbacks: ParserCallbacks) -> None:
        self._callbacks = callbacks
        self._is_behind_head = False
        self.on_chunk_header = callbacks.on_chunk_header
        self.on_body = callbacks.on_body
        self.on_message_complete = callbacks.on_message_complete

    def on_message_begin(self) -> None:
        if self._is_behind_head:
            self._callbacks.on_message_begin()

    def on_url(self, url: bytes) -> None:
        if self._is_behind_head:
            self._callbacks.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._is_behind_head:
            self._callbacks.on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._is_behind_head:
            self._callbacks.on_headers_complete()
        self._is_behind_head = True


def parser_behind_head(callbacks: ParserCallbacks) -> httptools.HttpRequestParser:
    """Return a parser that calls nothing until it has been fed a `framing_head`."""
    return httptools.HttpRequestParser(_AfterHead(callbacks))


def framing_head(version: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return a head with the framing of these headers, whose names are in lower case, and without an upgrade."""
    lines = [b"POST / HTTP/" + version.encode()]
    for name, value in headers:
        if name in _FRAMING:
            lines.append(name + b": " + value)
        elif name == b"connection":
            kept = [token for token in value.split(b",") if token.strip().lower() in (b"close", b"keep-alive")]
            lines.extend(b"connection: " + token.strip() for token in kept)
    return b"\r\n".join([*lines, b"", b""])
