"""Calls several servers for the same, one after another; the first answer is taken."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import UpstreamUnavailable

type Call[Answer] = Callable[[], Coroutine[Any, Any, Answer]]


async def hedge[Answer](calls: Sequence[Call[Answer]], apart_seconds: float = 0.0) -> Answer:
    """Return the first answer; calls that are under way then are cancelled.

    Args:
        calls: one a server, at least one.
        apart_seconds: how long those that were called may be silent before the next one is called; after a failure it
            is called at once.

    Raises:
        ResilienceError: if none answers. It is a refused connection only if all were refused.
    """
    left, errors = deque(calls), list[BaseException]()
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


async def limit_seconds[Answer](call: Call[Answer], seconds: float) -> Answer:
    """Make a call under a time limit of its own.

    Raises:
        DeadlineExceeded: if it takes longer.
    """
    async with Deadline.after(seconds).limit():
        return await call()


def _is_refusal(error: BaseException) -> bool:
    return isinstance(error, UpstreamUnavailable) and error.is_refused
