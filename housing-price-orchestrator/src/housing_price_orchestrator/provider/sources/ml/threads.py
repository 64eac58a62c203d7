"""Calls of libraries that block for long, beside the event loop."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress


async def beside[Outcome](call: Callable[[], Outcome]) -> Outcome:
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
