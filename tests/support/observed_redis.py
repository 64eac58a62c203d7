"""A connection to Redis that tests can observe, with a clock that they set."""

import asyncio
from collections.abc import Callable, Sequence

from housing_price_orchestrator.access.rate_limits import Claim, Rate
from housing_price_orchestrator.provider.redis.connection import RedisConnection
from housing_price_orchestrator.settings import RedisSettings
from pydantic import SecretStr

NOTHING_REFILLS = 0.001


class ObservedConnection:
    """A connection, what it reported, and its clock."""

    def __init__(self, url: str) -> None:
        self.unavailable = 0
        self.states: list[str | None] = []
        self.seconds = 0.0
        self.may_go_on = asyncio.Event()
        self.connection = RedisConnection(
            RedisSettings(url=SecretStr(url), timeout_seconds=1),
            on_unavailable=self._count,
            on_state=self.states.append,
            now=lambda: self.seconds,
            sleep=self._sleep,
        )

    async def finish_background_work(self) -> None:
        """Wait for what runs in the background."""
        await asyncio.gather(*self.connection._running)  # noqa: SLF001  nobody else waits for it

    async def _sleep(self, seconds: float) -> None:
        await self.may_go_on.wait()
        self.seconds += seconds

    def _count(self) -> None:
        self.unavailable += 1


type Connect = Callable[[str], ObservedConnection]


class Unlimited:
    """A fallback without limits."""

    async def take(self, claims: Sequence[Claim]) -> None:
        return None


def claim(client: str, rate: float = NOTHING_REFILLS, burst: int = 3) -> Claim:
    """A token of this client's bucket."""
    return Claim("key", client, Rate(rate, burst))
