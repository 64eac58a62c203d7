"""Background tasks that are meant to run for ever: one that fails is started again, after a pause that grows."""

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
WELL_SECONDS = 60.0
"""A task that ran this long was well: its next failure counts as the first."""

type Work = Callable[[], Awaitable[object]]
"""Starts a task anew."""


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """A background task failed.

    Args:
        task: its name.
        error: why.
        pause_seconds: until it is started again.
    """

    task: str
    error: Exception
    pause_seconds: float


@dataclass(slots=True)
class _Failure:
    kind: str
    well_at: float = math.inf
    """When the task will have run well again (a clock's time)."""


class Supervision:
    """Runs background tasks, and starts those that fail again.

    Args:
        on_failure: hears of each failure.
        now: a clock (seconds).
        sleep: waits.
        jitter: a random number between 0 and 1.
    """

    def __init__(
        self,
        on_failure: Callable[[TaskFailed], object],
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._on_failure = on_failure
        self._now = now
        self._sleep = sleep
        self._jitter = jitter
        self.running: set[str] = set()
        """The tasks that run now."""
        self._failed: dict[str, _Failure] = {}

    @property
    def failing(self) -> Mapping[str, str]:
        """The tasks that failed and have not run well since, each with the kind of its last error."""
        now = self._now()
        return {name: failure.kind for name, failure in self._failed.items() if now < failure.well_at}

    @asynccontextmanager
    async def run(self, tasks: Mapping[str, Work]) -> AsyncIterator[None]:
        """Run these tasks, by name, while the block lasts."""
        kept = [asyncio.create_task(self.keep(name, work), name=name) for name, work in tasks.items()]
        try:
            yield
        finally:
            for task in kept:
                task.cancel()
            await asyncio.gather(*kept, return_exceptions=True)

    async def keep(self, name: str, work: Work) -> None:
        """Run a task until it returns or is cancelled; whenever it fails, start it again."""
        failures = 0
        try:
            while True:
                began = self._now()
                if name in self._failed:
                    self._failed[name].well_at = began + WELL_SECONDS
                self.running.add(name)
                try:
                    await work()
                except Exception as error:  # noqa: BLE001  whatever it is, the task must not end in silence
                    failures = 1 if self._now() - began >= WELL_SECONDS else failures + 1
                    self._fail(name, error, pause := self._pause(failures))
                else:
                    return
                await self._sleep(pause)
        finally:
            self.running.discard(name)
            self._failed.pop(name, None)

    def _fail(self, name: str, error: Exception, pause_seconds: float) -> None:
        self.running.discard(name)
        self._failed[name] = _Failure(type(error).__name__)
        self._on_failure(TaskFailed(name, error, pause_seconds))

    def _pause(self, failures: int) -> float:
        """Return between half and all of a pause that doubles with each failure in a row."""
        longest = min(FIRST_PAUSE_SECONDS * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE_SECONDS)
        return longest * (0.5 + self._jitter() / 2)
