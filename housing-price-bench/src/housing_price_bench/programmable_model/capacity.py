"""How much work the server gets done: so many calls at once, each of them so long; the others queue."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable


class Capacity:
    """Plans each call when it arrives, so that the throughput is exact however late timers are.

    A call keeps its turn when its caller leaves, as in a server that notices nothing while it computes.

    Args:
        seconds_a_call: how long a call takes; 0 for a server without limit.
        at_once: how many run at the same time.
        now: a clock, in seconds.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        seconds_a_call: float,
        at_once: int,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._seconds_a_call = seconds_a_call
        self._free_at = [0.0] * at_once
        self._now = now
        self._sleep = sleep

    async def work(self) -> None:
        """Wait for a turn, and for as long as the call takes."""
        if not self._seconds_a_call:
            return
        now = self._now()
        ends = max(now, self._free_at[0]) + self._seconds_a_call
        heapq.heapreplace(self._free_at, ends)
        await self._sleep(ends - now)
