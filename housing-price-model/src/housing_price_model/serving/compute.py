"""A compute thread that runs work step by step: short work comes before long work, and the queue is bounded."""

import asyncio
from collections import deque
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Any

from housing_price_model.serving.refusals import QueueFull

MAX_WAITING = 1024
MAX_WAITING_BYTES = 32 * 1024 * 1024
LONG_BYTES = 64 * 1024
"""Work on a longer body, of more than about a hundred rows, is long. So is work of more than one step."""

SHORT_BEFORE_LONG = 4
"""Steps of short work before a step of long work, so that long work also finishes."""

type Steps[T] = Generator[None, None, T]


@dataclass(slots=True, eq=False)
class _Work:
    steps: Steps[Any]
    future: asyncio.Future[Any]
    is_long: bool


class ComputeThread:
    """Runs generators in one thread, which starts with the first one and ends with the process.

    ``changed`` receives each change of the number of waiting or running pieces of work.
    """

    def __init__(self, changed: Callable[[int], None] = lambda _: None, *, max_waiting: int = MAX_WAITING) -> None:
        self._short: deque[_Work] = deque()
        self._long: deque[_Work] = deque()
        self._short_in_a_row = 0
        self._arrival = Condition()
        self._thread: Thread | None = None
        self._waiting = self._waiting_bytes = 0
        self._max_waiting = max_waiting
        self._changed = changed

    async def run[T](self, steps: Steps[T], *, size_bytes: int) -> T:
        """Run a generator to its end and return its result. Other work may run between its steps.

        Cancelling the caller drops the remaining steps.

        Raises:
            QueueFull: if too much is waiting.
        """
        if not self._has_room_for(size_bytes):
            raise QueueFull
        future = asyncio.get_running_loop().create_future()
        work = _Work(steps, future, self.is_long(size_bytes))
        self._count(1, size_bytes)
        try:
            self._add(work)
            result: T = await work.future
            return result
        finally:
            self._count(-1, -size_bytes)

    def is_long(self, size_bytes: int) -> bool:
        """Return whether a body of this size is long work."""
        return size_bytes >= LONG_BYTES

    def _has_room_for(self, size_bytes: int) -> bool:
        return self._waiting < self._max_waiting and self._waiting_bytes + size_bytes <= MAX_WAITING_BYTES

    def _count(self, number: int, size_bytes: int) -> None:
        self._waiting += number
        self._waiting_bytes += size_bytes
        self._changed(number)

    def _add(self, work: _Work) -> None:
        with self._arrival:
            (self._long if work.is_long else self._short).append(work)
            self._arrival.notify()
            if self._thread is None:
                self._thread = Thread(target=self._work, name="compute", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            work = self._next()
            if not work.future.cancelled():
                self._step(work)
            # Releases its memory while the thread waits for the next.
            del work

    def _next(self) -> _Work:
        with self._arrival:
            self._arrival.wait_for(lambda: self._short or self._long)
            if self._short and not (self._long and self._short_in_a_row >= SHORT_BEFORE_LONG):
                self._short_in_a_row += 1
                return self._short.popleft()
            self._short_in_a_row = 0
            return self._long.popleft()

    def _step(self, work: _Work) -> None:
        try:
            next(work.steps)
        except StopIteration as end:
            self._settle(work, work.future.set_result, end.value)
        # Errors belong to the caller, not to this thread.
        except Exception as error:  # noqa: BLE001 - the caller is told
            self._settle(work, work.future.set_exception, error)
        except BaseException as error:  # noqa: BLE001 - the caller is told
            # Unchanged, it would end the event loop, or look like the caller's own cancellation.
            failure = RuntimeError(f"the computation ended with {type(error).__name__}: {error}")
            self._settle(work, work.future.set_exception, failure)
        else:
            self._put_back(work)

    def _put_back(self, work: _Work) -> None:
        with self._arrival:
            if work.is_long:
                self._long.appendleft(work)
            else:
                work.is_long = True
                self._long.append(work)

    def _settle(self, work: _Work, settle: Callable[[Any], None], outcome: Any) -> None:
        def settle_unless_cancelled() -> None:
            if not work.future.done():
                settle(outcome)

        # If the loop has ended, nobody waits for the result.
        with suppress(RuntimeError):
            work.future.get_loop().call_soon_threadsafe(settle_unless_cancelled)
