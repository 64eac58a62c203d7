"""The options of `bench`."""

import pytest
from housing_price_bench.options import BenchOptions


@pytest.mark.parametrize("seconds", [0.1, 10, 60])
def test_the_announced_duration_grows_with_the_seconds(seconds: float) -> None:
    assert BenchOptions(seconds=seconds * 2).planned_seconds > BenchOptions(seconds=seconds).planned_seconds


def test_the_default_run_is_announced_as_six_minutes() -> None:
    assert BenchOptions().planned_seconds < 7 * 60
