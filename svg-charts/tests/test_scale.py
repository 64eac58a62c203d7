"""Scales: pixels and round values."""

import pytest
from svg_charts.scale import Scale


def test_a_linear_scale_ends_at_a_round_value() -> None:
    scale = Scale([3.0, 97.0], 0, 200, is_log=False)

    assert scale.ticks == [0, 20, 40, 60, 80, 100]
    assert (scale.place(0), scale.place(50), scale.place(100)) == (0, 100, 200)


def test_a_logarithmic_scale_names_powers_of_ten() -> None:
    scale = Scale([2.0, 900.0], 300, 0, is_log=True)

    assert scale.ticks == [1, 10, 100, 1000]
    assert scale.place(10) == pytest.approx(200)


@pytest.mark.parametrize("is_log", [False, True])
def test_one_value_makes_a_scale(is_log: bool) -> None:
    scale = Scale([0.0], 0, 100, is_log=is_log)

    assert scale.place(0) == 0
    assert len(scale.ticks) >= 2
