"""Gives other tasks of the event loop a turn, however long the work of those that share it takes."""

import asyncio
from collections.abc import Callable

MOST_SECONDS_IN_A_ROW = 0.005
"""How long the tasks that share the work may hold the event loop, all together."""


class Turns:
    """The turns of tasks that share work.

    Args:
        now: a clock (seconds).
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._began = now()
        self._is_ending = False

    async def give(self) -> None:
        """Let others have a turn, if this one is over for all that share it."""
        while self._now() - self._began > MOST_SECONDS_IN_A_ROW:
            if self._is_ending:  # the first to see it begins the next turn for all
                await asyncio.sleep(0)
                continue
            self._is_ending = True
            try:
                await asyncio.sleep(0)
            finally:
                self._is_ending, self._began = False, self._now()
            return
