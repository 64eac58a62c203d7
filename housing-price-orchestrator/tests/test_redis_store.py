"""Limits and answers that are shared through a real Redis server, and what happens without it."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from free_ports import free_port
from housing_price_orchestrator.access.idempotency_store import AnotherBody, KeptAnswer
from housing_price_orchestrator.access.rate_limits import Claim, LimitsInMemory, Rate
from housing_price_orchestrator.provider.redis.store import _BEGIN, AnswersInRedis, LimitsInRedis, RedisStore
from housing_price_orchestrator.settings import RedisSettings
from pydantic import SecretStr
from running_redis import PASSWORD, redis_server

pytestmark = [pytest.mark.integration, pytest.mark.needs("redis")]

NOTHING_REFILLS = 0.001
ANSWER = KeptAnswer(b"body", 200, b"application/json", b'{"id":1}\x00\xff')


class Observed:
    """A store with what it said, and a clock that the test can set."""

    def __init__(self, url: str) -> None:
        self.unavailable = 0
        self.states: list[str | None] = []
        self.seconds = 0.0
        self.may_go_on = asyncio.Event()
        settings = RedisSettings(url=SecretStr(url), timeout_seconds=1)
        self.store = RedisStore(
            settings,
            on_unavailable=self._count,
            on_state=self.states.append,
            now=lambda: self.seconds,
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        await self.may_go_on.wait()
        self.seconds += seconds

    async def ended(self) -> None:
        """What nobody waits for is over."""
        await asyncio.gather(*self.store._running)  # noqa: SLF001  nobody else waits for them

    def _count(self) -> None:
        self.unavailable += 1


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as (address, _):
        yield address


@pytest.fixture
async def opened() -> AsyncIterator[Callable[[str], Observed]]:
    """Opens stores that are closed at the end."""
    async with AsyncExitStack() as stack:

        def open_(url: str) -> Observed:
            observed = Observed(url)
            stack.push_async_exit(observed.store.__aexit__)
            return observed

        yield open_


class Unlimited:
    """What a process would do by itself: nothing."""

    async def take(self, claims: Sequence[Claim]) -> None:
        return None


def claim(client: str, rate: float = NOTHING_REFILLS, burst: int = 3) -> Claim:
    return Claim("key", client, Rate(rate, burst))


async def test_instances_share_one_bucket(url: str, opened: Callable[[str], Observed]) -> None:
    limits = [LimitsInRedis(opened(url).store, Unlimited()) for _ in range(2)]

    verdicts = [await limits[turn % 2].take([claim("shared")]) for turn in range(5)]

    assert [verdict.is_allowed for verdict in verdicts if verdict] == [True, True, True, False, False]
    assert [verdict.remaining for verdict in verdicts if verdict] == [2, 1, 0, 0, 0]


async def test_requests_at_the_same_moment_do_not_get_more_than_there_is(
    url: str, opened: Callable[[str], Observed]
) -> None:
    limits = [LimitsInRedis(opened(url).store, Unlimited()) for _ in range(3)]
    burst = claim("at once", burst=10)

    verdicts = await asyncio.gather(*(limits[turn % 3].take([burst]) for turn in range(60)))

    assert sum(verdict.is_allowed for verdict in verdicts if verdict) == 10


async def test_a_refusal_takes_from_no_bucket(url: str, opened: Callable[[str], Observed]) -> None:
    limits = LimitsInRedis(opened(url).store, Unlimited())
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


async def test_a_bucket_fills_by_the_clock_of_redis(url: str, opened: Callable[[str], Observed]) -> None:
    limits = LimitsInRedis(opened(url).store, Unlimited())
    quick = claim("quick", rate=1000.0, burst=1)

    let_through = 0
    while let_through < 5:
        verdict = await limits.take([quick])
        assert verdict is not None
        let_through += verdict.is_allowed


async def test_instances_share_answers_byte_for_byte(url: str, opened: Callable[[str], Observed]) -> None:
    first, second = (AnswersInRedis(opened(url).store, 1000, 600) for _ in range(2))
    assert await first.begin(b"shared", b"body") is None
    waiting = asyncio.create_task(second.begin(b"shared", b"body"))
    with pytest.raises(AnotherBody):
        await second.begin(b"shared", b"other")

    first.end(b"shared", ANSWER)

    assert await waiting == ANSWER
    with pytest.raises(AnotherBody):
        await second.begin(b"shared", b"other")


async def test_another_instance_takes_over_what_came_to_nothing(url: str, opened: Callable[[str], Observed]) -> None:
    first, second = (AnswersInRedis(opened(url).store, 1000, 600) for _ in range(2))
    await first.begin(b"left", b"body")
    waiting = asyncio.create_task(second.begin(b"left", b"body"))

    first.end(b"left", None)

    assert await waiting is None


async def test_an_answer_that_is_too_large_is_not_kept(url: str, opened: Callable[[str], Observed]) -> None:
    answers = AnswersInRedis(opened(url).store, most_bytes=3, ttl_seconds=600)
    await answers.begin(b"large", b"body")

    answers.end(b"large", ANSWER)

    assert await answers.begin(b"large", b"body") is None


async def test_without_redis_requests_go_on_and_it_is_said_once(opened: Callable[[str], Observed]) -> None:
    observed = opened(f"redis://:{PASSWORD}@127.0.0.1:{free_port()}/0")
    limits, answers = LimitsInRedis(observed.store, Unlimited()), AnswersInRedis(observed.store, 1000, 600)

    assert [await limits.take([claim("any")]) for _ in range(3)] == [None] * 3
    assert await answers.begin(b"any", b"body") is None

    assert observed.unavailable == 4
    assert len(observed.states) == 1
    assert PASSWORD not in str(observed.states)


async def test_a_redis_that_hangs_is_waited_for_once_and_then_left_alone(
    tmp_path: Path, opened: Callable[[str], Observed]
) -> None:
    with redis_server(tmp_path) as (url, process):
        observed = opened(url)
        limits = LimitsInRedis(observed.store, Unlimited())
        assert await limits.take([claim("any")])
        process.send_signal(signal.SIGSTOP)
        assert await limits.take([claim("any")]) is None

        async with asyncio.timeout(0.5):
            assert [await limits.take([claim("any")]) for _ in range(100)] == [None] * 100

        process.send_signal(signal.SIGCONT)
        observed.seconds += 2
        assert await limits.take([claim("any")])
    assert observed.states == ["TimeoutError", None]


async def test_it_recovers_when_redis_is_restarted_and_has_forgotten_its_scripts(
    tmp_path: Path, opened: Callable[[str], Observed]
) -> None:
    port = free_port()
    with redis_server(tmp_path, port) as (url, _):
        observed = opened(url)
        limits = LimitsInRedis(observed.store, Unlimited())
        assert await limits.take([claim("any")])
    assert await limits.take([claim("any")]) is None

    with redis_server(tmp_path, port):
        observed.seconds += 2
        assert await limits.take([claim("any")])
    assert observed.states[-1] is None


async def test_without_redis_the_limits_of_the_process_hold(opened: Callable[[str], Observed]) -> None:
    observed = opened(f"redis://:{PASSWORD}@127.0.0.1:{free_port()}/0")
    limits = LimitsInRedis(observed.store, LimitsInMemory(100))

    verdicts = [await limits.take([claim("any")]) for _ in range(4)]

    assert [verdict is not None and not verdict[3] for verdict in verdicts] == [True, True, True, False]


async def test_a_burst_of_our_own_does_not_switch_the_limits_off(url: str, opened: Callable[[str], Observed]) -> None:
    observed = opened(url)
    limits = LimitsInRedis(observed.store, LimitsInMemory(100))

    verdicts = await asyncio.gather(*(limits.take([claim("burst")]) for _ in range(500)))

    assert sum(verdict is not None and not verdict[3] for verdict in verdicts) <= 2 * 3  # its own, and those of Redis
    assert all(verdicts)


async def test_who_does_not_own_a_request_any_more_neither_answers_nor_forgets_it(
    url: str, opened: Callable[[str], Observed]
) -> None:
    stores = [opened(url) for _ in range(2)]
    slow = AnswersInRedis(stores[0].store, 1000, 600, lease_seconds=0.05)
    quick = AnswersInRedis(stores[1].store, 1000, 600)
    assert await slow.begin(b"lost lease", b"body") is None
    assert await quick.begin(b"lost lease", b"body") is None  # after the lease of the first is over

    slow.end(b"lost lease", None)
    answer = KeptAnswer(b"body", 200, b"application/json", b"{}")
    quick.end(b"lost lease", answer)
    await asyncio.gather(*(store.ended() for store in stores))

    assert await slow.begin(b"lost lease", b"body") == answer


def answers_too_late(observed: Observed, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Redis gives a lease, and its answer never comes: neither in time, nor once the event is set, which it is then."""
    given, scripts = asyncio.Event(), observed.store._scripts  # noqa: SLF001  no server can be told to be late by so much
    begin = scripts[_BEGIN]

    async def begin_late(**asked: Any) -> None:
        await begin(**asked)
        given.set()
        await asyncio.Future()

    monkeypatch.setitem(scripts, _BEGIN, begin_late)
    return given


