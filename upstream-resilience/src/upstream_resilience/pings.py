"""Pings an upstream while its circuit breaker is open, so that the pause ends as soon as the upstream is well."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context

from upstream_resilience.circuit_breaker import CircuitBreaker


class Pings:
    """Pings once in a while as long as the breaker is open; two passes in a row let calls try at once.

    Args:
        breaker: the breaker.
        ping: returns if the upstream is well, and raises if it is not.
        seconds: the time between two pings.
        sleep: waits (seconds).
    """

    PASSES = 2

    def __init__(
        self,
        breaker: CircuitBreaker,
        ping: Callable[[], Awaitable[object]],
        seconds: float = 1.0,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._breaker = breaker
        self._ping = ping
        self._seconds = seconds
        self._sleep = sleep
        self._pinging: asyncio.Task[None] | None = None

    def start_if_open(self) -> None:
        """Ping from now on, if the breaker is open and nobody does yet."""
        if self._breaker.state == "open" and (self._pinging is None or self._pinging.done()):
            # In a context of its own: pings are no part of the request that happened to open the breaker.
            self._pinging = asyncio.create_task(self._ping_until_well(), context=Context())

    async def aclose(self) -> None:
        """Stop."""
        if self._pinging:
            self._pinging.cancel()
            await asyncio.gather(self._pinging, return_exceptions=True)

    async def _ping_until_well(self) -> None:
        passes = 0
        while self._breaker.state == "open":
            await self._sleep(self._seconds)
            try:
                await self._ping()
                passes += 1
            except Exception:  # noqa: BLE001  whatever it is, the upstream is not well, and pings must go on
                passes = 0
            if passes >= self.PASSES and self._breaker.state == "open":
                self._breaker.half_open()
