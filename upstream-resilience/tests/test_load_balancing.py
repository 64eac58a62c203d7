"""Calls are spread over several servers; one that fails gets none for a while."""

import pytest
from failing_server import FailingServer
from moved_clock import Clock
from upstream_resilience.errors import BadUpstreamAnswer, UpstreamUnavailable
from upstream_resilience.events import Event, ReplicaEjected, ReplicaReturned
from upstream_resilience.load_balancing import Affinity, LoadBalancer, Replica

DOWN = UpstreamUnavailable("down", "refused")


def balance(clock: Clock, events: list[Event], *servers: FailingServer) -> LoadBalancer[FailingServer]:
    replicas = [Replica(name, server) for name, server in zip("abc", servers, strict=False)]
    return LoadBalancer(replicas, on_event=events.append, now=clock)


async def call(balancer: LoadBalancer[FailingServer], times: int, affinity: Affinity | None = None) -> int:
    """Return how many of the calls were answered."""
    answered = 0
    for _ in range(times):
        try:
            await balancer.call(lambda server: server(), affinity or Affinity())
            answered += 1
        except (UpstreamUnavailable, BadUpstreamAnswer):
            continue
    return answered


async def test_equal_servers_take_turns(clock: Clock, events: list[Event]) -> None:
    first, second = FailingServer(), FailingServer()

    await call(balance(clock, events, first, second), 10)

    assert (first.called, second.called) == (5, 5)


async def test_five_failures_in_a_row_eject_a_server_for_a_while(clock: Clock, events: list[Event]) -> None:
    bad, good = FailingServer(*[DOWN] * 5), FailingServer()
    balancer = balance(clock, events, bad, good)

    assert await call(balancer, 30) == 25
    assert (bad.called, events) == (5, [ReplicaEjected("a", 30.0, "refused")])

    clock.seconds = 30
    assert await call(balancer, 10) == 10
    assert (bad.called, events[1:]) == (10, [ReplicaReturned("a")])


async def test_a_single_server_is_never_ejected(clock: Clock, events: list[Event]) -> None:
    assert await call(balance(clock, events, FailingServer(*[DOWN] * 20)), 25) == 5
    assert events == []


async def test_a_sticky_request_stays_with_one_server_while_it_answers(clock: Clock, events: list[Event]) -> None:
    bad, good = FailingServer(*[DOWN] * 50), FailingServer()

    assert await call(balance(clock, events, good, bad), 6, Affinity(sticks=True)) == 5

    assert (bad.called, good.called) == (1, 5)


async def test_what_a_server_rejects_ejects_none(clock: Clock, events: list[Event]) -> None:
    refusal = BadUpstreamAnswer("status 400", blames_rows=True)

    await call(balance(clock, events, FailingServer(*[refusal] * 20), FailingServer(*[refusal] * 20)), 30)

    assert events == []


def test_there_must_be_a_server() -> None:
    with pytest.raises(ValueError, match="at least one"):
        LoadBalancer([])
