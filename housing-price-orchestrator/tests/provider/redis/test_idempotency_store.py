"""Stored responses that processes share through a real Redis server."""

import asyncio
from typing import Any

import pytest
from free_ports import free_port
from housing_price_orchestrator.access.idempotency_store import IdempotencyKeyReused, StoredResponse
from housing_price_orchestrator.provider.redis.idempotency_store import RedisIdempotencyStore
from housing_price_orchestrator.provider.redis.rate_limits import RedisRateLimiter
from observed_redis import Connect, Unlimited, claim
from running_redis import PASSWORD

pytestmark = [pytest.mark.integration, pytest.mark.needs("redis")]


ANSWER = StoredResponse(b"body", 200, b"application/json", b'{"id":1}\x00\xff')


async def test_instances_share_answers_byte_for_byte(url: str, connect: Connect) -> None:
    first, second = (RedisIdempotencyStore(connect(url).connection, 1000, 600) for _ in range(2))
    assert await first.begin(b"shared", b"body") is None
    waiting = asyncio.create_task(second.begin(b"shared", b"body"))
    with pytest.raises(IdempotencyKeyReused):
        await second.begin(b"shared", b"other")

    first.end(b"shared", ANSWER)

    assert await waiting == ANSWER
    with pytest.raises(IdempotencyKeyReused):
        await second.begin(b"shared", b"other")


async def test_another_instance_takes_over_what_came_to_nothing(url: str, connect: Connect) -> None:
    first, second = (RedisIdempotencyStore(connect(url).connection, 1000, 600) for _ in range(2))
    await first.begin(b"left", b"body")
    waiting = asyncio.create_task(second.begin(b"left", b"body"))

    first.end(b"left", None)

    assert await waiting is None


async def test_an_answer_that_is_too_large_is_not_kept(url: str, connect: Connect) -> None:
    answers = RedisIdempotencyStore(connect(url).connection, max_bytes=3, ttl_seconds=600)
    await answers.begin(b"large", b"body")

    answers.end(b"large", ANSWER)

    assert await answers.begin(b"large", b"body") is None


async def test_an_expired_lease_can_neither_store_nor_delete(url: str, connect: Connect) -> None:
    stores = [connect(url) for _ in range(2)]
    slow = RedisIdempotencyStore(stores[0].connection, 1000, 600, lease_seconds=0.05)
    quick = RedisIdempotencyStore(stores[1].connection, 1000, 600)
    assert await slow.begin(b"lost lease", b"body") is None
    assert await quick.begin(b"lost lease", b"body") is None  # after the lease of the first is over

    slow.end(b"lost lease", None)
    answer = StoredResponse(b"body", 200, b"application/json", b"{}")
    quick.end(b"lost lease", answer)
    await asyncio.gather(*(store.finish_background_work() for store in stores))

    assert await slow.begin(b"lost lease", b"body") == answer


def delay_the_lease(store: RedisIdempotencyStore, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Redis gives a lease, and its answer never arrives; the event is set once the lease is given."""
    given, begin = asyncio.Event(), store._begin  # noqa: SLF001  no server can be told to be this late

    async def begin_late(**arguments: Any) -> None:
        await begin(**arguments)
        given.set()
        await asyncio.Future()

    monkeypatch.setattr(store, "_begin", begin_late)
    return given


async def test_a_lease_reported_too_late_is_returned_after_the_pause(
    url: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, other = connect(url), connect(url)
    answers = RedisIdempotencyStore(late.connection, 1000, 600)
    delay_the_lease(answers, monkeypatch)
    assert await answers.begin(b"late", b"body") is None
    waiting = asyncio.create_task(RedisIdempotencyStore(other.connection, 1000, 600).begin(b"late", b"body"))

    answers.end(b"late", ANSWER)
    late.may_go_on.set()
    await late.finish_background_work()

    assert await waiting == ANSWER


async def test_a_cancelled_lookup_returns_the_lease_it_may_hold(
    url: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, other = connect(url), connect(url)
    answers = RedisIdempotencyStore(late.connection, 1000, 600, lease_seconds=3600)
    given = delay_the_lease(answers, monkeypatch)
    leaving = asyncio.create_task(answers.begin(b"left early", b"body"))
    await given.wait()

    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    await late.finish_background_work()

    async with asyncio.timeout(120):
        assert await RedisIdempotencyStore(other.connection, 1000, 600).begin(b"left early", b"body") is None


async def test_waiting_for_the_same_process_takes_no_second_lease(
    url: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = connect(url)
    answers = RedisIdempotencyStore(late.connection, 1000, 600)
    delay_the_lease(answers, monkeypatch)
    await answers.begin(b"twice", b"body")
    waiting = asyncio.create_task(answers.begin(b"twice", b"body"))
    with pytest.raises(IdempotencyKeyReused):
        await answers.begin(b"twice", b"other")
    assert not waiting.done()

    answers.end(b"twice", None)

    assert await waiting is None
    answers.end(b"twice", None)
    late.may_go_on.set()


async def test_nothing_is_given_back_where_redis_was_not_asked(connect: Connect) -> None:
    observed = connect(f"redis://:{PASSWORD}@127.0.0.1:{free_port()}/0")
    answers = RedisIdempotencyStore(observed.connection, 1000, 600)
    await RedisRateLimiter(observed.connection, Unlimited()).take([claim("any")])
    await answers.begin(b"any", b"body")

    answers.end(b"any", ANSWER)

    await observed.finish_background_work()
    assert observed.unavailable == 2
