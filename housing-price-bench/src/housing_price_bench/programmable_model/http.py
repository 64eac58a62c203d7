"""The part of HTTP/1.1 that a scoring server needs, on asyncio's streams."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus


class NotHttp(Exception):
    """The input is no HTTP request."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request with its body."""

    method: str
    path: str
    body: bytes
    keeps_alive: bool


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Read the next request of a connection, or None if the caller has closed it.

    Raises:
        NotHttp: if it is invalid, or has a body of unknown length.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError as error:
        raise NotHttp("the head is too large") from error
    request_line, *lines = head[:-4].decode("latin-1").split("\r\n")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    try:
        method, target, _ = request_line.split(" ")
        length = int(fields.get("content-length", "0"))
    except ValueError as error:
        raise NotHttp("the request line or the length is broken") from error
    if "transfer-encoding" in fields:
        raise NotHttp("a body has a Content-Length here")
    try:
        body = await reader.readexactly(length)
    except asyncio.IncompleteReadError:
        return None
    return Request(method, target.partition("?")[0], body, fields.get("connection", "").lower() != "close")


def format_head(status: int, fields: Mapping[str, str]) -> bytes:
    """Format the bytes before the body of a response."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
