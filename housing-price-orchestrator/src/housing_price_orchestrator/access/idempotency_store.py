"""Answers that are kept for a while, so that a request that is sent again gets the same one, byte for byte.

After draft-ietf-httpapi-idempotency-key-header, but for a request that comes while the first one is being answered:
it waits, where the draft would refuse it.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from cachetools import TTLCache

_OVERHEAD_BYTES = 512
"""What an answer costs beside its body: names, digests, the cache's own books."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer, and the fingerprint of the body that it answered."""

    fingerprint: bytes
    status: int
    content_type: bytes
    body: bytes


class AnotherBody(Exception):
    """The request was sent before with another body."""


class KeptAnswers(Protocol):
    """Where answers are kept."""

    async def begin(self, request: bytes, fingerprint: bytes) -> KeptAnswer | None:
        """The answer that was kept for a request, or None where it is now the caller's to find one, and then to `end`.

        Waits while the same request is being answered, and takes over when that comes to nothing.

        Raises:
            AnotherBody: if the request was sent before with a body of another fingerprint.
        """
        ...

    def end(self, request: bytes, answer: KeptAnswer | None) -> None:
        """Keep the answer, or None where there is none worth keeping; whoever waits goes on."""
        ...


@dataclass
class AnswersInMemory:
    """Answers kept by this process, bounded in number and in bytes; the least used ones go first.

    Args:
        most_answers: how many.
        most_bytes: in all; a larger answer is not kept.
        ttl_seconds: for how long.
        now: a clock in seconds.
    """

    most_answers: int
    most_bytes: int
    ttl_seconds: float
    now: Callable[[], float] = time.monotonic
    _running: dict[bytes, tuple[bytes, asyncio.Event]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._kept: TTLCache[bytes, KeptAnswer] = TTLCache(self.most_bytes, self.ttl_seconds, self.now, _size)

    async def begin(self, request: bytes, fingerprint: bytes) -> KeptAnswer | None:
        """The answer that was kept, or None where it is the caller's to find one.

        Raises:
            AnotherBody: if the request was sent before with another body.
        """
        while True:
            if kept := self._kept.get(request):
                return checked(kept, fingerprint)
            if request not in self._running:
                self._running[request] = fingerprint, asyncio.Event()
                return None
            first, ended = self._running[request]
            if first != fingerprint:
                raise AnotherBody
            await ended.wait()

    def end(self, request: bytes, answer: KeptAnswer | None) -> None:
        """Keep the answer, where there is one, and let those go on that wait for it."""
        _, ended = self._running.pop(request)
        ended.set()
        if answer and _size(answer) <= self.most_bytes:
            self._kept[request] = answer
            while len(self._kept) > self.most_answers:
                self._kept.popitem()

    def __len__(self) -> int:
        """How many answers are kept."""
        return len(self._kept)


def checked(kept: KeptAnswer, fingerprint: bytes) -> KeptAnswer:
    """The answer, if it is one to a body of this fingerprint.

    Raises:
        AnotherBody: if it is not.
    """
    if kept.fingerprint != fingerprint:
        raise AnotherBody
    return kept


def _size(answer: KeptAnswer) -> int:
    return len(answer.body) + _OVERHEAD_BYTES
