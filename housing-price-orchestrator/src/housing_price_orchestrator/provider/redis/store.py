"""Rate limits and kept answers in Redis, so that workers and instances share them.

Whatever is wrong with Redis, requests go on without it: limits are those of the process then, and an answer that
can't be kept is found anew.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from secrets import token_bytes
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from housing_price_orchestrator.access.idempotency_store import AnotherBody, KeptAnswer, checked
from housing_price_orchestrator.access.rate_limits import Claim, Limits, Verdict, judge
from housing_price_orchestrator.settings import RedisSettings

_CONNECTIONS = 32
_PAUSE_SECONDS = 1.0
"""How long Redis is left alone after a failure, so that requests do not each wait for it."""

_POLL_SECONDS = 0.05
_PREFIX = "housing-price"

# All buckets or none, by the clock of Redis. A bucket that would be full again is forgotten.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1e6
local held, all = {}, true
for i, bucket in ipairs(KEYS) do
  local rate, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local stored = redis.call('HMGET', bucket, 'tokens', 'at')
  local tokens, at = tonumber(stored[1]) or burst, tonumber(stored[2]) or now
  held[i] = math.min(burst, tokens + math.max(0, now - at) * rate)
  all = all and held[i] >= 1
end
local answer = {}
for i, bucket in ipairs(KEYS) do
  answer[i] = string.format('%.6f', held[i])
  if all then
    local rate, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    redis.call('HSET', bucket, 'tokens', string.format('%.6f', held[i] - 1), 'at', string.format('%.6f', now))
    redis.call('PEXPIRE', bucket, math.ceil((burst - held[i] + 1) / rate * 1000) + 1000)
  end
end
return answer
"""

# What is known of a request, else a lease on it.
_BEGIN = """
local known = redis.call('HMGET', KEYS[1], 'fingerprint', 'status', 'content_type', 'body')
if known[1] then return known end
redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'owner', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return nil
"""

# The answer in place of the lease, or nothing; only by whose lease it is.
_END = """
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
if #ARGV > 2 then
  redis.call('HSET', KEYS[1], unpack(ARGV, 3))
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1
"""


class RedisUnavailable(Exception):
    """Redis was not asked, or did not answer."""


class RedisNotAsked(RedisUnavailable):
    """Redis was not asked, so that nothing has changed there."""


