"""A connection to Redis that requests never have to wait for."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from housing_price_orchestrator.settings import RedisSettings

PREFIX = "housing-price"
"""Begins the name of every key."""

_CONNECTIONS = 32
_PAUSE_SECONDS = 1.0
"""How long Redis is left alone after a failure, so that requests do not each wait for it."""


class RedisUnavailable(Exception):
    """Redis was not asked, or did not answer."""


class RedisNotAsked(RedisUnavailable):
    """Redis was not asked, so nothing has changed there."""


class RedisConnection(AbstractAsyncContextManager["RedisConnection"]):
    """Runs scripts in Redis, and leaves it alone for a moment when it fails.

    Args:
        settings: its address, and how quickly it must answer.
        on_unavailable: called for each call that got no answer.
        on_state: called with the kind of failure when Redis stops answering, and with None when it answers again.
        now: a clock in seconds.
        sleep: waits.
    """

    def __init__(
        self,
        settings: RedisSettings,
        *,
        on_unavailable: Callable[[], object],
        on_state: Callable[[str | None], object],
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._timeout_seconds = settings.timeout_seconds
        self._on_unavailable = on_unavailable
        self._on_state = on_state
        self._now = now
        self._sleep = sleep
        self._paused_until = 0.0
        self._is_up = True
        url = settings.url.get_secret_value() if settings.url else ""
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=settings.timeout_seconds,
            socket_timeout=settings.timeout_seconds,
            socket_connect_timeout=settings.timeout_seconds,
            retry=Retry(NoBackoff(), 0),
        )
        self._redis = Redis.from_pool(pool)
        self._free = asyncio.Semaphore(_CONNECTIONS)
        self._running: set[asyncio.Task[None]] = set()

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*self._running)
        await self._redis.aclose()

    def register_script(self, text: str) -> AsyncScript:
        """Prepare a Lua script, which Redis loads when it first runs."""
        return self._redis.register_script(text)

    async def run(self, script: AsyncScript, keys: Sequence[str | bytes], *values: str | bytes | float) -> Any:
        """Run a script and return its result.

        Raises:
            RedisUnavailable: if it does not answer in time, or did not a moment ago.
        """
        return await self._ask(lambda: script(keys=keys, args=values))

    def run_soon(self, script: AsyncScript, keys: Sequence[str | bytes], *values: str | bytes | float) -> None:
        """Run a script in the background, after the pause if there is one; ignore its failure."""
        running = asyncio.create_task(self._try(script, keys, *values))
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    async def _try(self, script: AsyncScript, keys: Sequence[str | bytes], *values: str | bytes | float) -> None:
        if (pause := self._paused_until - self._now()) > 0:
            await self._sleep(pause)
        with suppress(RedisUnavailable):
            await self.run(script, keys, *values)

    async def _ask(self, call: Callable[[], Awaitable[Any]]) -> Any:
        if self._now() < self._paused_until:
            self._on_unavailable()
            raise RedisNotAsked
        try:
            # The wait for a free connection does not count: a crowd of our own is not a failure of Redis.
            async with self._free, asyncio.timeout(self._timeout_seconds):
                result = await call()
        except (RedisError, OSError, TimeoutError) as error:
            self._record_failure(error)
            raise RedisUnavailable from error
        if not self._is_up:
            self._is_up = True
            self._on_state(None)
        return result

    def _record_failure(self, error: Exception) -> None:
        self._paused_until = self._now() + _PAUSE_SECONDS
        self._on_unavailable()
        if self._is_up:
            self._is_up = False
            self._on_state(type(error).__name__)
