"""Reads the responses of HTTP calls within a bound, and tells whether a server was there to answer at all."""

import time
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from upstream_resilience.errors import UPSTREAM, BadUpstreamAnswer, UpstreamUnavailable

UNAVAILABLE_STATUSES = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
"""Statuses that say that nobody is there to answer."""


async def read_bounded(response: httpx.Response, max_bytes: int, *, upstream: str = UPSTREAM) -> bytes:
    """Read the body of a response.

    Raises:
        BadUpstreamAnswer: if it is compressed, or larger than that.
    """
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise BadUpstreamAnswer("it is compressed, which was not asked for", upstream=upstream)
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise BadUpstreamAnswer(f"it is larger than {max_bytes:,} bytes", upstream=upstream)
    return bytes(body)


def unavailable_error(
    response: httpx.Response, now: Callable[[], float] = time.time, *, upstream: str = UPSTREAM
) -> UpstreamUnavailable:
    """Return the error for a status that says that nobody is there to answer.

    Args:
        response: the response.
        now: the clock (seconds since 1970) by which a date in ``Retry-After`` is a time to wait.
        upstream: what the error calls the upstream.
    """
    wait = _wait_seconds(response.headers.get("retry-after", ""), now)
    return UpstreamUnavailable(f"it answered with status {response.status_code}", "status", wait, upstream=upstream)


def _wait_seconds(retry_after: str, now: Callable[[], float]) -> float | None:
    """The seconds of a header ``Retry-After`` (RFC 9110), or until the date there; None for nonsense."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after) if len(retry_after) < 10 else None
    try:
        date = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):  # the latter for a time zone beyond all bounds
        return None
    # Two of the three forms of a date name no time zone that Python knows: all are in UTC.
    return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now())