class RedisStore(AbstractAsyncContextManager["RedisStore"]):
    """A connection to Redis that is left alone for a moment when it fails.

    Args:
        settings: where it is and how quickly it must answer.
        on_unavailable: is told of each call that was not answered.
        on_state: is told when that begins, with the kind of failure, and when it is over, with None.
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
        self._asked_again_at = 0.0
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
        self._scripts = {script: self._redis.register_script(script) for script in (_TAKE, _BEGIN, _END)}

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*self._running)
        await self._redis.aclose()

    async def run(self, script: str, names: Sequence[str | bytes], *values: str | bytes | float) -> Any:
        """What a script answers.

        Raises:
            RedisUnavailable: if it does not answer in time, or did not a moment ago.
        """
        return await self._asked(lambda: self._scripts[script](keys=names, args=values))

    def run_soon(self, script: str, names: Sequence[str | bytes], *values: str | bytes | float) -> None:
        """Run a script that nobody waits for, once Redis is asked again; its failure is no harm."""
        running = asyncio.create_task(self._run_quietly(script, names, *values))
        self._running.add(running)
        running.add_done_callback(self._running.discard)

    async def _run_quietly(self, script: str, names: Sequence[str | bytes], *values: str | bytes | float) -> None:
        if (pause := self._asked_again_at - self._now()) > 0:
            await self._sleep(pause)
        with suppress(RedisUnavailable):
            await self.run(script, names, *values)

    async def _asked(self, call: Callable[[], Awaitable[Any]]) -> Any:
        if self._now() < self._asked_again_at:
            self._on_unavailable()
            raise RedisNotAsked
        try:
            # Outside of the time limit: our own crowd is no failure of Redis.
            async with self._free, asyncio.timeout(self._timeout_seconds):
                answer = await call()
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(error)
            raise RedisUnavailable from error
        if not self._is_up:
            self._is_up = True
            self._on_state(None)
        return answer

    def _failed(self, error: Exception) -> None:
        self._asked_again_at = self._now() + _PAUSE_SECONDS
        self._on_unavailable()
        if self._is_up:
            self._is_up = False
            self._on_state(type(error).__name__)


class LimitsInRedis:
    """Buckets that all who use the same Redis share.

    Args:
        store: where they are.
        own: those of this process, which count where Redis does not answer.
    """

    def __init__(self, store: RedisStore, own: Limits) -> None:
        self._store = store
        self._own = own

    async def take(self, claims: Sequence[Claim]) -> Verdict | None:
        """Take a token from each bucket, or from none where one is empty."""
        names = [f"{_PREFIX}:limit:{claim.kind}:{claim.client}" for claim in claims]
        rates = [figure for claim in claims for figure in (claim.rate.per_second, claim.rate.burst)]
        try:
            held = await self._store.run(_TAKE, names, *rates)
        except RedisUnavailable:
            return await self._own.take(claims)
        return judge(claims, list(map(float, held)))


@dataclass(slots=True)
class _Running:
    """A request about which Redis is being asked, or that is being answered here.

    Args:
        owner: whose the lease is that Redis gave for it, or may have given; None where it can't have.
        fingerprint: of its body, once it is being answered.
    """

    owner: bytes | None
    fingerprint: bytes | None = None


class AnswersInRedis:
    """Answers that all who use the same Redis share.

    Args:
        store: where they are kept.
        most_bytes: a larger answer is not kept.
        ttl_seconds: for how long.
        lease_seconds: how long a request is known to be running: longer than any deadline.
    """

    def __init__(self, store: RedisStore, most_bytes: int, ttl_seconds: float, lease_seconds: float = 12.0) -> None:
        self._store = store
        self._lease_ms = int(lease_seconds * 1000)
        self._running: dict[bytes, _Running] = {}
        self._most_bytes = most_bytes
        self._ttl_seconds = ttl_seconds

    async def begin(self, request: bytes, fingerprint: bytes) -> KeptAnswer | None:
        """The answer that was kept, or None where it is the caller's to find one.

        Raises:
            AnotherBody: if the request was sent before with another body.
        """
        while True:
            running = self._running.get(request)
            if running is None:
                known = await self._begun(request, fingerprint)
                if known is None:
                    return None
                first, status, content_type, body = known
                if status is not None:
                    return checked(KeptAnswer(first, int(status), content_type, body), fingerprint)
            else:  # who waits for another here asks nobody: there is one lease at a time to be given back
                first = running.fingerprint or fingerprint
            if first != fingerprint:
                raise AnotherBody
            await asyncio.sleep(_POLL_SECONDS)

    async def _begun(self, request: bytes, fingerprint: bytes) -> Sequence[Any] | None:
        """What Redis knows of a request; None where it is being answered here now."""
        running = self._running[request] = _Running(owner := token_bytes(16))
        known = await self._leased(request, fingerprint, owner)
        if known is None:
            running.fingerprint = fingerprint
        else:
            del self._running[request]
        return known

    async def _leased(self, request: bytes, fingerprint: bytes, owner: bytes) -> Sequence[Any] | None:
        try:
            known: Sequence[Any] | None = await self._store.run(
                _BEGIN, [_name(request)], fingerprint, self._lease_ms, owner
            )
        except RedisNotAsked:
            self._running[request].owner = None
        except RedisUnavailable:  # which may have given the lease, and was too late to say so
            pass
        except BaseException:  # the same, and nobody is there any more to answer
            self.end(request, None)
            raise
        else:
            return known
        return None

    def end(self, request: bytes, answer: KeptAnswer | None) -> None:
        """Keep the answer, where there is one; it is written while the caller goes on."""
        owner = self._running.pop(request).owner
        if owner is None:
            return
        fields = _fields(answer) if answer and len(answer.body) <= self._most_bytes else ()
        self._store.run_soon(_END, [_name(request)], owner, int(self._ttl_seconds * 1000), *fields)


def _name(request: bytes) -> bytes:
    return f"{_PREFIX}:answer:".encode() + request


def _fields(answer: KeptAnswer) -> tuple[str | bytes | int, ...]:
    return (
        *("fingerprint", answer.fingerprint),
        *("status", answer.status),
        *("content_type", answer.content_type),
        *("body", answer.body),
    )
