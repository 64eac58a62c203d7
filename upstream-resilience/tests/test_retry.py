"""Failed calls are made again where that may help, with pauses by chance and within a budget."""

from dataclasses import dataclass, field

import pytest
from failing_model import FailingModel
from upstream_resilience.deadline import deadline
from upstream_resilience.errors import (
    BadUpstreamAnswer,
    CircuitOpen,
    DeadlineExceeded,
    UpstreamError,
    UpstreamUnavailable,
)
from upstream_resilience.events import Event, NotRetried, Retried
from upstream_resilience.retry import Backoff, RetriedModel, RetryBudget
from upstream_resilience.settings import RetrySettings


@dataclass
class Pauses:
    """A sleep that takes no time and remembers how long it should have been."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def retried(model: FailingModel, pauses: Pauses | None = None, events: list[Event] | None = None) -> RetriedModel:
    heard = events if events is not None else []
    return RetriedModel(model, RetrySettings(), on_event=heard.append, jitter=lambda: 0.5, sleep=pauses or Pauses())


async def test_a_lost_connection_is_asked_once_more() -> None:
    model, pauses, events = FailingModel(UpstreamUnavailable("lost", "reset")), Pauses(), list[Event]()

    answer = await retried(model, pauses, events).predict(["LotArea"], [[1]])

    assert answer.outputs == ["price of [1]"]
    assert model.asked == 2
    assert pauses.seconds == [0.0125]
    assert events == [Retried("reset", 0.0125)]


@pytest.mark.parametrize(
    "error",
    [
        BadUpstreamAnswer("status 500"),
        BadUpstreamAnswer("status 400", blames_rows=True),
        DeadlineExceeded(2.0),
        CircuitOpen(1.0),
        UpstreamUnavailable("no connection was free", "pool_timeout"),
    ],
)
async def test_what_a_second_call_can_not_mend_is_asked_once(error: UpstreamError) -> None:
    model = FailingModel(error)

    with pytest.raises(type(error)):
        await retried(model).predict(["LotArea"], [[1]])

    assert model.asked == 1


async def test_there_are_two_attempts_and_no_third() -> None:
    model = FailingModel(*[UpstreamUnavailable("down", "refused")] * 5)

    with pytest.raises(UpstreamUnavailable):
        await retried(model).predict(["LotArea"], [[1]])

    assert model.asked == 2


async def test_the_upstreams_own_wish_is_heeded_and_refused_when_longer_than_the_time_left() -> None:
    pauses, events = Pauses(), list[Event]()
    async with deadline(3):
        await retried(FailingModel(UpstreamUnavailable("busy", "status", 1.0)), pauses).predict(["LotArea"], [[1]])
    assert pauses.seconds == [1.0]

    model = FailingModel(UpstreamUnavailable("busy", "status", 3.0))
    async with deadline(3):
        with pytest.raises(UpstreamUnavailable):
            await retried(model, pauses, events).predict(["LotArea"], [[1]])
    assert model.asked == 1
    assert events == [NotRetried("status", "deadline")]


async def test_a_thousand_failing_calls_cost_the_upstream_a_tenth_more() -> None:
    model = FailingModel(*[UpstreamUnavailable("down", "refused")] * 3000)
    wrapped = retried(model)

    for _ in range(1000):
        with pytest.raises(UpstreamUnavailable):
            await wrapped.predict(["LotArea"], [[1]])

    assert 1100 <= model.asked <= 1150


def test_a_budget_is_full_at_the_start_and_never_fuller() -> None:
    budget = RetryBudget(most=2, share=0.5)
    budget.add(100)

    assert [budget.take() for _ in range(3)] == [True, True, False]

    budget.add(2)
    assert [budget.take() for _ in range(2)] == [True, False]


@pytest.mark.parametrize(("retry", "bound"), [(0, 0.025), (1, 0.05), (2, 0.1), (3, 0.2), (4, 0.25), (50, 0.25)])
def test_pauses_are_any_time_up_to_a_bound_that_doubles(retry: int, bound: float) -> None:
    assert Backoff(jitter=lambda: 0.0).pause_seconds(retry) == 0
    assert Backoff(jitter=lambda: 1.0).pause_seconds(retry) == pytest.approx(bound)
