"""Memory after many requests."""

from collections.abc import Callable
from typing import Any

import pytest
from fake_load_generator import FakeGenerator, make_meter, make_trial, seconds_of
from housing_price_bench.prices.memory import REQUESTS, measure_memory


async def after_requests(rate: float, most_seconds: float) -> tuple[FakeGenerator, Any]:
    generator = FakeGenerator(requests_per_second=rate)
    clock: Callable[[], float] = lambda: generator.now  # noqa: E731 - as short as the thing
    return generator, await measure_memory(make_meter(generator), make_trial(), most_seconds=most_seconds, clock=clock)


async def test_memory_is_measured_after_half_and_after_all_requests() -> None:
    _, memory = await after_requests(rate=4000, most_seconds=60)

    assert memory.requests_half == REQUESTS // 2
    assert memory.requests == REQUESTS


async def test_a_slow_server_gets_as_many_requests_as_time_allows() -> None:
    generator, memory = await after_requests(rate=100, most_seconds=5)

    assert (memory.requests_half, memory.requests) == (500, 1000)
    assert generator.now == pytest.approx(10)
    assert seconds_of(generator.sent) == pytest.approx([0.4, 2.0, 2.0, 0.6] * 2)
