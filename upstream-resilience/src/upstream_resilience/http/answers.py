"""Reads the answer of an HTTP call: no more of it than is wanted, and whether its server was there at all."""

import time
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx
from housing_price_orchestrator.errors import BadUpstreamAnswer, UpstreamUnavailable


async def bounded(response: httpx.Response, max_bytes: int) -> bytes:
    """The bytes of an answer.

    Raises:
        BadUpstreamAnswer: if it is compressed, or larger.
    """
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise BadUpstreamAnswer("it is compressed, which was not asked for")
    answer = bytearray()
    async for chunk in response.aiter_bytes():
        answer += chunk
        if len(answer) > max_bytes:
            raise BadUpstreamAnswer(f"it is larger than {max_bytes:,} bytes")
    return bytes(answer)


def unavailable(response: httpx.Response, now: Callable[[], float] = time.time) -> UpstreamUnavailable:
    """The error for a status that says that nobody is there to answer.

    Args:
        response: the answer.
        now: the clock (seconds since 1970) by which a date in its ``Retry-After`` is a time to wait.
    """
    wait = _wait_seconds(response.headers.get("retry-after", ""), now)
    return UpstreamUnavailable(f"it answered with status {response.status_code}", "status", wait)


UNAVAILABLE = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
"""Such statuses."""


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
