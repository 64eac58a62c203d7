"""A model in this process, as it is asked and made anew: with a fake in place of MLflow's."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

import pytest
from declared_flows.sources.ml.table import Table
from declared_flows.sources.port import NO_CALL
from housing_price_model.serving.any_model import AnyModel, NotTaken
from housing_price_orchestrator.provider.ml_strategies.registry import ModelInProcess
from structlog.typing import EventDict
from upstream_resilience.errors import BadUpstreamAnswer

TABLE = Table(["price"], ["number"], [[1.0]])


class FakeModel:
    """Answers what it is told to."""

    def __init__(self, prediction: float, source: str = "models:/insurance/1") -> None:
        self.source = source
        self.prediction = prediction
        self.fails: Exception | None = None
        self.asked_in: list[threading.Thread] = []
        self.closed = threading.Event()

    def answer(self, body: bytes) -> bytes:
        self.asked_in.append(threading.current_thread())
        if self.fails:
            raise self.fails
        return f'{{"predictions": [{self.prediction}]}}'.encode()

    def close(self) -> None:
        self.closed.set()


type Newer = Callable[[str | None], Awaitable[AnyModel | None]]


async def none_newer(source: str | None) -> AnyModel | None:
    return None


@asynccontextmanager
async def in_process(fake: FakeModel, newer: Newer = none_newer) -> AsyncIterator[ModelInProcess]:
    model = ModelInProcess(cast("AnyModel", fake), newer, refresh_seconds=0)
    refreshing = asyncio.create_task(model.wait_for_exit())
    try:
        yield model
    finally:
        refreshing.cancel()
        await asyncio.wait([refreshing])
        model.close()


async def test_it_runs_in_one_thread_that_blocks_no_exit() -> None:
    fake = FakeModel(1.5)
    async with in_process(fake) as model:
        assert await asyncio.gather(*(model.predict(TABLE, NO_CALL) for _ in range(3))) == [[1.5]] * 3

    assert len(set(fake.asked_in)) == 1
    assert fake.asked_in[0] is not threading.main_thread()
    assert fake.asked_in[0].daemon


async def test_who_left_before_it_was_asked_is_not_answered() -> None:
    fake, may_go_on = FakeModel(1.5), threading.Event()
    answer = fake.answer
    fake.answer = lambda body: (may_go_on.wait(), answer(body))[1]  # type: ignore[method-assign]  # a test says what it answers
    async with in_process(fake) as model:
        first, second, third = (asyncio.create_task(model.predict(TABLE, NO_CALL)) for _ in range(3))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        may_go_on.set()
        assert (await first, await third) == ([1.5], [1.5])

    assert len(fake.asked_in) == 2


async def test_refused_rows_are_no_failure_of_the_model() -> None:
    fake = FakeModel(1.5)
    fake.fails = NotTaken()
    async with in_process(fake) as model:
        with pytest.raises(BadUpstreamAnswer) as caught:
            await model.predict(TABLE, NO_CALL)

    assert caught.value.blames_rows


async def test_a_failed_refresh_keeps_the_current_model(logged: list[EventDict]) -> None:
    fake, better, has_failed = FakeModel(1.5), FakeModel(2.5, "models:/insurance/2"), asyncio.Event()

    async def newer(source: str | None) -> AnyModel | None:
        if source == better.source:
            return None
        if not has_failed.is_set():
            has_failed.set()
            raise KeyError("of a library's own")
        return cast("AnyModel", better)

    async with in_process(fake, newer) as model:
        await asyncio.to_thread(fake.closed.wait, 30)
        assert (await model.predict(TABLE, NO_CALL), model.version) == ([2.5], "2")

    [line] = [line for line in logged if line["event"] == "model_not_refreshed"]
    assert line["last_lines"] == ['KeyError: "of a library\'s own"']
