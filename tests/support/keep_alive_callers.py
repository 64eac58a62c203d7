"""Callers that each keep a connection and ask for the same price again as soon as they have an answer."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from house_record import EXAMPLE
from price_routes import PREDICT

NO_ANSWER = 0

AFTER_FAILURE_SECONDS = 0.01
"""A pause, shorter than any client's: callers that are refused at once would take the cores from what is tested."""

_PATIENCE = aiohttp.ClientTimeout(total=30)


@dataclass(frozen=True)
class Asked:
    """One request: when it was sent (monotonic), how long it took (seconds), status, and the code of an error."""

    at: float
    seconds: float
    status: int
    code: str | None = None


@dataclass
class Callers:
    """All that was asked so far."""

    asked: list[Asked] = field(default_factory=list)

    def since(self, moment: float) -> list[Asked]:
        """What was sent from that moment on."""
        return [each for each in self.asked if each.at >= moment]


def kinds(asked: Iterable[Asked]) -> Counter[tuple[int, str | None]]:
    """How often there was each status with its code."""
    return Counter((each.status, each.code) for each in asked)


@asynccontextmanager
async def calling(url: str, *, connections: int) -> AsyncIterator[Callers]:
    """So many callers for as long as the block lasts; each ends after its present request."""
    seen, is_over = Callers(), asyncio.Event()
    async with (
        aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=0), timeout=_PATIENCE) as session,
        asyncio.TaskGroup() as callers,
    ):
        for _ in range(connections):
            callers.create_task(_call(session, seen, is_over))
        try:
            yield seen
        finally:
            is_over.set()


async def _call(session: aiohttp.ClientSession, seen: Callers, is_over: asyncio.Event) -> None:
    while not is_over.is_set():
        began = time.monotonic()
        status, code = await _ask(session)
        seen.asked.append(Asked(began, time.monotonic() - began, status, code))
        if status != 200:
            await asyncio.sleep(AFTER_FAILURE_SECONDS)


async def _ask(session: aiohttp.ClientSession) -> tuple[int, str | None]:
    try:
        async with session.post(PREDICT, json=dict(EXAMPLE)) as answer:
            document = await answer.json(content_type=None)
            return answer.status, document.get("code")
    except (aiohttp.ClientError, TimeoutError):
        return NO_ANSWER, None
