"""An open breaker is pinged, so that calls try again as soon as the upstream is well."""

import asyncio

import pytest
from moved_clock import Clock
from upstream_resilience.circuit_breaker import CircuitBreaker
from upstream_resilience.errors import UpstreamUnavailable
from upstream_resilience.events import BreakerChanged, Event
from upstream_resilience.pings import Pings
from virtual_time import in_virtual_time

DOWN = UpstreamUnavailable("down", "refused")


@pytest.fixture
def breaker(clock: Clock, events: list[Event]) -> CircuitBreaker:
    return CircuitBreaker(on_event=events.append, now=clock)


def open_it(breaker: CircuitBreaker) -> None:
    for _ in range(20):
        breaker.end(breaker.begin(), failed=True)


async def ping_a_while(breaker: CircuitBreaker, *outcomes: UpstreamUnavailable | None) -> int:
    """Return how many pings were made in a minute."""
    left = list(outcomes)

    async def ping() -> None:
        if error := left.pop(0):
            raise error

    pings = Pings(breaker, ping)
    pings.start_if_open()
    pings.start_if_open()  # which changes nothing
    await asyncio.sleep(60)
    await pings.aclose()
    return len(outcomes) - len(left)


def test_two_passes_in_a_row_let_calls_try(breaker: CircuitBreaker, events: list[Event]) -> None:
    open_it(breaker)

    pinged = in_virtual_time(ping_a_while(breaker, DOWN, None, DOWN, None, None, None))

    assert pinged == 5
    assert [event.state for event in events if isinstance(event, BreakerChanged)] == ["open", "half-open"]


def test_a_closed_breaker_is_not_pinged(breaker: CircuitBreaker) -> None:
    async def start() -> None:
        Pings(breaker, ping=pytest.fail).start_if_open()

    in_virtual_time(start())
