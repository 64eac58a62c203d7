"""Rate limits that processes share through a real Redis server."""

import asyncio

import pytest
from free_ports import free_port
from housing_price_orchestrator.access.rate_limits import Claim, InMemoryRateLimiter, Rate
from housing_price_orchestrator.provider.redis.rate_limits import RedisRateLimiter
from observed_redis import NOTHING_REFILLS, Connect, Unlimited, claim
from running_redis import PASSWORD

pytestmark = [pytest.mark.integration, pytest.mark.needs("redis")]


async def test_instances_share_one_bucket(url: str, connect: Connect) -> None:
    limits = [RedisRateLimiter(connect(url).connection, Unlimited()) for _ in range(2)]

    verdicts = [await limits[turn % 2].take([claim("shared")]) for turn in range(5)]

    assert [verdict.is_allowed for verdict in verdicts if verdict] == [True, True, True, False, False]
    assert [verdict.remaining for verdict in verdicts if verdict] == [2, 1, 0, 0, 0]


async def test_simultaneous_requests_never_exceed_the_burst(url: str, connect: Connect) -> None:
    limits = [RedisRateLimiter(connect(url).connection, Unlimited()) for _ in range(3)]
    burst = claim("at once", burst=10)

    verdicts = await asyncio.gather(*(limits[turn % 3].take([burst]) for turn in range(60)))

    assert sum(verdict.is_allowed for verdict in verdicts if verdict) == 10


async def test_a_refusal_takes_from_no_bucket(url: str, connect: Connect) -> None:
    limits = RedisRateLimiter(connect(url).connection, Unlimited())
    wide, narrow = claim("wide", burst=5), Claim("address", "narrow", Rate(NOTHING_REFILLS, 1))

    first = await limits.take([wide, narrow])
    for _ in range(10):
        refused = await limits.take([wide, narrow])
        assert refused is not None
        assert (refused.is_allowed, refused.claim) == (False, narrow)

    last = await limits.take([wide])
    assert first is not None
    assert last is not None
    assert last.remaining == 3


async def test_a_bucket_fills_by_the_clock_of_redis(url: str, connect: Connect) -> None:
    limits = RedisRateLimiter(connect(url).connection, Unlimited())
    quick = claim("quick", rate=1000.0, burst=1)

    let_through = 0
    while let_through < 5:
        verdict = await limits.take([quick])
        assert verdict is not None
        let_through += verdict.is_allowed


async def test_without_redis_the_limits_of_the_process_hold(connect: Connect) -> None:
    observed = connect(f"redis://:{PASSWORD}@127.0.0.1:{free_port()}/0")
    limits = RedisRateLimiter(observed.connection, InMemoryRateLimiter(100))

    verdicts = [await limits.take([claim("any")]) for _ in range(4)]

    assert [verdict is not None and not verdict[3] for verdict in verdicts] == [True, True, True, False]


async def test_a_burst_of_requests_does_not_disable_the_limits(url: str, connect: Connect) -> None:
    observed = connect(url)
    limits = RedisRateLimiter(observed.connection, InMemoryRateLimiter(100))

    verdicts = await asyncio.gather(*(limits.take([claim("burst")]) for _ in range(500)))

    assert sum(verdict is not None and not verdict[3] for verdict in verdicts) <= 2 * 3  # its own, and those of Redis
    assert all(verdicts)
