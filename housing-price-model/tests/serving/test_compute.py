"""The computing thread: short work first, long work in slices, nobody stranded by another's end."""

import asyncio
import threading
from collections.abc import Generator

import pytest
from housing_price_model.serving.compute import LONG_BYTES, SHORT_BEFORE_LONG, ComputeThread
from housing_price_model.serving.refusals import QueueFull

SHORT = 1


def steps(log: list[str], name: str, count: int = 1) -> Generator[None, None, str]:
    for number in range(count):
        if number:
            yield
        log.append(name)
    return name


class Held:
    """Keeps the thread busy until it is let go."""

    def __init__(self, compute: ComputeThread) -> None:
        self._begun, self._end = threading.Event(), threading.Event()
        self.task = asyncio.ensure_future(compute.run(self._steps(), size_bytes=SHORT))

    def _steps(self) -> Generator[None]:
        self._begun.set()
        assert self._end.wait(120)
        yield from ()

    async def begun(self) -> None:
        await asyncio.to_thread(self._begun.wait, 10)

    async def let_go(self) -> None:
        self._end.set()
        await self.task


async def test_short_work_goes_between_the_steps_of_long_work() -> None:
    compute = ComputeThread()
    log: list[str] = []
    held = Held(compute)
    await held.begun()

    long = asyncio.ensure_future(compute.run(steps(log, "long", 3), size_bytes=LONG_BYTES))
    await asyncio.sleep(0)
    short = [asyncio.ensure_future(compute.run(steps(log, name), size_bytes=SHORT)) for name in "ab"]
    await asyncio.sleep(0)
    await held.let_go()

    assert await asyncio.gather(long, *short) == ["long", "a", "b"]
    assert log == ["a", "b", "long", "long", "long"]


async def test_long_work_comes_to_an_end_under_steady_short_work() -> None:
    compute = ComputeThread()
    log: list[str] = []
    held = Held(compute)
    await held.begun()

    work = [asyncio.ensure_future(compute.run(steps(log, "long", 2), size_bytes=LONG_BYTES))]
    work += [asyncio.ensure_future(compute.run(steps(log, "short"), size_bytes=SHORT)) for _ in range(20)]
    await asyncio.sleep(0)
    await held.let_go()
    await asyncio.gather(*work)

    assert log.index("long") <= SHORT_BEFORE_LONG
    assert log[SHORT_BEFORE_LONG + 1 :].index("long") <= SHORT_BEFORE_LONG


async def test_long_works_are_done_one_after_the_other() -> None:
    compute = ComputeThread()
    log: list[str] = []
    held = Held(compute)
    await held.begun()

    work = [asyncio.ensure_future(compute.run(steps(log, name, 2), size_bytes=LONG_BYTES)) for name in "ab"]
    await asyncio.sleep(0)
    await held.let_go()
    await asyncio.gather(*work)

    assert log == ["a", "a", "b", "b"]


async def test_work_whose_caller_has_gone_is_not_begun() -> None:
    compute = ComputeThread()
    log: list[str] = []
    held = Held(compute)
    await held.begun()

    gone = asyncio.ensure_future(compute.run(steps(log, "gone"), size_bytes=SHORT))
    stays = asyncio.ensure_future(compute.run(steps(log, "stays"), size_bytes=SHORT))
    await asyncio.sleep(0)
    gone.cancel()
    await held.let_go()

    assert await stays == "stays"
    assert log == ["stays"]
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_an_error_is_its_callers_alone() -> None:
    def failing() -> Generator[None, None, str]:
        yield from ()
        raise ValueError("mine")

    compute = ComputeThread()

    with pytest.raises(ValueError, match="mine"):
        await compute.run(failing(), size_bytes=SHORT)
    assert await compute.run(steps([], "next"), size_bytes=SHORT) == "next"


@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError])
async def test_no_kind_of_end_takes_the_thread_with_it(end: type[BaseException]) -> None:
    def ending() -> Generator[None, None, str]:
        yield from ()
        raise end("mine")

    compute = ComputeThread()

    with pytest.raises(RuntimeError, match=f"ended with {end.__name__}: mine"):
        await asyncio.wait_for(compute.run(ending(), size_bytes=SHORT), 10)
    assert await asyncio.wait_for(compute.run(steps([], "next"), size_bytes=SHORT), 10) == "next"


async def test_work_of_several_steps_comes_after_short_work() -> None:
    compute = ComputeThread()
    log: list[str] = []
    held = Held(compute)
    await held.begun()

    work = [asyncio.ensure_future(compute.run(steps(log, "small", 3), size_bytes=SHORT))]
    work += [asyncio.ensure_future(compute.run(steps(log, name), size_bytes=SHORT)) for name in "ab"]
    await asyncio.sleep(0)
    await held.let_go()
    await asyncio.gather(*work)

    assert log == ["small", "a", "b", "small", "small"]


async def test_too_much_waiting_work_is_refused_and_room_comes_back() -> None:
    compute = ComputeThread(max_waiting=1)
    held = Held(compute)
    await held.begun()

    with pytest.raises(QueueFull):
        await compute.run(steps([], "refused"), size_bytes=SHORT)
    await held.let_go()

    assert await compute.run(steps([], "taken"), size_bytes=SHORT) == "taken"


async def test_the_number_of_waiting_requests_is_told() -> None:
    changes: list[int] = []
    compute = ComputeThread(changes.append)

    await compute.run(steps([], "done"), size_bytes=SHORT)

    assert changes == [1, -1]
