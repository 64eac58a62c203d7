"""Pickles large values in a thread, so that the event loop gets its turns.

The pickle module holds the interpreter while it works, except where it calls Python code. It reads and writes frames
of 64 KiB: where reading and writing are Python code, other threads run between two frames.
"""

import asyncio
import io
import pickle
from typing import Any


async def pickled(value: Any) -> bytes:
    """Return a value as bytes."""
    return await asyncio.to_thread(_dumps, value)


async def unpickled(data: bytes) -> Any:
    """Return the value of bytes that our own process made."""
    return await asyncio.to_thread(_loads, data)


class _Sink(io.BytesIO):
    def write(self, data: Any) -> int:
        return super().write(data)


class _Origin(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        return super().read(size)


def _dumps(value: Any) -> bytes:
    sink = _Sink()
    pickle.Pickler(sink, pickle.HIGHEST_PROTOCOL).dump(value)
    return sink.getvalue()


def _loads(data: bytes) -> Any:
    return pickle.Unpickler(_Origin(data)).load()  # noqa: S301  our own process made it
