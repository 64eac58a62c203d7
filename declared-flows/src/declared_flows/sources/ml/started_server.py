"""A model server that we started: it takes calls over HTTP once it is healthy."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any

from upstream_resilience.errors import UpstreamError

from declared_flows.sources.ml.served_model import ServedModel
from declared_flows.sources.ml.supervision import Exit, NotStarted
from declared_flows.sources.ml.table import Table
from declared_flows.sources.port import Call

_POLL_SECONDS = 0.1


class StartedServer:
    """A server that answers, and the wait for its end."""

    version = None

    def __init__(self, model: ServedModel, end: asyncio.Task[Exit]) -> None:
        self._model = model
        self._end = end

    async def predict(self, table: Table, call: Call) -> Sequence[Any]:
        """As ``Backend.predict``."""
        return await self._model.predict(table, call)

    async def wait_for_exit(self) -> Exit:
        """Wait for its end."""
        return await asyncio.shield(self._end)


async def wait_until_healthy(
    model: ServedModel,
    path: str,
    end: asyncio.Task[Exit],
    limit_seconds: float,
    last_lines: Callable[[], Awaitable[Sequence[str]]],
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """Return once a path of a server answers 200.

    Args:
        model: the server.
        path: its health check.
        end: the wait for its end.
        limit_seconds: the time that it has.
        last_lines: returns its last lines of output.
        sleep: waits.

    Raises:
        NotStarted: if the server ends before, or the time is up.
    """
    health = asyncio.create_task(_healthy(model, path, sleep))
    try:
        await asyncio.wait({health, end}, timeout=limit_seconds, return_when=asyncio.FIRST_COMPLETED)
        if end.done():
            raise NotStarted(end.result())
        if not health.done():
            raise NotStarted(Exit(f"it was not healthy within {limit_seconds:g} seconds", await last_lines()))
        health.result()
    finally:
        health.cancel()


async def _healthy(model: ServedModel, path: str, sleep: Callable[[float], Awaitable[object]]) -> None:
    while not await _is_healthy(model, path):
        await sleep(_POLL_SECONDS)


async def _is_healthy(model: ServedModel, path: str) -> bool:
    try:
        return await model.status_of(path) == HTTPStatus.OK
    except UpstreamError:
        return False
