"""How long the model itself computes for one row, where its server says so."""

import re
from statistics import median

import httpx

from housing_price.readiness import loopback_client

_QUESTIONS = 50
_DURATION = re.compile(r"\bmodel;(?:.*;)?dur=([0-9.]+)")


async def model_ms_of_one_row(url: str, row: bytes) -> float | None:
    """The median that the server's `Server-Timing` tells for one row; None where it tells nothing."""
    headers = {"content-type": "application/json", "server-timing": "true"}
    try:
        async with loopback_client() as client:
            answers = [await client.post(f"{url}/invocations", content=row, headers=headers) for _ in range(_QUESTIONS)]
    except httpx.HTTPError:
        return None
    told = [duration for answer in answers if (duration := model_ms(answer)) is not None]
    return median(told) if told else None


def model_ms(answer: httpx.Response) -> float | None:
    """What one answer tells."""
    found = _DURATION.search(answer.headers.get("server-timing", ""))
    return float(found[1]) if found else None
