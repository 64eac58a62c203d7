"""The background tasks of the service: started together, logged when one fails, cancelled together."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def background_tasks(tasks: Mapping[str, Coroutine[object, object, None]]) -> AsyncIterator[None]:
    """Run these tasks, by name, while the block lasts."""
    running = [asyncio.create_task(_log_failure(name, task), name=name) for name, task in tasks.items()]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _log_failure(name: str, task: Coroutine[object, object, None]) -> None:
    try:
        await task
    except Exception:
        log.exception("a background task failed and is not running any more", task=name)
