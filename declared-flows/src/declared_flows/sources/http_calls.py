"""HTTP calls of the sources: pooled connections, bounded answers, and our errors instead of the client's."""

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx
from pydantic_core import from_json
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamUnavailable
from upstream_resilience.http.errors import translate_errors, translate_errors_of_body
from upstream_resilience.http.responses import UNAVAILABLE_STATUSES, read_bounded, unavailable_error
from upstream_resilience.http.transport import pooled_transport

from declared_flows.errors import UnusableParams
from declared_flows.sources.port import NO_CALL, Call, SourceContext

_CONNECT_SECONDS = 2.0
_SHAPE = bytes.maketrans(b"E123456789", b"e000000000")
_LARGE_SHAPES = (b"e000", b"0" * 200)
"""How a number looks that may be beyond what a float holds, 308 digits: an exponent of two figures adds 99 to fewer."""

_LARGE_BYTES = 1024 * 1024
"""The size from which on an answer would keep all others waiting while it is read."""

_UNAVAILABLE = (*UNAVAILABLE_STATUSES, HTTPStatus.TOO_MANY_REQUESTS)


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of a server, unless its status means "not now"."""

    status: int
    headers: httpx.Headers
    body: bytes


class HttpCalls:
    """Calls to one server: no redirects, no cookies, no proxies of the environment, nothing made twice.

    Args:
        context: the size of the largest answer.
        connections: how many there may be at the same time.
        connect_seconds: for a name and a connection; the time of the whole call is the step's.
        transport: how the server is reached.
    """

    def __init__(
        self,
        context: SourceContext,
        connections: int,
        connect_seconds: float = _CONNECT_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._context = context
        self._limits = {"timeout": httpx.Timeout(None, connect=connect_seconds).as_dict()}
        self._transport = transport or pooled_transport(connections)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    async def call(
        self,
        method: str,
        url: httpx.URL | str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        call: Call = NO_CALL,
    ) -> Reply:
        """Make a call and return the whole answer.

        Raises:
            UpstreamUnavailable: if there is no answer, or its status is 429, 502, 503 or 504.
            BadUpstreamAnswer: if it breaks off, is too large or is compressed.
            UnusableParams: if a header can't be sent, or the address is too long.
        """
        told = {"accept": "application/json", "accept-encoding": "identity"}
        for more in (call.headers, headers):
            told |= {name.lower(): value for name, value in more.items()}
        _check(told)
        try:
            request = httpx.Request(method, url, headers=told, content=body, extensions=self._limits)
        except httpx.InvalidURL as error:  # all else that an address may be is encoded
            raise UnusableParams("its address would be too long") from error
        with translate_errors():
            response = await self._transport.handle_async_request(request)
        with translate_errors_of_body():
            try:
                answer = await read_bounded(response, self._context.max_answer_bytes)
            finally:
                await response.aclose()
        if response.status_code in _UNAVAILABLE:
            raise unavailable_error(response)
        return Reply(response.status_code, response.headers, answer)


async def read_from[T](body: bytes, read: Callable[[bytes], T]) -> T:
    """What is read from an answer: in a thread where it is large, so that others go on meanwhile."""
    return await asyncio.to_thread(read, body) if len(body) > _LARGE_BYTES else read(body)


def document_of(body: bytes) -> Any:
    """The JSON document of an answer.

    Raises:
        BadUpstreamAnswer: if it is not JSON, or has a number that is not finite.
    """
    try:
        document = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise BadUpstreamAnswer("it is not JSON") from error
    # 1e999 is JSON, and read as infinity.
    if _may_be_too_large(body) and _has_infinity(document):
        raise BadUpstreamAnswer("it holds a number that is too large")
    return document


def _may_be_too_large(body: bytes) -> bool:
    """Whether the text looks as if it had such a number. Linear, whatever the text is: all answers are looked at."""
    shape = body.translate(_SHAPE, b"+")
    return any(large in shape for large in _LARGE_SHAPES)


def _has_infinity(value: Any) -> bool:
    match value:
        case float():
            return not math.isfinite(value)
        case dict():
            return any(map(_has_infinity, value.values()))
        case list():
            return any(map(_has_infinity, value))
    return False


def check_constants(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Headers that a declaration and its secrets give to each call: what is wrong with them is no caller's fault.

    Raises:
        UpstreamUnavailable: if one can't be sent.
    """
    if odd := _unsendable(headers):
        raise UpstreamUnavailable(
            f"the header `{odd}` has a character that no header may have, such as a line break at the end of a secret"
        )
    return headers


def _check(headers: Mapping[str, str]) -> None:
    if odd := _unsendable(headers):
        raise UnusableParams(f"the header `{odd}` has a character that no header may have")


def _unsendable(headers: Mapping[str, str]) -> str | None:
    return next((name for name, value in headers.items() if not (value.isascii() and value.isprintable())), None)
