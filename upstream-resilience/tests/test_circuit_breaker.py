"""The breaker opens after many failures, fails fast, lets a few calls try, and closes."""

import asyncio

import pytest
from failing_model import FailingModel
from moved_clock import Clock
from scripted_model import ScriptedModel, settle
from upstream_resilience.circuit_breaker import BreakerModel, CircuitBreaker, RecentCalls
from upstream_resilience.errors import BadUpstreamAnswer, CircuitOpen, DeadlineExceeded, Overloaded, UpstreamUnavailable
from upstream_resilience.events import BreakerChanged, Event
from upstream_resilience.probing import probing
from upstream_resilience.verdict import is_failure


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


def test_a_bad_probe_opens_it_for_twice_as_long_and_never_over_a_minute(breaker: CircuitBreaker, clock: Clock) -> None:
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


def test_a_call_that_began_before_it_opened_says_nothing_about_the_probes(
    breaker: CircuitBreaker, clock: Clock
) -> None:
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
def test_what_speaks_against_the_upstream(error: BaseException, counts: bool) -> None:
    assert is_failure(error, seconds=2.0, slow_seconds=1.0) is counts


def test_a_caller_in_a_hurry_does_not_speak_against_it() -> None:
    assert not is_failure(DeadlineExceeded(0.1), seconds=0.1, slow_seconds=1.0)


def test_silence_in_a_short_time_speaks_against_a_server_where_another_one_answered() -> None:
    assert is_failure(DeadlineExceeded(0.25), seconds=0.2, slow_seconds=1.0, others_answered=True)


async def test_calls_that_are_not_failures_never_open_it(breaker: CircuitBreaker) -> None:
    model = FailingModel(*[BadUpstreamAnswer("status 422", blames_rows=True)] * 50)
    wrapped = BreakerModel(model, breaker)

    for _ in range(50):
        with pytest.raises(BadUpstreamAnswer):
            await wrapped.predict(["LotArea"], [[1]])

    assert breaker.state == "closed"


async def test_cancelled_calls_never_open_it(breaker: CircuitBreaker) -> None:
    wrapped = BreakerModel(ScriptedModel(), breaker)
    calls = [asyncio.create_task(wrapped.predict(["LotArea"], [[1]])) for _ in range(30)]
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
    wrapped = BreakerModel(model, breaker, now=clock)
    calls = [asyncio.create_task(wrapped.predict(["LotArea"], [[1]] * rows)) for _ in range(20)]
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
    wrapped = BreakerModel(model, breaker, ping=ping, sleep=lambda _: asyncio.sleep(0))
    for _ in range(20):
        with pytest.raises(UpstreamUnavailable):
            await wrapped.predict(["LotArea"], [[1]])
    await settle()
    await settle()

    assert pinged == 5
    assert states(events) == ["open", "half-open"]
    for _ in range(3):
        await wrapped.predict(["LotArea"], [[1]])
    assert breaker.state == "closed"


async def test_while_open_only_a_probe_may_ask_who_the_model_is(breaker: CircuitBreaker) -> None:
    model = FailingModel()
    wrapped = BreakerModel(model, breaker)
    after_calls(breaker, failed=20)

    with pytest.raises(CircuitOpen):
        await wrapped.details()
    assert model.asked == 0

    with probing():
        assert (await wrapped.details()).identity.version == "1"


def test_counts_are_those_of_the_last_seconds() -> None:
    recent = RecentCalls(20)
    recent.add(0.5, failed=True)
    recent.add(10.0, failed=False)
    assert (recent.calls, recent.failures) == (2, 1)

    recent.add(20.5, failed=False)

    assert (recent.calls, recent.failures) == (2, 0)
