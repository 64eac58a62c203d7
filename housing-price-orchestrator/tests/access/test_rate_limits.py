"""Token buckets: a burst at once, then the rate, and never more memory than is set."""

from housing_price_orchestrator.access.rate_limits import Claim, InMemoryRateLimiter, Rate, Verdict
from hypothesis import given
from hypothesis import strategies as st

RATE = Rate(per_second=2.0, burst=4)


class Limited:
    """Limits with a clock that the test sets."""

    def __init__(self, max_clients: int = 100) -> None:
        self.seconds = 0.0
        self.limits = InMemoryRateLimiter(max_clients, now=lambda: self.seconds)

    async def ask(self, *claims: Claim) -> Verdict:
        verdict = await self.limits.take(claims)
        assert verdict is not None
        return verdict


def by_key(client: str = "shop", rate: Rate = RATE) -> Claim:
    return Claim("key", client, rate)


def by_address(client: str = "203.0.113.7", rate: Rate = RATE) -> Claim:
    return Claim("address", client, rate)


async def test_a_burst_is_let_through_and_then_the_rate() -> None:
    limited = Limited()

    assert [(await limited.ask(by_key())).remaining for _ in range(4)] == [3, 2, 1, 0]
    refused = await limited.ask(by_key())
    assert not refused.is_allowed
    assert (refused.retry_after_seconds, refused.reset_seconds) == (0.5, 2)
    limited.seconds = 0.5
    assert (await limited.ask(by_key())).is_allowed
    assert not (await limited.ask(by_key())).is_allowed


async def test_a_full_bucket_stays_full() -> None:
    limited = Limited()
    limited.seconds = 1e6

    first = await limited.ask(by_key())

    assert (first.remaining, first.reset_seconds) == (3, 1)


async def test_each_client_has_a_bucket_of_its_own() -> None:
    limited = Limited()
    for _ in range(4):
        await limited.ask(by_key("a"))

    assert not (await limited.ask(by_key("a"))).is_allowed
    assert (await limited.ask(by_key("b"))).is_allowed
    assert (await limited.ask(by_address("a"))).is_allowed


async def test_the_tightest_bucket_decides_and_a_rejection_takes_no_token() -> None:
    limited = Limited()
    narrow = by_address(rate=Rate(per_second=0.1, burst=1))

    assert (await limited.ask(by_key(), narrow)).claim is narrow
    for _ in range(10):
        refused = await limited.ask(by_key(), narrow)
        assert (refused.is_allowed, refused.claim) == (False, narrow)
    assert (await limited.ask(by_key())).remaining == 2


async def test_the_longer_wait_speaks_where_both_are_empty() -> None:
    limited = Limited()
    slow, quick = by_key(rate=Rate(0.1, 1)), by_address(rate=Rate(10.0, 1))

    await limited.ask(quick, slow)

    assert (await limited.ask(quick, slow)).claim is slow


async def test_a_clock_that_goes_back_gives_no_tokens() -> None:
    limited = Limited()
    limited.seconds = 100
    for _ in range(4):
        await limited.ask(by_key())

    limited.seconds = 50

    assert not (await limited.ask(by_key())).is_allowed


async def test_buckets_are_bounded_by_kind() -> None:
    limited = Limited(max_clients=10)
    for _ in range(4):
        await limited.ask(by_key())

    for number in range(1000):
        await limited.ask(by_address(str(number)))

    assert limited.limits.size == 11
    assert not (await limited.ask(by_key())).is_allowed


@given(
    pauses=st.lists(st.floats(min_value=0, max_value=10), min_size=1, max_size=60),
    per_second=st.floats(min_value=0.01, max_value=100),
    burst=st.integers(min_value=1, max_value=20),
)
async def test_no_arrivals_exceed_burst_and_rate(pauses: list[float], per_second: float, burst: int) -> None:
    limited = Limited()
    let_through = 0

    for pause in pauses:
        limited.seconds += pause
        let_through += (await limited.ask(by_key(rate=Rate(per_second, burst)))).is_allowed

    assert let_through <= burst + limited.seconds * per_second + 1e-6
