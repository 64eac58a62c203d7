"""Translates what an HTTP client raises into the errors of this package: the one place that knows both.

The transport reports most failures before a response as a timeout of the connection; what really happened is in the
chain of causes.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import httpx

from upstream_resilience.errors import UPSTREAM, BadUpstreamAnswer, Cause, UpstreamError, UpstreamUnavailable

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
def translate_errors(upstream: str = UPSTREAM) -> Iterator[None]:
    """Raise this package's errors in place of the HTTP client's, until the response begins.

    Raises:
        UpstreamUnavailable: if there was no response.
        BadUpstreamAnswer: if what came is no HTTP response.
    """
    try:
        yield
    except (httpx.HTTPError, aiohttp.ClientError) as error:
        raise translate(error, upstream) from error


@contextmanager
def translate_errors_of_body(upstream: str = UPSTREAM) -> Iterator[None]:
    """Do the same once the response has begun: a broken response is bad, and must not be retried.

    Raises:
        BadUpstreamAnswer: if the rest of the response did not come.
    """
    try:
        yield
    except (httpx.HTTPError, aiohttp.ClientError) as error:
        raise BadUpstreamAnswer("the answer ends too early", upstream=upstream) from error


def translate(error: Exception, upstream: str = UPSTREAM) -> UpstreamError:
    """Return this package's error for one of the HTTP client's: that of the deepest cause that the tables know.

    Raises:
        TypeError: if the error is none of an HTTP client.
    """
    chain = list(_causes(error))
    for cause in reversed(chain):
        for kind in type(cause).__mro__:
            if kind in _UNAVAILABLE:
                return UpstreamUnavailable(*_UNAVAILABLE[kind], upstream=upstream)
            if kind in _BAD_ANSWER and cause is error:
                return BadUpstreamAnswer(_BAD_ANSWER[kind], upstream=upstream)
    raise TypeError(f"{type(error).__name__} is no error of an HTTP client") from error


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        # aiohttp keeps the error of the operating system beside the chain.
        error = error.__cause__ or getattr(error, "os_error", None)
