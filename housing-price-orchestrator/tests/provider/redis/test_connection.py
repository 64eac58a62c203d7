"""Requests go on without Redis, and it is used again as soon as it answers."""

import asyncio
import signal
from pathlib import Path

import pytest
from free_ports import free_port
from housing_price_orchestrator.provider.redis.idempotency_store import RedisIdempotencyStore
from housing_price_orchestrator.provider.redis.rate_limits import RedisRateLimiter
from observed_redis import Connect, Unlimited, claim
from running_redis import PASSWORD, redis_server

pytestmark = [pytest.mark.integration, pytest.mark.needs("redis")]


async def test_without_redis_requests_go_on_and_it_is_said_once(connect: Connect) -> None:
    observed = connect(f"redis://:{PASSWORD}@127.0.0.1:{free_port()}/0")
    limits, answers = (
        RedisRateLimiter(observed.connection, Unlimited()),
        RedisIdempotencyStore(observed.connection, 1000, 600),
    )

    assert [await limits.take([claim("any")]) for _ in range(3)] == [None] * 3
    assert await answers.begin(b"any", b"body") is None

    assert observed.unavailable == 4
    assert len(observed.states) == 1
    assert PASSWORD not in str(observed.states)


async def test_a_hanging_redis_delays_one_request_only(tmp_path: Path, connect: Connect) -> None:
    with redis_server(tmp_path) as (url, process):
        observed = connect(url)
        limits = RedisRateLimiter(observed.connection, Unlimited())
        assert await limits.take([claim("any")])
        process.send_signal(signal.SIGSTOP)
        assert await limits.take([claim("any")]) is None

        async with asyncio.timeout(60):  # if each of them waited, they would take 100 seconds
            assert [await limits.take([claim("any")]) for _ in range(100)] == [None] * 100

        process.send_signal(signal.SIGCONT)
        observed.seconds += 2
        assert await limits.take([claim("any")])
    assert observed.states == ["TimeoutError", None]


async def test_it_recovers_after_redis_restarts_without_its_scripts(tmp_path: Path, connect: Connect) -> None:
    port = free_port()
    with redis_server(tmp_path, port) as (url, _):
        observed = connect(url)
        limits = RedisRateLimiter(observed.connection, Unlimited())
        assert await limits.take([claim("any")])
    assert await limits.take([claim("any")]) is None

    with redis_server(tmp_path, port):
        observed.seconds += 2
        assert await limits.take([claim("any")])
    assert observed.states[-1] is None
