"""Stored responses in Redis, so that workers and instances share them.

Requests go on without Redis: a response that can't be stored is computed again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_bytes
from typing import Any

from housing_price_orchestrator.access.idempotency_store import IdempotencyKeyReused, StoredResponse, check_fingerprint
from housing_price_orchestrator.provider.redis.connection import (
    PREFIX,
    RedisConnection,
    RedisNotAsked,
    RedisUnavailable,
)

_POLL_SECONDS = 0.05

# Returns what is known of a request, or leases it to the caller.
_BEGIN = """
local known = redis.call('HMGET', KEYS[1], 'fingerprint', 'status', 'content_type', 'body')
if known[1] then return known end
redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'owner', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return nil
"""

# Replaces the lease by the response, or by nothing; only its owner may.
_END = """
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
if #ARGV > 2 then
  redis.call('HSET', KEYS[1], unpack(ARGV, 3))
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1
"""


@dataclass(slots=True)
class _Running:
    """A request that is being looked up in Redis, or answered by this process.

    Args:
        owner: of the lease that Redis gave, or may have given; None if it can't have.
        fingerprint: of its body, once it is being answered.
    """

    owner: bytes | None
    fingerprint: bytes | None = None


class RedisIdempotencyStore:
    """Responses that every process with the same Redis shares.

    Args:
        connection: where they are stored.
        max_bytes: a larger response is not stored.
        ttl_seconds: for how long.
        lease_seconds: how long a request counts as running: longer than any deadline.
    """

    def __init__(
        self, connection: RedisConnection, max_bytes: int, ttl_seconds: float, lease_seconds: float = 12.0
    ) -> None:
        self._connection = connection
        self._begin = connection.register_script(_BEGIN)
        self._end = connection.register_script(_END)
        self._lease_ms = int(lease_seconds * 1000)
        self._running: dict[bytes, _Running] = {}
        self._max_bytes = max_bytes
        self._ttl_seconds = ttl_seconds

    async def begin(self, request: bytes, fingerprint: bytes) -> StoredResponse | None:
        """Return the stored response, or None if the caller must answer the request and then call `end`.

        Raises:
            IdempotencyKeyReused: if the request was sent before with another body.
        """
        while True:
            running = self._running.get(request)
            if running is None:
                known = await self._look_up(request, fingerprint)
                if known is None:
                    return None
                first, status, content_type, body = known
                if status is not None:
                    return check_fingerprint(StoredResponse(first, int(status), content_type, body), fingerprint)
            else:  # another request of this process has the lease; one at a time is enough to give back
                first = running.fingerprint or fingerprint
            if first != fingerprint:
                raise IdempotencyKeyReused
            await asyncio.sleep(_POLL_SECONDS)

    async def _look_up(self, request: bytes, fingerprint: bytes) -> Sequence[Any] | None:
        """What Redis knows of a request; None if this process is to answer it."""
        running = self._running[request] = _Running(owner := token_bytes(16))
        known = await self._lease(request, fingerprint, owner)
        if known is None:
            running.fingerprint = fingerprint
        else:
            del self._running[request]
        return known

    async def _lease(self, request: bytes, fingerprint: bytes, owner: bytes) -> Sequence[Any] | None:
        try:
            known: Sequence[Any] | None = await self._connection.run(
                self._begin, [_key(request)], fingerprint, self._lease_ms, owner
            )
        except RedisNotAsked:
            self._running[request].owner = None
        except RedisUnavailable:  # it may have given the lease and answered too late
            pass
        except BaseException:  # the same, and nobody is left to answer the request
            self.end(request, None)
            raise
        else:
            return known
        return None

    def end(self, request: bytes, response: StoredResponse | None) -> None:
        """Store the response, if there is one to store, in the background."""
        owner = self._running.pop(request).owner
        if owner is None:
            return
        fields = _fields(response) if response and len(response.body) <= self._max_bytes else ()
        self._connection.run_soon(self._end, [_key(request)], owner, int(self._ttl_seconds * 1000), *fields)


def _key(request: bytes) -> bytes:
    return f"{PREFIX}:answer:".encode() + request


def _fields(response: StoredResponse) -> tuple[str | bytes | int, ...]:
    return (
        *("fingerprint", response.fingerprint),
        *("status", response.status),
        *("content_type", response.content_type),
        *("body", response.body),
    )
