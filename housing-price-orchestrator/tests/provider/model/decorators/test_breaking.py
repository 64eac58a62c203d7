"""A model behind a circuit breaker: what counts as a failure, and who may still ask."""

import asyncio

import pytest
from failing_model import FailingModel
from housing_price_orchestrator.domain import NO_REQUEST, ModelRequest, RequestContext
from housing_price_orchestrator.provider.model.decorators.breaking import CircuitBreakingModel
from housing_price_orchestrator.service.ports import ServedModel
from moved_clock import Clock
from scripted_model import ScriptedModel, settle
from upstream_resilience.circuit_breaker import CircuitBreaker
from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import BadUpstreamAnswer, CircuitOpen, DeadlineExceeded, UpstreamUnavailable
from upstream_resilience.events import BreakerChanged, Event
from upstream_resilience.pings import Pings


@pytest.fixture
def breaker(clock: Clock, events: list[Event]) -> CircuitBreaker:
    return CircuitBreaker(on_event=events.append, now=clock)


def breaking(model: ServedModel, breaker: CircuitBreaker, pings: Pings | None = None) -> CircuitBreakingModel:
    return CircuitBreakingModel(model, model, breaker, pings=pings)


def after_calls(breaker: CircuitBreaker, *, failed: int) -> None:
    for _ in range(failed):
        breaker.end(breaker.begin(), failed=True)


def states(events: list[Event]) -> list[str]:
    return [event.state for event in events if isinstance(event, BreakerChanged)]


async def test_calls_that_are_not_failures_never_open_it(breaker: CircuitBreaker) -> None:
    model = FailingModel(*[BadUpstreamAnswer("status 422", blames_rows=True)] * 50)
    wrapped = breaking(model, breaker)

    for _ in range(50):
        with pytest.raises(BadUpstreamAnswer):
            await wrapped.predict(ModelRequest(["LotArea"], [[1]]))

    assert breaker.state == "closed"


async def test_cancelled_calls_never_open_it(breaker: CircuitBreaker) -> None:
    wrapped = breaking(ScriptedModel(), breaker)
    calls = [asyncio.create_task(wrapped.predict(ModelRequest(["LotArea"], [[1]]))) for _ in range(30)]
    await settle()

    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)

    assert breaker.state == "closed"


@pytest.mark.parametrize(("rows", "state"), [(1, "open"), (64, "open"), (256, "closed")])
async def test_slow_answers_count_as_failures_large_ones_in_proportion(
    breaker: CircuitBreaker, clock: Clock, rows: int, state: str
) -> None:
    model = ScriptedModel()
    wrapped = breaking(model, breaker)
    calls = [asyncio.create_task(wrapped.predict(ModelRequest(["LotArea"], [[1]] * rows))) for _ in range(20)]
    await settle()

    clock.seconds = 3.9 if rows > 64 else 1.1
    for call in model.calls:
        call.answer()
    await asyncio.gather(*calls)

    assert breaker.state == state


async def test_two_good_pings_let_calls_try_at_once(breaker: CircuitBreaker, events: list[Event]) -> None:
    outcomes = [UpstreamUnavailable("down", "refused"), None, UpstreamUnavailable("down", "refused"), None, None]
    pinged = 0

    async def ping() -> None:
        nonlocal pinged
        pinged += 1
        if error := outcomes[pinged - 1]:
            raise error

    model = FailingModel(*[UpstreamUnavailable("down", "refused")] * 20)
    wrapped = breaking(model, breaker, pings=Pings(breaker, ping, sleep=lambda _: asyncio.sleep(0)))
    for _ in range(20):
        with pytest.raises(UpstreamUnavailable):
            await wrapped.predict(ModelRequest(["LotArea"], [[1]]))
    await settle()
    await settle()

    assert pinged == 5
    assert states(events) == ["open", "half-open"]
    for _ in range(3):
        await wrapped.predict(ModelRequest(["LotArea"], [[1]]))
    assert breaker.state == "closed"


async def test_while_open_only_a_probe_may_ask_for_details(breaker: CircuitBreaker) -> None:
    model = FailingModel()
    wrapped = breaking(model, breaker)
    after_calls(breaker, failed=20)

    with pytest.raises(CircuitOpen):
        await wrapped.details(NO_REQUEST)
    assert model.asked == 0

    probe = RequestContext(is_probe=True)
    assert (await wrapped.details(probe)).identity.version == "1"


async def test_slow_answers_within_the_deadline_never_open_it(breaker: CircuitBreaker, clock: Clock) -> None:
    model = ScriptedModel()
    wrapped = breaking(model, breaker)
    request = ModelRequest(["LotArea"], [[1]], deadline=Deadline.after(60))
    calls = [asyncio.create_task(wrapped.predict(request)) for _ in range(20)]
    await settle()

    clock.seconds = 1.9
    for call in model.calls:
        call.answer()
    await asyncio.gather(*calls)

    assert breaker.state == "closed"


@pytest.mark.parametrize(("others_answered_at", "state"), [(1.5, "closed"), (None, "open")])
async def test_calls_that_waited_behind_others_do_not_open_it(
    breaker: CircuitBreaker, clock: Clock, others_answered_at: float | None, state: str
) -> None:
    model = ScriptedModel()
    wrapped = breaking(model, breaker)
    calls = [asyncio.create_task(wrapped.predict(ModelRequest(["LotArea"], [[1]]))) for _ in range(21)]
    await settle()
    if others_answered_at:
        clock.seconds = others_answered_at
        model.calls.pop().answer()
        await settle()

    clock.seconds = 2.0
    for call in model.in_flight:
        call.fail(DeadlineExceeded(2.0))
    await asyncio.gather(*calls, return_exceptions=True)

    assert breaker.state == state
