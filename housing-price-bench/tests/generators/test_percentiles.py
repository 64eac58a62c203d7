"""Percentiles of samples."""

import pytest
from housing_price_bench.generators.percentiles import compute_percentile


@pytest.mark.parametrize(("percent", "expected"), [(50, 2.0), (95, 4.0), (99, 4.0), (0, 1.0)])
def test_a_percentile_is_one_of_the_samples(percent: float, expected: float) -> None:
    assert compute_percentile([1.0, 2.0, 3.0, 4.0], percent) == expected


def test_no_samples_have_no_percentile() -> None:
    assert compute_percentile([], 50) is None
