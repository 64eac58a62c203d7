"""How many calls the server computes at once, and how long each takes; the others queue."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable


class Capacity:
    """Schedules each call when it arrives, so that the throughput is exact even with late timers.

    A call keeps its turn when its caller disconnects, as in a server that computes without looking.

    Args:
        seconds_a_call: how long a call takes, or a function of when it begins and its number that says so; 0 for a
            server without limit.
        at_once: how many run at the same time.
        now: a clock, in seconds.
        sleep: waits for a number of seconds.
    """

    def __init__(
        self,
        seconds_a_call: float | Callable[[float, int], float],
        at_once: int,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._seconds_a_call = seconds_a_call
        self._free_at = [0.0] * at_once
        self._calls = 0
        self._now = now
        self._sleep = sleep

    async def work(self) -> None:
        """Wait for a turn, and then for the time of the call."""
        if not self._seconds_a_call:
            return
        now = self._now()
        begins = max(now, self._free_at[0])
        ends = begins + self._seconds_of_call(begins)
        heapq.heapreplace(self._free_at, ends)
        self._calls += 1
        await self._sleep(ends - now)

    def _seconds_of_call(self, begins: float) -> float:
        seconds = self._seconds_a_call
        return seconds if isinstance(seconds, int | float) else seconds(begins, self._calls)
