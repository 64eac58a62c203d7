"""The one thread that computes, step by step: short work goes before long work, and nothing waits without bound."""

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
"""Work on a longer body is long work: more than about a hundred rows. So is all work of more than one step."""

SHORT_BEFORE_LONG = 4
"""So many steps of short work go first where long work is waiting, so that it comes to an end as well."""

type Steps[T] = Generator[None, None, T]


@dataclass(slots=True, eq=False)
class _Work:
    steps: Steps[Any]
    future: asyncio.Future[Any]
    is_long: bool


class ComputeThread:
    """Runs generators in one thread, which begins with the first of them and ends with the process.

    ``changed`` is told of each change of the number of waiting or running pieces of work.
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
        """What a generator returns; between its steps other work may be done.

        A caller that is cancelled takes back what has not begun, and the steps that are left.

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
        """Whether a body of this size makes long work."""
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
                self._thread = Thread(target=self._work_for_ever, name="compute", daemon=True)
                self._thread.start()

    def _work_for_ever(self) -> None:
        while True:
            work = self._next()
            if not work.future.cancelled():
                self._step(work)
            # Nothing is kept of it while the thread waits for the next.
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
        # Whatever went wrong is the caller's, not this thread's.
        except Exception as error:  # noqa: BLE001 - the caller is told
            self._settle(work, work.future.set_exception, error)
        except BaseException as error:  # noqa: BLE001 - the caller is told
            # As it is, it would end the event loop, or count as the caller's own cancellation.
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

        # A loop that has ended has nobody left who waits.
        with suppress(RuntimeError):
            work.future.get_loop().call_soon_threadsafe(settle_unless_cancelled)
