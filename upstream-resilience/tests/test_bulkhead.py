"""A bounded number of calls at the same time, with a bounded queue before it."""

import asyncio

import pytest
from upstream_resilience.bulkhead import Bulkhead
from upstream_resilience.errors import Overloaded


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
