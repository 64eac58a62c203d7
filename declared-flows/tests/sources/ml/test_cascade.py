"""Several ways to one model, tried in order."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from declared_flows.sources.ml.cascade import REST_SECONDS, Cascade
from declared_flows.sources.ml.table import Table
from declared_flows.sources.port import NO_CALL, Call
from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamUnavailable

TABLE = Table(["price"], ["number"], [[1.0]])


class FakeBackend:
    """A way that answers its own name, or does what it is told."""

    why_not = "it is being started"

    def __init__(self, name: str, *, ready: bool = True) -> None:
        self.name = name
        self.ready = ready
        self.asked = 0
        self.is_asked = asyncio.Event()
        self.is_settled = asyncio.Event()
        self.served_by = name
        self.fails: Callable[[], Any] | None = None
        self.lacks: Sequence[str] = ()

    async def predict(self, table: Table, call: Call) -> Sequence[Any]:
        self.asked += 1
        self.is_asked.set()
        if self.fails:
            await self.fails()
        return [self.name] * len(table.rows)

    async def wait_until_settled(self) -> None:
        await self.is_settled.wait()

    async def verify(self) -> Sequence[str]:
        if self.fails:
            await self.fails()
        return self.lacks


async def is_gone() -> None:
    raise UpstreamUnavailable("the connection was refused", "refused")


async def is_broken() -> None:
    raise BadUpstreamAnswer("it is not JSON")


async def hangs() -> None:
    await asyncio.Event().wait()


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def backends() -> tuple[FakeBackend, FakeBackend]:
    return FakeBackend("registry: models:/x@champion"), FakeBackend("artifact: model")


@pytest.fixture
def cascade(backends: tuple[FakeBackend, FakeBackend], clock: Clock) -> Cascade:
    return Cascade(backends, 0.02, clock)


async def test_the_first_way_answers_and_is_named(cascade: Cascade) -> None:
    assert await cascade.predict(TABLE, NO_CALL) == (["registry: models:/x@champion"], "registry: models:/x@champion")


async def test_a_backend_that_is_not_ready_is_passed_over(
    cascade: Cascade, backends: tuple[FakeBackend, FakeBackend]
) -> None:
    backends[0].ready = False

    assert (await cascade.predict(TABLE, NO_CALL))[1] == "artifact: model"
    assert backends[0].asked == 0


async def test_a_failing_backend_hands_over_and_is_retried_later(
    cascade: Cascade, backends: tuple[FakeBackend, FakeBackend], clock: Clock
) -> None:
    backends[0].fails = is_gone
    assert (await cascade.predict(TABLE, NO_CALL))[1] == "artifact: model"
    backends[0].fails = None
    assert (await cascade.predict(TABLE, NO_CALL))[1] == "artifact: model"
    assert backends[0].asked == 1

    clock.seconds += REST_SECONDS
    assert (await cascade.predict(TABLE, NO_CALL))[1] == "registry: models:/x@champion"


async def test_a_resting_backend_is_called_when_the_others_fail(
    cascade: Cascade, backends: tuple[FakeBackend, FakeBackend]
) -> None:
    backends[0].fails = is_gone
    await cascade.predict(TABLE, NO_CALL)
    backends[0].fails, backends[1].fails = None, is_gone

    assert (await cascade.predict(TABLE, NO_CALL))[1] == "registry: models:/x@champion"


async def test_a_hanging_backend_leaves_time_for_the_next(
    cascade: Cascade, backends: tuple[FakeBackend, FakeBackend]
) -> None:
    backends[0].fails = hangs

    assert (await cascade.predict(TABLE, NO_CALL))[1] == "artifact: model"


async def test_the_time_that_is_shared_is_that_of_the_deadline(
    backends: tuple[FakeBackend, FakeBackend], clock: Clock
) -> None:
    backends[0].fails = hangs

    deadline = Deadline.after(0.1)
    async with deadline.limit():
        assert (await Cascade(backends, 3600.0, clock).predict(TABLE, Call(deadline)))[1] == "artifact: model"


async def test_a_bad_answer_does_not_hand_over(cascade: Cascade, backends: tuple[FakeBackend, FakeBackend]) -> None:
    backends[0].fails = is_broken

    with pytest.raises(BadUpstreamAnswer):
        await cascade.predict(TABLE, NO_CALL)
    assert backends[1].asked == 0


async def test_when_none_answers_the_error_says_of_each_why(
    cascade: Cascade, backends: tuple[FakeBackend, FakeBackend]
) -> None:
    backends[0].ready = False
    backends[1].fails = is_gone

    with pytest.raises(UpstreamUnavailable) as caught:
        await cascade.predict(TABLE, NO_CALL)
    assert caught.value.reason == "registry: it is being started; artifact: the connection was refused"
    assert caught.value.cause == "refused"


async def test_the_only_backend_has_all_the_time(clock: Clock) -> None:
    backend = FakeBackend("http: http://a")
    backend.fails = is_gone

    with pytest.raises(UpstreamUnavailable) as caught:
        await Cascade([backend], 0.01, clock).predict(TABLE, NO_CALL)
    assert caught.value.reason == "the connection was refused"


async def test_a_cancelled_caller_is_no_failure_of_a_backend(
    cascade: Cascade, backends: tuple[FakeBackend, FakeBackend]
) -> None:
    backends[0].fails = hangs
    call = asyncio.create_task(cascade.predict(TABLE, NO_CALL))
    await backends[0].is_asked.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    backends[0].fails = None

    assert (await cascade.predict(TABLE, NO_CALL))[1] == "registry: models:/x@champion"


async def test_verification_asks_every_backend_that_answers(
    cascade: Cascade, backends: tuple[FakeBackend, FakeBackend]
) -> None:
    backends[0].fails = is_gone
    backends[1].lacks = ["there is no folder `model`"]
    assert await cascade.verify() == ["there is no folder `model`"]

    backends[1].fails = is_gone
    with pytest.raises(UpstreamUnavailable):
        await cascade.verify()


async def test_verification_waits_until_one_backend_is_ready(
    cascade: Cascade, backends: tuple[FakeBackend, FakeBackend]
) -> None:
    backends[0].ready = backends[1].ready = False
    check = asyncio.create_task(cascade.verify())
    backends[0].is_settled.set()
    await asyncio.sleep(0)
    assert not check.done()

    backends[1].ready = True
    backends[1].is_settled.set()
    assert await check == []


async def test_verification_says_why_no_backend_comes_up(
    cascade: Cascade, backends: tuple[FakeBackend, FakeBackend]
) -> None:
    for backend in backends:
        backend.ready = False
        backend.is_settled.set()

    with pytest.raises(UpstreamUnavailable, match="it is being started"):
        await cascade.verify()
