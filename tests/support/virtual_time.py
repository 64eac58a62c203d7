"""An event loop whose time passes only while all wait, and then at once: hours are over in milliseconds."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _Selector(selectors.DefaultSelector):
    """Instead of waiting it moves the clock."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("all wait for what never comes")
            self.now += max(0.0, timeout)
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._moved = _Selector()
        super().__init__(self._moved)
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return round(self._moved.now, 9)


def in_virtual_time[Result](work: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine gives; no task may be left when it ends.

    Raises:
        AssertionError: if one is.
    """

    async def alone() -> Result:
        try:
            return await work
        finally:
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left, f"still running: {left}"

    complaints: list[dict[str, Any]] = []
    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.get_loop().set_exception_handler(lambda _, context: complaints.append(context))
        result = runner.run(alone())
    assert not complaints, complaints
    return result
