"""Failed calls are made again where that may help, with pauses by chance and within a budget."""

from dataclasses import dataclass, field

import pytest
from failing_server import FailingServer
from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import (
    BadUpstreamAnswer,
    CircuitOpen,
    DeadlineExceeded,
    UpstreamError,
    UpstreamUnavailable,
)
from upstream_resilience.events import Event, NotRetried, Retried
from upstream_resilience.retry import Backoff, Retry, RetryBudget
from upstream_resilience.settings import RetrySettings


@dataclass
class Pauses:
    """A sleep that takes no time and remembers how long it should have been."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def retry_with(pauses: Pauses | None = None, events: list[Event] | None = None) -> Retry:
    heard = events if events is not None else []
    return Retry(RetrySettings(), on_event=heard.append, jitter=lambda: 0.5, sleep=pauses or Pauses())


async def test_a_lost_connection_is_tried_once_more() -> None:
    server, pauses, events = FailingServer(UpstreamUnavailable("lost", "reset")), Pauses(), list[Event]()

    answer = await retry_with(pauses, events).call(server)

    assert answer == "answer"
    assert server.called == 2
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
async def test_what_a_second_call_can_not_mend_is_called_once(error: UpstreamError) -> None:
    server = FailingServer(error)

    with pytest.raises(type(error)):
        await retry_with().call(server)

    assert server.called == 1


async def test_there_are_two_attempts_and_no_third() -> None:
    server = FailingServer(*[UpstreamUnavailable("down", "refused")] * 5)

    with pytest.raises(UpstreamUnavailable):
        await retry_with().call(server)

    assert server.called == 2


async def test_retry_after_is_honoured_within_the_time_left() -> None:
    pauses, events = Pauses(), list[Event]()
    busy = FailingServer(UpstreamUnavailable("busy", "status", 1.0))
    await retry_with(pauses).call(busy, deadline=Deadline.after(3))
    assert pauses.seconds == [1.0]

    server = FailingServer(UpstreamUnavailable("busy", "status", 3.0))
    with pytest.raises(UpstreamUnavailable):
        await retry_with(pauses, events).call(server, deadline=Deadline.after(3))
    assert server.called == 1
    assert events == [NotRetried("status", "deadline")]


async def test_a_thousand_failing_calls_cost_the_upstream_a_tenth_more() -> None:
    server = FailingServer(*[UpstreamUnavailable("down", "refused")] * 3000)
    retry = retry_with()

    for _ in range(1000):
        with pytest.raises(UpstreamUnavailable):
            await retry.call(server)

    assert 1100 <= server.called <= 1150


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


async def test_a_call_may_have_attempts_of_its_own() -> None:
    server = FailingServer(*[UpstreamUnavailable("down", "refused")] * 9)

    with pytest.raises(UpstreamUnavailable):
        await retry_with().call(server, attempts=4)

    assert server.called == 4
