"""Calls are spread over the servers of a model; one that fails gets none for a while."""

import asyncio
from typing import Any

import pytest
from failing_model import FailingModel
from housing_price_orchestrator.domain import NO_REQUEST, ModelDetails, ModelRequest, Predictions, RequestContext
from housing_price_orchestrator.provider.model.decorators.balancing import LoadBalancedModel
from housing_price_orchestrator.provider.model.decorators.batching.batcher import Batcher
from housing_price_orchestrator.provider.model.decorators.deadline import DeadlineModel
from housing_price_orchestrator.provider.model.decorators.retrying import RetryingModel
from housing_price_orchestrator.service.ports import ServedModel
from moved_clock import Clock
from scripted_model import ScriptedModel, settle
from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import BadUpstreamAnswer, DeadlineExceeded, UpstreamUnavailable
from upstream_resilience.events import Event, ReplicaEjected, ReplicaReturned
from upstream_resilience.load_balancing import Affinity, LoadBalancer, Replica
from upstream_resilience.retry import Retry
from virtual_time import in_virtual_time

DOWN = UpstreamUnavailable("down", "refused")


def balance(*models: ServedModel, **options: Any) -> LoadBalancedModel:
    replicas = [Replica(name, model) for name, model in zip("abc", models, strict=False)]
    return LoadBalancedModel(LoadBalancer(replicas, **options))


def balanced(*models: FailingModel | ScriptedModel, clock: Clock, events: list[Event]) -> LoadBalancedModel:
    return balance(*models, on_event=events.append, now=clock)


def retrying(model: LoadBalancedModel) -> RetryingModel:
    return RetryingModel(model, Retry(sleep=lambda _: asyncio.sleep(0)))


async def ask(model: LoadBalancedModel | RetryingModel, times: int, affinity: Affinity | None = None) -> int:
    """How many of the calls were answered."""
    answered = 0
    for _ in range(times):
        try:
            await model.predict(ModelRequest(["LotArea"], [[1]], affinity=affinity))
            answered += 1
        except (UpstreamUnavailable, BadUpstreamAnswer):
            continue
    return answered


async def test_equal_servers_take_turns(clock: Clock, events: list[Event]) -> None:
    first, second = FailingModel(), FailingModel()

    await ask(balanced(first, second, clock=clock, events=events), 10)

    assert (first.asked, second.asked) == (5, 5)


async def test_the_server_with_fewer_calls_in_flight_is_asked(clock: Clock, events: list[Event]) -> None:
    busy, quick = ScriptedModel(), FailingModel()
    model = balanced(busy, quick, clock=clock, events=events)
    calls = [asyncio.create_task(model.predict(ModelRequest(["LotArea"], [[1]]))) for _ in range(4)]
    await settle()

    assert (len(busy.calls), quick.asked) == (1, 3)

    busy.calls[0].answer()
    await asyncio.gather(*calls)


async def test_five_failures_in_a_row_eject_a_server_for_a_while(clock: Clock, events: list[Event]) -> None:
    bad, good = FailingModel(*[DOWN] * 5), FailingModel()
    model = balanced(bad, good, clock=clock, events=events)

    assert await ask(model, 10) == 5
    assert events == [ReplicaEjected("a", 30.0, "refused")]
    assert await ask(model, 20) == 20
    assert bad.asked == 5

    clock.seconds = 30
    assert await ask(model, 10) == 10
    assert bad.asked == 10
    assert events[1:] == [ReplicaReturned("a")]


async def test_a_server_that_fails_again_is_ejected_for_longer(clock: Clock, events: list[Event]) -> None:
    model = balanced(FailingModel(*[DOWN] * 50), FailingModel(), clock=clock, events=events)
    for _ in range(4):
        await ask(model, 20)
        clock.seconds += 300

    assert [event.seconds for event in events if isinstance(event, ReplicaEjected)] == [30, 60, 90, 120]


async def test_the_last_server_is_never_ejected_and_ejected_ones_are_tried(clock: Clock, events: list[Event]) -> None:
    first, last = FailingModel(*[DOWN] * 5), FailingModel(*[None] * 5, *[DOWN] * 1000)
    model = balanced(first, last, clock=clock, events=events)

    await ask(model, 40)

    assert next(event for event in events if isinstance(event, ReplicaEjected)).replica == "a"
    assert ReplicaReturned("a") in events
    assert await ask(model, 10) >= 9


async def test_a_single_server_is_never_ejected(clock: Clock, events: list[Event]) -> None:
    model = balanced(FailingModel(*[DOWN] * 20), clock=clock, events=events)

    assert await ask(model, 25) == 5
    assert events == []


async def test_a_retry_goes_to_another_server(clock: Clock, events: list[Event]) -> None:
    bad, good = FailingModel(*[DOWN] * 100), FailingModel()
    model = retrying(balanced(bad, good, clock=clock, events=events))

    assert await ask(model, 100) == 100
    assert bad.asked == 5


async def test_our_own_lack_of_connections_counts_against_no_server(clock: Clock, events: list[Event]) -> None:
    model = balanced(
        FailingModel(*[UpstreamUnavailable("none free", "pool_timeout")] * 50),
        FailingModel(),
        clock=clock,
        events=events,
    )

    await ask(model, 50)

    assert events == []


async def test_all_slices_of_a_batch_go_to_one_server(clock: Clock, events: list[Event]) -> None:
    old, new = FailingModel(version="1"), FailingModel(version="2")
    batcher = Batcher(
        balanced(old, new, clock=clock, events=events), calls_at_once=2, slice_calls=2, max_rows=2, slice_rows=2
    )

    answers = [await batcher.predict(ModelRequest(["LotArea"], [[number] for number in range(10)])) for _ in range(2)]

    assert {answer.model.version for answer in answers} == {"1", "2"}
    assert {old.asked, new.asked} == {5}


