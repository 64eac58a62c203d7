"""Translates what an HTTP client raises into our errors: the one place that knows both.

The transport calls most failures before an answer a timeout of the connection; what one was stands in the chain of
its causes.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import httpx
from housing_price_orchestrator.errors import BadUpstreamAnswer, Cause, UpstreamError, UpstreamUnavailable

_UNAVAILABLE: dict[type[BaseException], tuple[str, Cause]] = {
    ConnectionRefusedError: ("the connection was refused", "refused"),
    aiohttp.ConnectionTimeoutError: ("no connection could be made in time", "connect_timeout"),
    aiohttp.SocketTimeoutError: ("it did not answer in time", "read_timeout"),
    aiohttp.ClientConnectorError: ("no connection could be made", "connection"),
    aiohttp.ServerDisconnectedError: ("the connection was lost before an answer", "reset"),
    aiohttp.ClientOSError: ("the connection was lost before an answer", "reset"),
    aiohttp.ClientConnectionError: ("the connection was lost before an answer", "reset"),
    httpx.ConnectTimeout: ("no connection could be made in time", "connect_timeout"),
    httpx.ConnectError: ("no connection could be made", "connection"),
    httpx.PoolTimeout: ("no connection was free", "pool_timeout"),
    httpx.ReadTimeout: ("it did not answer in time", "read_timeout"),
    httpx.WriteTimeout: ("it did not take the request in time", "read_timeout"),
    httpx.TimeoutException: ("it did not answer in time", "read_timeout"),
    httpx.WriteError: ("the connection was lost before an answer", "reset"),
    httpx.CloseError: ("the connection was lost before an answer", "reset"),
    httpx.ProxyError: ("the proxy before it failed", "connection"),
    httpx.UnsupportedProtocol: ("its address is no HTTP address", "connection"),
    httpx.TransportError: ("the connection failed", "connection"),
}
_BAD_ANSWER: dict[type[BaseException], str] = {
    httpx.ReadError: "the answer ends too early",
    httpx.ProtocolError: "the answer is no HTTP",
    httpx.HTTPError: "the answer is no HTTP",
    aiohttp.ClientError: "the answer is no HTTP",
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise our errors in place of the HTTP client's, until the answer begins.

    Raises:
        UpstreamUnavailable: if there was no answer.
        BadUpstreamAnswer: if what came is no answer.
    """
    try:
        yield
    except (httpx.HTTPError, aiohttp.ClientError) as error:
        raise translation(error) from error


@contextmanager
def translated_in_answer() -> Iterator[None]:
    """The same, once the answer has begun: it is a broken one then, and asking again is nobody's business.

    Raises:
        BadUpstreamAnswer: if the rest of the answer did not come.
    """
    try:
        yield
    except (httpx.HTTPError, aiohttp.ClientError) as error:
        raise BadUpstreamAnswer("the answer ends too early") from error


def translation(error: Exception) -> UpstreamError:
    """Our error for one of the HTTP client's: by the deepest cause that the tables know, and its nearest class."""
    chain = list(_causes(error))
    for cause in reversed(chain):
        for kind in type(cause).__mro__:
            if kind in _UNAVAILABLE:
                return UpstreamUnavailable(*_UNAVAILABLE[kind])
            if kind in _BAD_ANSWER and cause is error:
                return BadUpstreamAnswer(_BAD_ANSWER[kind])
    raise TypeError(f"{type(error).__name__} is no error of an HTTP client") from error


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        # aiohttp keeps the error of the operating system beside the chain.
        error = error.__cause__ or getattr(error, "os_error", None)
