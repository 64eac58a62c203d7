"""Models that are started, watched, and started again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from declared_flows.sources.ml.supervision import Exit, NotStarted, Pauses, RunningModel, SupervisedModel
from declared_flows.sources.ml.table import Table
from declared_flows.sources.port import NO_CALL, Call
from structlog.typing import EventDict
from upstream_resilience.errors import UpstreamUnavailable

TABLE = Table(["price"], ["number"], [[1.0]])


class FakeModel:
    """A model that comes up, or fails to as it is told, and ends when the test says so."""

    version: str | None = None

    def __init__(self) -> None:
        self.fails: list[Exception] = []
        self.is_up = asyncio.Event()
        self.starts = 0
        self.stops = 0
        self.end: asyncio.Future[Exit] | None = None

    async def predict(self, table: Table, call: Call) -> Sequence[Any]:
        return [1.5] * len(table.rows)

    async def wait_for_exit(self) -> Exit:
        self.end = asyncio.get_running_loop().create_future()
        self.is_up.set()
        return await self.end

    @asynccontextmanager
    async def start(self) -> AsyncIterator[RunningModel]:
        self.starts += 1
        if self.fails:
            raise self.fails.pop(0)
        try:
            yield self
        finally:
            self.stops += 1


class Pausing:
    """Sleeps for no time, and keeps how long it should have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.clock = 0.0

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.clock += seconds

    def now(self) -> float:
        return self.clock


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


@pytest.fixture
def pausing() -> Pausing:
    return Pausing()


@pytest.fixture
def supervised(model: FakeModel, pausing: Pausing) -> SupervisedModel:
    return SupervisedModel("artifact: model", model.start, Pauses(0.5, 4.0), sleep=pausing, now=pausing.now)


async def test_it_is_ready_once_up_and_stops_with_the_source(supervised: SupervisedModel, model: FakeModel) -> None:
    async with supervised:
        before = supervised.ready
        with pytest.raises(UpstreamUnavailable, match="being started") as caught:
            await supervised.predict(TABLE, NO_CALL)
        assert caught.value.cause == "not_ready"
        await model.is_up.wait()
        up = supervised.ready
        assert await supervised.predict(TABLE, NO_CALL) == [1.5]
    assert (before, up, supervised.ready) == (False, True, False)
    assert (model.starts, model.stops) == (1, 1)


async def test_starts_that_fail_are_repeated_ever_more_slowly(
    supervised: SupervisedModel, model: FakeModel, pausing: Pausing
) -> None:
    model.fails = [NotStarted(Exit("no")) for _ in range(6)]
    async with supervised:
        await model.is_up.wait()

    assert pausing.seconds == [0.5, 1, 2, 4, 4, 4]


async def test_one_that_was_up_for_long_is_started_again_soon(
    supervised: SupervisedModel, model: FakeModel, pausing: Pausing
) -> None:
    model.fails = [NotStarted(Exit("no")) for _ in range(3)]
    async with supervised:
        await model.is_up.wait()
        model.is_up.clear()
        pausing.clock += 61
        assert model.end
        model.end.set_result(Exit("its process ended with exit code 1"))
        await model.is_up.wait()

    assert pausing.seconds == [0.5, 1, 2, 0.5]


async def test_its_reason_is_public_and_its_output_is_logged(
    supervised: SupervisedModel, model: FakeModel, logged: list[EventDict]
) -> None:
    model.fails = [NotStarted(Exit("its process ended with exit code 1", ["the secret is x"]))]
    async with supervised:
        await model.is_up.wait()
        assert supervised.why_not == "its process ended with exit code 1"
    assert [line["last_lines"] for line in logged if line["event"] == "model_not_up"] == [["the secret is x"]]


async def test_who_answers_is_told_with_the_version_that_is_up(supervised: SupervisedModel, model: FakeModel) -> None:
    async with supervised:
        await model.is_up.wait()
        assert supervised.served_by == "artifact: model"
        model.version = "2"
        assert supervised.served_by == "artifact: model, version 2"


async def test_whatever_a_library_raises_it_is_tried_again(supervised: SupervisedModel, model: FakeModel) -> None:
    model.fails = [ZeroDivisionError("a value"), UpstreamUnavailable("it is gone"), OSError("x")]
    async with supervised:
        await model.is_up.wait()
        assert await supervised.predict(TABLE, NO_CALL) == [1.5]
    assert model.starts == 4


async def test_waiting_ends_when_it_is_up_or_failed_once(supervised: SupervisedModel, model: FakeModel) -> None:
    async with supervised:
        await supervised.wait_until_settled()
        assert supervised.ready
    model.fails = [NotStarted(Exit("no"))]
    failing = SupervisedModel("docker: model", model.start, Pauses(), sleep=lambda seconds: asyncio.Event().wait())
    async with failing:
        await failing.wait_until_settled()
        assert (failing.ready, failing.why_not) == (False, "no")
