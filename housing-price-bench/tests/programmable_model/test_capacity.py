"""How many calls the model computes at once."""

import pytest
from housing_price_bench.programmable_model.capacity import Capacity


@pytest.fixture
def clock() -> list[float]:
    return [100.0]


async def test_calls_beyond_the_capacity_queue(clock: list[float]) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    capacity = Capacity(0.5, 2, lambda: clock[0], sleep)
    for _ in range(5):
        await capacity.work()

    assert waited == [0.5, 0.5, 1.0, 1.0, 1.5]
