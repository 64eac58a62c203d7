"""A limit on how many calls run at the same time, with a bounded queue before it."""

import asyncio
from types import TracebackType

from housing_price_orchestrator.errors import Overloaded


class Bulkhead:
    """Lets ``limit`` calls in; ``max_waiting`` more wait their turn, the rest is refused at once.

    A connection pool must never be asked by more callers than it has connections: a caller that is cancelled
    while it waits inside the pool can leave its slot taken for ever.
    """

    def __init__(self, limit: int, max_waiting: int) -> None:
        self._slots = asyncio.Semaphore(limit)
        self._max_waiting = max_waiting
        self.waiting = 0

    async def __aenter__(self) -> None:
        if self._slots.locked() and self.waiting >= self._max_waiting:
            raise Overloaded(self.waiting)
        self.waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self.waiting -= 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._slots.release()
