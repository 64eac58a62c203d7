"""Caches the answers of a source for as long as its steps allow."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache
from pydantic_core import PydanticSerializationError, to_json

from declared_flows.execution.run import CallResult
from declared_flows.notation.expressions import to_plain
from declared_flows.notation.records import PLAIN
from declared_flows.sources.port import Answer, Params

MAX_BYTES = 16 * 1024 * 1024
"""The most bytes of cached answers of one source, as JSON."""

_OVERHEAD_BYTES = 1000
"""What it takes to cache an answer, however small."""

type Key = tuple[str, bytes]


def key_of(operation: str, params: Params) -> Key:
    """Return the key of a call: its operation, and its parameters in any order."""
    return operation, _json(dict(sorted(params.items())))


def _json(value: Any) -> bytes:
    """Return a value as JSON. To make it plain first takes many times as long: only other mappings need that."""
    try:
        return to_json(value, by_alias=True, context=PLAIN)
    except PydanticSerializationError:
        return to_json(to_plain(value))


@dataclass(frozen=True, slots=True)
class _Entry:
    at: float
    """A clock's time (seconds)."""
    answer: Answer
    size: int


class AnswerCache:
    """The answers of one source. Of equal calls at the same time only one is made.

    Args:
        now: a clock (seconds).
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._entries: LRUCache[Key, _Entry] = LRUCache(MAX_BYTES, getsizeof=lambda entry: entry.size)
        self._in_flight: dict[Key, asyncio.Future[None]] = {}
        self._now = now

    async def get(self, key: Key, max_age_seconds: float, call: Callable[[], Awaitable[Answer]]) -> CallResult:
        """Return an answer that is young enough, or that of a call.

        Args:
            key: the key of the call.
            max_age_seconds: how old the answer may be.
            call: makes the call.
        """
        while True:
            if (entry := self._entries.get(key)) and self._now() - entry.at < max_age_seconds:
                return CallResult(entry.answer, is_cached=True)
            if key not in self._in_flight:
                return CallResult(await self._call(key, call))
            # Another caller makes the call. Should that fail, this one makes it again.
            await asyncio.shield(self._in_flight[key])

    async def _call(self, key: Key, call: Callable[[], Awaitable[Answer]]) -> Answer:
        in_flight = self._in_flight[key] = asyncio.get_running_loop().create_future()
        try:
            answer = await call()
            self._keep(key, answer)
            return answer
        finally:
            del self._in_flight[key]
            in_flight.set_result(None)

    def _keep(self, key: Key, answer: Answer) -> None:
        size = _OVERHEAD_BYTES + len(key[1]) + len(_json(answer.value))
        if size <= self._entries.maxsize:
            self._entries[key] = _Entry(self._now(), answer, size)
