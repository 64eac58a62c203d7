"""How many calls the server computes at once, and how long each takes; the others queue."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable


class Capacity:
    """Schedules each call when it arrives, so that the throughput is exact even with late timers.

    A call keeps its turn when its caller disconnects, as in a server that computes without looking.

    Args:
        seconds_a_call: how long a call takes; 0 for a server without limit.
        at_once: how many run at the same time.
        now: a clock, in seconds.
        sleep: waits for a number of seconds.
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
        """Wait for a turn, and then for the time of the call."""
        if not self._seconds_a_call:
            return
        now = self._now()
        ends = max(now, self._free_at[0]) + self._seconds_a_call
        heapq.heapreplace(self._free_at, ends)
        await self._sleep(ends - now)
