"""One time limit over everything that a request needs, whatever its parts do.

A ``Deadline`` is a value that travels with the request, from one call to the next.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from upstream_resilience.errors import DeadlineExceeded

MARGIN = 0.1
"""Share of a deadline that is kept back from calls to an upstream, so that the response can still be made."""

LONGEST_MARGIN_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a request must be answered.

    Args:
        ends_at: the event loop's time (seconds).
        seconds: how long there was from the beginning.
    """

    ends_at: float
    seconds: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        """Return the deadline of a request that begins now and may take that long."""
        return cls(asyncio.get_running_loop().time() + seconds, seconds)

    @property
    def calls_end_at(self) -> float:
        """When calls that it needs must be answered (the event loop's time)."""
        return self.ends_at - self.seconds + limit_call_seconds(self.seconds)

    def limit(self) -> "Timer":
        """End the body of an ``async with`` when the request's time is up.

        Raises:
            DeadlineExceeded: by the ``async with``, if the body took longer.
        """
        return Timer(self.ends_at, self.seconds)

    def limit_call(self) -> "Timer":
        """Do the same for a call to an upstream, which must leave the margin.

        Raises:
            DeadlineExceeded: by the ``async with``, if the body took longer.
        """
        return Timer(self.calls_end_at, self.seconds)


def limit_call_seconds(seconds: float) -> float:
    """Return how long the calls of a request may take at most that must be answered within ``seconds``."""
    return seconds - min(MARGIN * seconds, LONGEST_MARGIN_SECONDS)


def latest(deadlines: Sequence[Deadline | None]) -> Deadline | None:
    """Return the deadline of work for several callers: the last of theirs; None if one of them has none."""
    known = [deadline for deadline in deadlines if deadline is not None]
    return max(known, key=lambda deadline: deadline.ends_at) if len(known) == len(deadlines) else None


def remaining_call_seconds(deadline: Deadline | None, now: float) -> float:
    """Return how long a call may still take; infinite without a deadline."""
    return deadline.calls_end_at - now if deadline else float("inf")


class Timer:
    """Ends the body of an ``async with`` at a time of the event loop, with ``DeadlineExceeded``.

    The time limits of an HTTP client hold per socket operation: an upstream that drips a byte a second would never meet
    one. A class, since every request passes here: a generator costs three times as much.
    """

    __slots__ = ("_seconds", "_timeout")

    def __init__(self, ends_at: float, seconds: float) -> None:
        self._timeout = asyncio.timeout_at(ends_at)
        self._seconds = seconds

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError as timeout:
            raise DeadlineExceeded(self._seconds) from timeout
