"""Translates what an HTTP client raises into our errors: the one place that knows both."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import httpx

from housing_price_orchestrator.errors import BadModelAnswer, ModelError, ModelUnavailable

_UNAVAILABLE: dict[type[Exception], str] = {
    httpx.ConnectTimeout: "no connection could be made in time, or it was lost before an answer",
    httpx.ConnectError: "the connection was refused",
    httpx.PoolTimeout: "no connection was free",
    httpx.ReadTimeout: "it did not answer in time",
    httpx.WriteTimeout: "it did not take the request in time",
    httpx.WriteError: "the connection was lost",
    httpx.CloseError: "the connection was lost",
    httpx.ProxyError: "the proxy before it failed",
    httpx.UnsupportedProtocol: "its address is no HTTP address",
    httpx.TimeoutException: "it did not answer in time",
    httpx.TransportError: "the connection failed",
}
_BAD_ANSWER: dict[type[Exception], str] = {
    httpx.ReadError: "the answer ends too early",
    httpx.ProtocolError: "the answer is no HTTP",
    httpx.HTTPError: "the answer is no HTTP",
    aiohttp.ClientError: "the answer is no HTTP",
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise our errors in place of the HTTP client's.

    Raises:
        ModelUnavailable: if there was no answer.
        BadModelAnswer: if the answer is broken.
    """
    try:
        yield
    except (httpx.HTTPError, aiohttp.ClientError) as error:
        raise translation(error) from error


def translation(error: Exception) -> ModelError:
    """Our error for one of the HTTP client's, by its nearest class in the tables."""
    if _is_refused(error):
        return ModelUnavailable("the connection was refused", is_refused=True)
    for kind in type(error).__mro__:
        if kind in _BAD_ANSWER:
            return BadModelAnswer(_BAD_ANSWER[kind])
        if kind in _UNAVAILABLE:
            return ModelUnavailable(_UNAVAILABLE[kind])
    raise TypeError(f"{type(error).__name__} is no error of an HTTP client") from error


def _is_refused(error: BaseException | None) -> bool:
    # The transport calls a refused connection a timeout; what it was stands in the chain of causes.
    while error is not None:
        if isinstance(error, ConnectionRefusedError) or isinstance(
            getattr(error, "os_error", None), ConnectionRefusedError
        ):
            return True
        error = error.__cause__
    return False