async def test_a_batch_moves_to_another_server_when_its_own_fails(clock: Clock, events: list[Event]) -> None:
    bad, good = FailingModel(*[DOWN] * 50), FailingModel()
    model = retrying(balanced(good, bad, clock=clock, events=events))

    assert await ask(model, 5, Affinity(sticks=True)) == 5

    assert (bad.asked, good.asked) == (1, 5)


async def test_rows_that_the_servers_refuse_eject_none(clock: Clock, events: list[Event]) -> None:
    refusal = BadUpstreamAnswer("status 400", blames_rows=True)

    await ask(balanced(FailingModel(*[refusal] * 20), FailingModel(*[refusal] * 20), clock=clock, events=events), 30)

    assert events == []


async def test_details_come_from_any_server_and_judge_none(clock: Clock, events: list[Event]) -> None:
    dead, well = FailingModel(*[DOWN] * 100), FailingModel()
    model = balanced(dead, well, clock=clock, events=events)

    for _ in range(10):
        assert (await model.details(NO_REQUEST)).identity.version == "1"

    assert events == []


async def test_there_are_no_details_when_no_server_answers(clock: Clock, events: list[Event]) -> None:
    model = balanced(FailingModel(*[DOWN] * 9), FailingModel(*[DOWN] * 9), clock=clock, events=events)

    with pytest.raises(UpstreamUnavailable):
        await model.details(NO_REQUEST)


class HangingModel(FailingModel):
    """A server that takes a call and never answers."""

    async def predict(self, request: ModelRequest) -> Predictions:
        self.asked += 1
        await asyncio.sleep(3600)
        raise AssertionError("it answered")

    async def details(self, context: RequestContext) -> ModelDetails:
        self.asked += 1
        await asyncio.sleep(3600)
        raise AssertionError("it answered")


class SlowModel(FailingModel):
    """A server that needs a while."""

    async def predict(self, request: ModelRequest) -> Predictions:
        self.asked += 1
        await asyncio.sleep(0.2)
        return await FailingModel().predict(request)


class Probed:
    """Servers that are asked for a price once a second, as the readiness probe does."""

    def __init__(self, *models: FailingModel) -> None:
        self.events: list[Event] = []
        self.answered = 0
        self._models = models

    async def probe(self, times: int) -> None:
        loop = asyncio.get_running_loop()
        model = balance(*map(DeadlineModel, self._models), on_event=self.events.append, now=loop.time)
        for _ in range(times):
            await asyncio.gather(self._probe_once(model), return_exceptions=True)
            await asyncio.sleep(1)

    async def _probe_once(self, model: LoadBalancedModel) -> None:
        await in_time(model, 0.25, RequestContext(is_probe=True))
        self.answered += 1


@pytest.mark.parametrize("is_first", [True, False])
def test_a_probe_gets_past_a_hanging_server_which_is_ejected(is_first: bool) -> None:
    hanging, well = HangingModel(), FailingModel()
    probed = Probed(hanging, well) if is_first else Probed(well, hanging)

    in_virtual_time(probed.probe(60))

    name = "a" if is_first else "b"
    assert probed.answered == 60
    assert probed.events == [
        ReplicaEjected(name, 30.0, "read_timeout"),
        ReplicaReturned(name),
        ReplicaEjected(name, 60.0, "read_timeout"),
    ]
    assert hanging.asked == 6


def test_probes_count_against_no_server_where_none_answers() -> None:
    probed = Probed(HangingModel(), HangingModel())

    in_virtual_time(probed.probe(30))

    assert (probed.answered, probed.events) == (0, [])


def test_a_server_that_answers_a_probe_second_is_well() -> None:
    slow = SlowModel()
    probed = Probed(slow, FailingModel())

    in_virtual_time(probed.probe(30))

    assert (probed.answered, probed.events) == (30, [])
    assert slow.asked == 15


def test_a_probe_gets_past_all_servers_that_refuse() -> None:
    probed = Probed(FailingModel(*[DOWN] * 100), FailingModel(*[DOWN] * 100), FailingModel())

    in_virtual_time(probed.probe(30))

    assert probed.answered == 30


def test_a_caller_in_a_hurry_counts_against_no_server() -> None:
    hanging, events = HangingModel(), list[Event]()

    async def hurry() -> None:
        now = asyncio.get_running_loop().time
        model = balance(DeadlineModel(hanging), FailingModel(), on_event=events.append, now=now)
        for _ in range(20):
            await asyncio.gather(in_time(model, 0.25), return_exceptions=True)

    in_virtual_time(hurry())

    assert (hanging.asked, events) == (10, [])


async def in_time(model: LoadBalancedModel, seconds: float, context: RequestContext | None = None) -> Predictions:
    deadline = Deadline.after(seconds)
    async with deadline.limit():
        return await model.predict(
            ModelRequest(["LotArea"], [[1]], context=context or RequestContext(), deadline=deadline)
        )


def test_details_come_from_another_server_when_one_hangs() -> None:
    hanging = HangingModel()

    async def ask() -> list[str]:
        model = balance(DeadlineModel(hanging), FailingModel())
        context = RequestContext()
        async with context.start_deadline(0.25).limit():
            return [(await model.details(context)).identity.version for _ in range(2)]

    assert in_virtual_time(ask()) == ["1", "1"]
    assert hanging.asked == 2


def test_details_time_out_when_all_servers_hang() -> None:
    async def ask() -> ModelDetails:
        context = RequestContext()
        async with context.start_deadline(0.25).limit():
            return await balance(*(DeadlineModel(HangingModel()) for _ in "ab")).details(context)

    with pytest.raises(DeadlineExceeded):
        in_virtual_time(ask())