async def test_a_lease_of_which_redis_told_too_late_is_given_back_once_redis_is_asked_again(
    url: str, opened: Callable[[str], Observed], monkeypatch: pytest.MonkeyPatch
) -> None:
    late, other = opened(url), opened(url)
    answers_too_late(late, monkeypatch)
    answers = AnswersInRedis(late.store, 1000, 600)
    assert await answers.begin(b"late", b"body") is None
    waiting = asyncio.create_task(AnswersInRedis(other.store, 1000, 600).begin(b"late", b"body"))

    answers.end(b"late", ANSWER)
    late.may_go_on.set()
    await late.ended()

    assert await waiting == ANSWER


async def test_who_leaves_while_redis_is_asked_gives_back_what_it_may_have_got(
    url: str, opened: Callable[[str], Observed], monkeypatch: pytest.MonkeyPatch
) -> None:
    late, other = opened(url), opened(url)
    given = answers_too_late(late, monkeypatch)
    answers = AnswersInRedis(late.store, 1000, 600, lease_seconds=3600)
    leaving = asyncio.create_task(answers.begin(b"left early", b"body"))
    await given.wait()

    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    await late.ended()

    async with asyncio.timeout(10):
        assert await AnswersInRedis(other.store, 1000, 600).begin(b"left early", b"body") is None


async def test_who_waits_for_another_of_the_same_process_has_no_lease_of_its_own(
    url: str, opened: Callable[[str], Observed], monkeypatch: pytest.MonkeyPatch
) -> None:
    late = opened(url)
    answers_too_late(late, monkeypatch)
    answers = AnswersInRedis(late.store, 1000, 600)
    await answers.begin(b"twice", b"body")
    waiting = asyncio.create_task(answers.begin(b"twice", b"body"))
    with pytest.raises(AnotherBody):
        await answers.begin(b"twice", b"other")
    assert not waiting.done()

    answers.end(b"twice", None)

    assert await waiting is None
    answers.end(b"twice", None)
    late.may_go_on.set()


async def test_nothing_is_given_back_where_redis_was_not_asked(opened: Callable[[str], Observed]) -> None:
    observed = opened(f"redis://:{PASSWORD}@127.0.0.1:{free_port()}/0")
    answers = AnswersInRedis(observed.store, 1000, 600)
    await LimitsInRedis(observed.store, Unlimited()).take([claim("any")])
    await answers.begin(b"any", b"body")

    answers.end(b"any", ANSWER)

    await observed.ended()
    assert observed.unavailable == 2
