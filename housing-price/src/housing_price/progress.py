"""The start of `up`, step by step: what is ready, what is awaited, and for how long."""

import asyncio
import time
from collections.abc import Callable, Sequence

from housing_price.console import PrefixedConsole

BETWEEN_REMINDERS_SECONDS = 10.0


class StartProgress:
    """Shows each step of the start with the time since its beginning.

    Args:
        console: where to show it.
        steps: the names of the processes that get ready.
        clock: a monotonic clock, in seconds.
    """

    def __init__(
        self, console: PrefixedConsole, steps: Sequence[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console
        self._awaited = list(steps)
        self._total = len(steps)
        self._clock = clock
        self._started_at = clock()

    @property
    def seconds(self) -> float:
        """How long the start has taken so far."""
        return self._clock() - self._started_at

    def begin(self, *, within_seconds: float) -> None:
        """Show that the start begins, and what is awaited."""
        self._console.note(f"starting, which may take up to {within_seconds:.0f} s; Ctrl-C stops everything")
        self._console.show_awaited(self._awaited)
        if not self._console.is_terminal:
            self.remind()

    def end_step(self, name: str) -> None:
        """Show that a process is ready."""
        self._awaited.remove(name)
        self._console.show_awaited(self._awaited)
        done = self._total - len(self._awaited)
        self._console.note(f"{name} is ready after {self.seconds:.1f} s ({done} of {self._total})")

    def remind(self) -> None:
        """Show what is still awaited."""
        if self._awaited:
            self._console.note(f"waiting for {', '.join(self._awaited)}; {self.seconds:.0f} s so far")

    async def remind_from_time_to_time(self, seconds: float = BETWEEN_REMINDERS_SECONDS) -> None:
        """Remind for ever, where no line on a terminal shows it already."""
        while not self._console.is_terminal:
            await asyncio.sleep(seconds)
            self.remind()
