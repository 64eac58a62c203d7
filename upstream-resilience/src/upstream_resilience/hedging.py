"""Asks several servers the same; one that answers suffices."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from upstream_resilience.deadline import deadline
from upstream_resilience.errors import UpstreamUnavailable

type Ask[Answer] = Callable[[], Coroutine[Any, Any, Answer]]


async def first_answer[Answer](asks: Sequence[Ask[Answer]], apart_seconds: float = 0.0) -> Answer:
    """What the first of them says that answers; who is still being asked then is no longer.

    Args:
        asks: one a server, at least one.
        apart_seconds: how long those that were asked may be silent before the next one is asked; after a failure it is
            asked at once.

    Raises:
        ResilienceError: if none answers. That a connection was refused it says only if all were.
    """
    left, errors = deque(asks), list[BaseException]()
    running: set[asyncio.Task[Answer]] = set()
    try:
        while left or running:
            if left:
                running.add(asyncio.create_task(left.popleft()()))
            seconds = apart_seconds if left else None
            done, running = await asyncio.wait(running, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            failed = [error for task in done if (error := task.exception())]
            if len(failed) < len(done):
                return next(task.result() for task in done if not task.exception())
            errors += failed
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    raise next((error for error in errors if not _is_refusal(error)), errors[-1])


async def punctual[Answer](ask: Ask[Answer], seconds: float) -> Answer:
    """Ask under a time limit of its own.

    Raises:
        DeadlineExceeded: if it takes longer.
    """
    async with deadline(seconds):
        return await ask()


def _is_refusal(error: BaseException) -> bool:
    return isinstance(error, UpstreamUnavailable) and error.is_refused
