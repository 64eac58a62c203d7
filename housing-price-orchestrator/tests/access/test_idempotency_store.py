"""Answers that are kept for a while: given again, waited for, taken over, and bounded."""

import asyncio

import pytest
from housing_price_orchestrator.access.idempotency_store import (
    IdempotencyKeyReused,
    InMemoryIdempotencyStore,
    StoredResponse,
)
from scripted_model import settle


def answers(
    max_responses: int = 10, max_bytes: int = 100_000, now: list[float] | None = None
) -> InMemoryIdempotencyStore:
    clock = now or [0.0]
    return InMemoryIdempotencyStore(max_responses, max_bytes, 600.0, now=lambda: clock[0])


def answer(body: bytes = b"{}", fingerprint: bytes = b"body") -> StoredResponse:
    return StoredResponse(fingerprint, 200, b"application/json", body)


async def test_an_answer_is_given_again_until_its_time_is_up() -> None:
    now = [0.0]
    kept = answers(now=now)
    assert await kept.begin(b"1", b"body") is None
    kept.end(b"1", answer())

    now[0] = 599
    assert await kept.begin(b"1", b"body") == answer()
    now[0] = 601
    assert await kept.begin(b"1", b"body") is None


async def test_another_body_is_rejected_during_and_after_the_first() -> None:
    kept = answers()
    await kept.begin(b"1", b"body")
    with pytest.raises(IdempotencyKeyReused):
        await kept.begin(b"1", b"other")

    kept.end(b"1", answer())

    with pytest.raises(IdempotencyKeyReused):
        await kept.begin(b"1", b"other")


async def test_who_comes_meanwhile_waits_for_the_answer() -> None:
    kept = answers()
    await kept.begin(b"1", b"body")
    waiting = [asyncio.create_task(kept.begin(b"1", b"body")) for _ in range(3)]
    await settle()
    assert not any(task.done() for task in waiting)

    kept.end(b"1", answer())

    assert await asyncio.gather(*waiting) == [answer()] * 3


async def test_a_waiting_request_takes_over_when_the_first_fails() -> None:
    kept = answers()
    await kept.begin(b"1", b"body")
    waiting = [asyncio.create_task(kept.begin(b"1", b"body")) for _ in range(3)]
    await settle()

    kept.end(b"1", None)
    await settle()

    assert [task.done() for task in waiting] == [True, False, False]
    assert waiting[0].result() is None
    kept.end(b"1", answer())
    assert await asyncio.gather(*waiting[1:]) == [answer()] * 2


async def test_who_gives_up_waiting_strands_nobody() -> None:
    kept = answers()
    await kept.begin(b"1", b"body")
    left, stays = (asyncio.create_task(kept.begin(b"1", b"body")) for _ in range(2))
    await settle()

    left.cancel()
    kept.end(b"1", answer())

    assert await stays == answer()


async def test_no_more_answers_and_bytes_are_kept_than_are_set() -> None:
    kept = answers(max_responses=5, max_bytes=10_000)

    for number in range(100):
        await kept.begin(b"%d" % number, b"body")
        kept.end(b"%d" % number, answer(b"x" * 100))
    assert len(kept) == 5

    for number in range(100, 200):
        await kept.begin(b"%d" % number, b"body")
        kept.end(b"%d" % number, answer(b"x" * 4000))
    assert len(kept) == 2


async def test_an_answer_that_is_too_large_is_not_kept() -> None:
    kept = answers(max_bytes=1000)
    await kept.begin(b"1", b"body")

    kept.end(b"1", answer(b"x" * 2000))

    assert len(kept) == 0
    assert await kept.begin(b"1", b"body") is None
