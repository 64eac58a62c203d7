"""The small wrappers, each alone."""

import asyncio

import pytest
from upstream_resilience.bulkhead import Bulkhead
from upstream_resilience.deadline import deadline
from upstream_resilience.errors import DeadlineExceeded, Overloaded


async def test_what_takes_too_long_ends_at_the_deadline() -> None:
    with pytest.raises(DeadlineExceeded, match=r"within 0\.01 seconds"):
        async with deadline(0.01):
            await asyncio.Event().wait()


async def test_a_timeout_of_something_inside_is_not_the_deadlines() -> None:
    with pytest.raises(TimeoutError):
        async with deadline(60):
            raise TimeoutError


async def test_a_slot_is_given_back_after_an_error() -> None:
    bulkhead = Bulkhead(limit=1, max_waiting=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with bulkhead:
                raise ZeroDivisionError


async def test_a_cancelled_waiter_leaves_the_queue() -> None:
    bulkhead = Bulkhead(limit=1, max_waiting=1)

    async def wait() -> None:
        async with bulkhead:
            pass

    async with bulkhead:
        waiter = asyncio.create_task(wait())
        await asyncio.sleep(0)
        assert bulkhead.waiting == 1
        with pytest.raises(Overloaded, match="1 are waiting"):
            await wait()
        waiter.cancel()
        await asyncio.gather(waiter, return_exceptions=True)

    assert bulkhead.waiting == 0
    await wait()
