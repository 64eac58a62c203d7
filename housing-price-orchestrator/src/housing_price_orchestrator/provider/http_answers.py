"""Reads the answer of an HTTP call: no more of it than is wanted, and whether its server was there at all."""

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


def unavailable(response: httpx.Response) -> UpstreamUnavailable:
    """The error for a status that says that nobody is there to answer."""
    wait = _wait_seconds(response.headers.get("retry-after", ""))
    return UpstreamUnavailable(f"it answered with status {response.status_code}", "status", wait)


UNAVAILABLE = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
"""Such statuses."""


def _wait_seconds(retry_after: str) -> float | None:
    """The seconds of a header ``Retry-After`` (RFC 9110); a date there is not understood, nor is nonsense."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 10 else None
