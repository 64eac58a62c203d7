"""Calls of libraries that block for long, beside the event loop."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any


async def run_in_thread[Outcome](call: Callable[[], Outcome]) -> Outcome:
    """What a call returns, made in a thread that nobody waits for when the process ends: it may hang in a download."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Outcome] = loop.create_future()

    def settle(outcome: Outcome | None, error: Exception | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(outcome)  # type: ignore[arg-type]  # an outcome may be None itself

    def run() -> None:
        outcome: Outcome | None = None
        failure: Exception | None = None
        try:
            outcome = call()
        except Exception as error:  # noqa: BLE001  it is raised where it is waited for
            failure = error
        # The loop may have been closed while the call was made.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, outcome, failure)

    threading.Thread(target=run, name="beside-the-loop", daemon=True).start()
    return await future


class OneThread:
    """Makes calls one after another in a thread that nobody waits for when the process ends: a call may hang.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str) -> None:
        self._calls: SimpleQueue[_Queued | None] = SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def submit[Outcome](self, call: Callable[[], Outcome]) -> Future[Outcome]:
        """What a call will return; it is not made any more once that is cancelled."""
        future: Future[Outcome] = Future()
        self._calls.put(_Queued(future, call))
        return future

    def close(self) -> None:
        """End the thread after the call that it makes now; those that wait are cancelled."""
        with suppress(Empty):
            while queued := self._calls.get_nowait():
                queued.future.cancel()
        self._calls.put(None)

    def _run(self) -> None:
        while queued := self._calls.get():
            queued.make()


@dataclass(frozen=True, slots=True)
class _Queued:
    future: Future[Any]
    call: Callable[[], Any]

    def make(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            self.future.set_result(self.call())
        except BaseException as error:  # noqa: BLE001  it is raised where it is waited for
            self.future.set_exception(error)
