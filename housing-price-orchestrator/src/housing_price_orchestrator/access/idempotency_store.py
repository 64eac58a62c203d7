"""Responses that are stored for a while, so that a request that is sent again gets the same one, byte for byte.

This follows draft-ietf-httpapi-idempotency-key-header with one exception: a request that arrives while the first one is
being answered waits, where the draft would reject it.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from cachetools import TTLCache

_OVERHEAD_BYTES = 512
"""What a response costs beside its body: names, digests, the cache's own books."""


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response, and the fingerprint of the request's body."""

    fingerprint: bytes
    status: int
    content_type: bytes
    body: bytes


class IdempotencyKeyReused(Exception):
    """The key was sent before with another body."""


class IdempotencyStore(Protocol):
    """Where responses are stored."""

    async def begin(self, request: bytes, fingerprint: bytes) -> StoredResponse | None:
        """Return the stored response, or None if the caller must answer the request and then call `end`.

        Waits while the same request is being answered, and takes over if that fails.

        Raises:
            IdempotencyKeyReused: if the request was sent before with a body of another fingerprint.
        """
        ...

    def end(self, request: bytes, response: StoredResponse | None) -> None:
        """Store the response, or nothing for None, and release whoever waits for it."""
        ...


@dataclass
class InMemoryIdempotencyStore:
    """Responses stored by this process, bounded in number and in bytes; the least used go first.

    Args:
        max_responses: how many.
        max_bytes: in all; a larger response is not stored.
        ttl_seconds: for how long.
        now: a clock in seconds.
    """

    max_responses: int
    max_bytes: int
    ttl_seconds: float
    now: Callable[[], float] = time.monotonic
    _running: dict[bytes, tuple[bytes, asyncio.Event]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._stored: TTLCache[bytes, StoredResponse] = TTLCache(self.max_bytes, self.ttl_seconds, self.now, _size)

    async def begin(self, request: bytes, fingerprint: bytes) -> StoredResponse | None:
        """Return the stored response, or None if the caller must answer the request.

        Raises:
            IdempotencyKeyReused: if the request was sent before with another body.
        """
        while True:
            if stored := self._stored.get(request):
                return check_fingerprint(stored, fingerprint)
            if request not in self._running:
                self._running[request] = fingerprint, asyncio.Event()
                return None
            first, ended = self._running[request]
            if first != fingerprint:
                raise IdempotencyKeyReused
            await ended.wait()

    def end(self, request: bytes, response: StoredResponse | None) -> None:
        """Store the response, if there is one, and release whoever waits for it."""
        _, ended = self._running.pop(request)
        ended.set()
        if response and _size(response) <= self.max_bytes:
            self._stored[request] = response
            while len(self._stored) > self.max_responses:
                self._stored.popitem()

    def __len__(self) -> int:
        """How many responses are stored."""
        return len(self._stored)


def check_fingerprint(stored: StoredResponse, fingerprint: bytes) -> StoredResponse:
    """Return the stored response if it belongs to a body of this fingerprint.

    Raises:
        IdempotencyKeyReused: if not.
    """
    if stored.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    return stored


def _size(response: StoredResponse) -> int:
    return len(response.body) + _OVERHEAD_BYTES
