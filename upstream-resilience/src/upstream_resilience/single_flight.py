"""Asks once for all who want to know the same at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context

from upstream_resilience.deadline import deadline
from upstream_resilience.errors import DeadlineExceeded


class SharedAsk[Answer]:
    """Who asks while another does gets the same answer.

    Args:
        ask: what is asked.
        seconds: time in which it must be answered; who may wait less has a deadline of its own.
    """

    def __init__(self, ask: Callable[[], Awaitable[Answer]], seconds: float) -> None:
        self._ask = ask
        self._seconds = seconds
        self._asking: asyncio.Task[Answer] | None = None

    async def __call__(self) -> Answer:
        """The answer.

        Raises:
            DeadlineExceeded: if it takes too long.
            UpstreamError: if there is none.
        """
        if self._asking is not None:
            # It began earlier, so when its time is up, this caller may have some left.
            with suppress(DeadlineExceeded):
                return await _end_of(self._asking)
        return await _end_of(self._asking or self._begun())

    def _begun(self) -> asyncio.Task[Answer]:
        # In a context of its own: it is no part of the request that happened to ask first, nor under its deadline.
        asking = self._asking = asyncio.create_task(self._in_time(), context=Context())
        asking.add_done_callback(self._ended)
        return asking

    async def _in_time(self) -> Answer:
        async with deadline(self._seconds):
            return await self._ask()

    def _ended(self, asking: asyncio.Task[Answer]) -> None:
        self._asking = None
        if not asking.cancelled():
            asking.exception()  # who still waits for it is told; that nobody does is no mistake


async def _end_of[Answer](asking: asyncio.Task[Answer]) -> Answer:
    await asyncio.wait([asking])  # which leaves it running where this caller goes
    return asking.result()
