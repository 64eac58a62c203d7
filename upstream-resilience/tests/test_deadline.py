"""One time limit over everything."""

import asyncio

import pytest
from upstream_resilience.deadline import Deadline, latest, remaining_call_seconds
from upstream_resilience.errors import DeadlineExceeded


async def test_what_takes_too_long_ends_at_the_deadline() -> None:
    with pytest.raises(DeadlineExceeded, match=r"within 0\.01 seconds"):
        async with Deadline.after(0.01).limit():
            await asyncio.Event().wait()


async def test_a_timeout_of_something_inside_is_not_the_deadlines() -> None:
    with pytest.raises(TimeoutError):
        async with Deadline.after(60).limit():
            raise TimeoutError


async def test_a_call_ends_before_the_request_by_the_margin() -> None:
    limit = Deadline(ends_at=100.0, seconds=2.0)
    short = Deadline(ends_at=100.0, seconds=0.1)

    assert limit.calls_end_at == pytest.approx(99.95)
    assert short.calls_end_at == pytest.approx(99.99)


def test_work_for_several_callers_has_the_latest_deadline() -> None:
    early, late = Deadline(1.0, 1.0), Deadline(2.0, 1.0)

    assert latest([early, late]) == late
    assert latest([early, None]) is None


def test_a_call_may_take_what_is_left_before_the_margin() -> None:
    limit = Deadline(ends_at=100.0, seconds=60.0)

    assert remaining_call_seconds(limit, limit.ends_at - 1) == pytest.approx(0.95)
    assert remaining_call_seconds(None, 0.0) == float("inf")
