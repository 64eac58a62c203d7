"""Shares one call among concurrent callers."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context

from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import DeadlineExceeded


class SingleFlight[Answer]:
    """Concurrent callers share one call and its result.

    Args:
        call: makes the call, within the deadline that it is given.
        seconds: how long it may take; who can wait for less has a deadline of its own.
    """

    def __init__(self, call: Callable[[Deadline], Awaitable[Answer]], seconds: float) -> None:
        self._call = call
        self._seconds = seconds
        self._flight: asyncio.Task[Answer] | None = None

    async def __call__(self) -> Answer:
        """Return the answer.

        Raises:
            DeadlineExceeded: if it takes too long.
            UpstreamError: if there is none.
        """
        if self._flight is not None:
            # That call began earlier, so when its time is up, this caller may have some left.
            with suppress(DeadlineExceeded):
                return await _result_of(self._flight)
        return await _result_of(self._flight or self._start())

    def _start(self) -> asyncio.Task[Answer]:
        # In a context of its own: it is no part of the request that happened to come first.
        flight = self._flight = asyncio.create_task(self._call_in_time(), context=Context())
        flight.add_done_callback(self._land)
        return flight

    async def _call_in_time(self) -> Answer:
        deadline = Deadline.after(self._seconds)
        async with deadline.limit():
            return await self._call(deadline)

    def _land(self, flight: asyncio.Task[Answer]) -> None:
        self._flight = None
        if not flight.cancelled():
            flight.exception()  # whoever still waits raises it; that nobody does is no mistake


async def _result_of[Answer](flight: asyncio.Task[Answer]) -> Answer:
    await asyncio.wait([flight])  # which leaves it running when this caller is cancelled
    return flight.result()
