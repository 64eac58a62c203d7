"""One time limit over everything that a request needs, whatever its parts do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from housing_price_orchestrator.errors import DeadlineExceeded


@asynccontextmanager
async def deadline(seconds: float) -> AsyncIterator[None]:
    """End the body of the ``async with`` when its time is up.

    A timer of its own, since the time limits of an HTTP client hold per socket operation: an upstream that
    drips a byte a second would never meet one.

    Raises:
        DeadlineExceeded: if the body took longer.
    """
    timer = asyncio.timeout(seconds)
    try:
        async with timer:
            yield
    except TimeoutError as error:
        if not timer.expired():
            raise
        raise DeadlineExceeded(seconds) from error
