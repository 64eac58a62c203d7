"""Every error of the HTTP client has its translation."""

import aiohttp
import httpx
import pytest
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamError, UpstreamUnavailable
from upstream_resilience.http.errors import translate, translate_errors


def leaves(kind: type[Exception]) -> list[type[Exception]]:
    below = [other for other in kind.__subclasses__() if other.__module__.startswith(("httpx", "aiohttp"))]
    return [kind, *(leaf for other in below for leaf in leaves(other))]


@pytest.mark.parametrize("kind", [*leaves(httpx.HTTPError), *leaves(aiohttp.ClientError)])
def test_every_error_of_the_client_is_one_of_ours(kind: type[Exception]) -> None:
    error = kind.__new__(kind)

    assert isinstance(translate(error), UpstreamError)


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        (httpx.ConnectError, UpstreamUnavailable),
        (httpx.ConnectTimeout, UpstreamUnavailable),
        (httpx.PoolTimeout, UpstreamUnavailable),
        (httpx.ReadError, BadUpstreamAnswer),
        (httpx.RemoteProtocolError, BadUpstreamAnswer),
        (aiohttp.ClientResponseError, BadUpstreamAnswer),
    ],
)
def test_no_answer_is_unavailable_and_a_broken_one_is_bad(kind: type[Exception], ours: type[Exception]) -> None:
    assert type(translate(kind.__new__(kind))) is ours


def test_other_errors_are_left_alone() -> None:
    with pytest.raises(ZeroDivisionError), translate_errors():
        raise ZeroDivisionError

    with pytest.raises(TypeError, match="no error of an HTTP client"):
        translate(ZeroDivisionError())
