"""A limit on how many calls run at the same time, with a bounded queue before it."""

import asyncio
from types import TracebackType

from upstream_resilience.errors import UPSTREAM, Overloaded, UpstreamUnavailable


class Bulkhead:
    """Lets ``limit`` calls in; ``max_waiting`` more wait their turn for a while, the rest is refused at once.

    A connection pool must never have more callers than connections: a caller that is cancelled while it waits inside
    the pool can leave its slot taken for ever.

    Args:
        limit: how many calls run at the same time.
        max_waiting: how many may wait.
        wait_seconds: how long one waits at most.
        upstream: what errors call the upstream.
    """

    def __init__(
        self, limit: int, max_waiting: int, wait_seconds: float | None = None, *, upstream: str = UPSTREAM
    ) -> None:
        self._slots = asyncio.Semaphore(limit)
        self._max_waiting = max_waiting
        self._wait_seconds = wait_seconds
        self._upstream = upstream
        self.waiting = 0

    async def __aenter__(self) -> None:
        if not self._slots.locked():
            await self._slots.acquire()
            return
        if self.waiting >= self._max_waiting:
            raise Overloaded(f"{self.waiting} are waiting already")
        self.waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._slots.acquire()
        except TimeoutError as error:
            raise UpstreamUnavailable("no connection was free", "pool_timeout", upstream=self._upstream) from error
        finally:
            self.waiting -= 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._slots.release()
