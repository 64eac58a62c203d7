"""Asks several servers whether they are well; one that is suffices."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from housing_price_orchestrator.errors import OrchestratorError
from housing_price_orchestrator.resilience.deadline import deadline

type Ping = Callable[[], Awaitable[None]]


async def first_answer(pings: Sequence[Ping], seconds: float) -> None:
    """Return as soon as one of the servers is well.

    Args:
        pings: one a server; each returns where it is well, and raises where it is not.
        seconds: time in which one must answer.

    Raises:
        OrchestratorError: if none is.
    """
    error: OrchestratorError | None = None
    asked = [asyncio.ensure_future(_punctual(ping, seconds)) for ping in pings]
    try:
        for answer in asyncio.as_completed(asked):
            try:
                await answer
            except OrchestratorError as reason:
                error = reason
            else:
                return
    finally:
        for ping in asked:
            ping.cancel()
    if error:
        raise error


async def _punctual(ping: Ping, seconds: float) -> None:
    async with deadline(seconds):
        await ping()
