"""The breaker opens after many failures, fails fast, lets a few calls try, and closes."""

import asyncio

import pytest
from moved_clock import Clock
from upstream_resilience.circuit_breaker import CircuitBreaker, RecentCalls
from upstream_resilience.errors import BadUpstreamAnswer, CircuitOpen, DeadlineExceeded, Overloaded, UpstreamUnavailable
from upstream_resilience.events import BreakerChanged, Event
from upstream_resilience.failures import is_failure


@pytest.fixture
def breaker(clock: Clock, events: list[Event]) -> CircuitBreaker:
    return CircuitBreaker(on_event=events.append, now=clock)


def after_calls(breaker: CircuitBreaker, *, failed: int, answered: int = 0) -> None:
    for has_failed in [False] * answered + [True] * failed:
        breaker.end(breaker.begin(), failed=has_failed)


def states(events: list[Event]) -> list[str]:
    return [event.state for event in events if isinstance(event, BreakerChanged)]


def test_it_opens_when_half_of_twenty_calls_failed(breaker: CircuitBreaker, events: list[Event]) -> None:
    after_calls(breaker, answered=10, failed=9)
    before = breaker.state

    after_calls(breaker, failed=1)

    assert (before, breaker.state) == ("closed", "open")
    assert events == [BreakerChanged("open", 20, 10, 5.0)]


def test_it_stays_closed_below_that_share(breaker: CircuitBreaker) -> None:
    after_calls(breaker, answered=100, failed=99)

    assert breaker.state == "closed"


def test_calls_of_long_ago_do_not_count(breaker: CircuitBreaker, clock: Clock) -> None:
    after_calls(breaker, failed=19)
    clock.seconds = 21

    after_calls(breaker, failed=10)

    assert breaker.state == "closed"


def test_while_open_it_says_when_the_next_probe_is(breaker: CircuitBreaker, clock: Clock) -> None:
    after_calls(breaker, failed=20)
    clock.seconds = 3.5

    with pytest.raises(CircuitOpen) as refused:
        breaker.begin()

    assert refused.value.retry_after_seconds == pytest.approx(1.5)


def test_three_good_probes_close_it(breaker: CircuitBreaker, clock: Clock, events: list[Event]) -> None:
    after_calls(breaker, failed=20)
    clock.seconds = 5

    probes = [breaker.begin() for _ in range(3)]
    with pytest.raises(CircuitOpen):
        breaker.begin()
    for probe in probes:
        breaker.end(probe, failed=False)

    assert breaker.state == "closed"
    assert states(events) == ["open", "half-open", "closed"]
    after_calls(breaker, failed=19)  # what was before is forgotten
    assert breaker.state == "closed"


def test_a_bad_probe_doubles_the_pause_up_to_a_minute(breaker: CircuitBreaker, clock: Clock) -> None:
    after_calls(breaker, failed=20)
    pauses = []
    for _ in range(6):
        with pytest.raises(CircuitOpen) as refused:
            breaker.begin()
        pauses.append(refused.value.retry_after_seconds)
        clock.seconds += refused.value.retry_after_seconds or 0
        breaker.end(breaker.begin(), failed=True)

    assert pauses == [5, 10, 20, 40, 60, 60]


def test_a_probe_whose_caller_leaves_makes_room_for_another(breaker: CircuitBreaker, clock: Clock) -> None:
    after_calls(breaker, failed=20)
    clock.seconds = 5
    probes = [breaker.begin() for _ in range(3)]

    breaker.forget(probes[0])

    assert breaker.begin() == probes[0]


def test_a_call_from_before_it_opened_does_not_count(breaker: CircuitBreaker, clock: Clock) -> None:
    before = breaker.begin()
    after_calls(breaker, failed=20)
    clock.seconds = 5
    breaker.begin()

    breaker.end(before, failed=True)

    assert breaker.state == "half-open"


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (UpstreamUnavailable("down", "refused"), True),
        (DeadlineExceeded(2.0), True),
        (BadUpstreamAnswer("status 500"), True),
        (BadUpstreamAnswer("status 400", blames_rows=True), False),
        (UpstreamUnavailable("no connection was free", "pool_timeout"), False),
        (Overloaded("1,000 are waiting already"), False),
        (asyncio.CancelledError(), False),
    ],
)
def test_which_errors_count_as_failures(error: BaseException, counts: bool) -> None:
    assert is_failure(error, seconds=2.0, slow_seconds=1.0) is counts


def test_a_caller_in_a_hurry_does_not_count_as_failure() -> None:
    assert not is_failure(DeadlineExceeded(0.1), seconds=0.1, slow_seconds=1.0)


def test_silence_counts_as_a_failure_where_another_server_answered() -> None:
    assert is_failure(DeadlineExceeded(0.25), seconds=0.2, slow_seconds=1.0, others_answered=True)


def test_counts_are_those_of_the_last_seconds() -> None:
    recent = RecentCalls(20)
    recent.add(0.5, failed=True)
    recent.add(10.0, failed=False)
    assert (recent.calls, recent.failures) == (2, 1)

    recent.add(20.5, failed=False)

    assert (recent.calls, recent.failures) == (2, 0)


async def test_a_call_is_counted_as_its_judge_says(breaker: CircuitBreaker) -> None:
    async def answer() -> str:
        return "slow"

    for _ in range(4):
        await breaker.call(answer, lambda end: 5 if end.answer == "slow" else 0)

    assert breaker.state == "open"


async def test_a_call_that_says_nothing_is_not_counted(breaker: CircuitBreaker) -> None:
    async def fail() -> str:
        raise BadUpstreamAnswer("status 422", blames_rows=True)

    for _ in range(50):
        with pytest.raises(BadUpstreamAnswer):
            await breaker.call(fail, lambda end: None if end.error else 0)

    assert breaker.state == "closed"


async def test_while_open_no_call_is_made(breaker: CircuitBreaker) -> None:
    after_calls(breaker, failed=20)
    made = []

    async def call() -> None:
        made.append(1)

    with pytest.raises(CircuitOpen):
        await breaker.call(call, lambda _end: 0)

    assert not made
