"""The ratio study, against figures worked by hand from the standard's definitions."""

import numpy as np
import pytest
from housing_price_model.evaluation.ratio_study import study_ratios


def test_level_and_dispersion_are_about_the_median_ratio() -> None:
    study = study_ratios(np.full(5, 100.0), np.array([80.0, 90.0, 100.0, 120.0, 130.0]))

    assert study.median_ratio == pytest.approx(1.0)
    assert study.cod == pytest.approx((20 + 10 + 0 + 20 + 30) / 5)
    assert study.prd == pytest.approx(1.0), "the mean of equal weights is the weighted mean"


def test_dear_houses_priced_low_raise_the_differential_and_lower_the_bias() -> None:
    actual = np.array([100.0, 200.0, 400.0, 800.0])

    study = study_ratios(actual, actual * [1.2, 1.1, 0.9, 0.8])

    weighted = (120 + 220 + 360 + 640) / 1500
    assert study.prd == pytest.approx(1.0 / weighted)
    assert study.prb < -0.1
    assert not study.is_acceptable("prd")
    assert not study.is_acceptable("prb")


def test_the_bias_is_the_change_of_the_ratio_where_the_value_doubles() -> None:
    values = 100.0 * 2.0 ** np.arange(5)
    ratios = 1 + 0.04 * (np.arange(5) - 2)
    # Prices whose mean with the predicted one at the median level is the value: price + price * ratio = 2 * value.
    actual = 2 * values / (1 + ratios)

    study = study_ratios(actual, actual * ratios)

    assert study.prb == pytest.approx(0.04)
    assert (study.prb_low, study.prb_high) == pytest.approx((0.04, 0.04), abs=1e-6)
    assert study.is_acceptable("prb")


def test_the_level_makes_no_bias() -> None:
    actual = np.array([100.0, 200.0, 400.0, 800.0, 900.0])
    predicted = actual * [1.2, 1.1, 1.0, 0.9, 0.8]

    study, doubled = study_ratios(actual, predicted), study_ratios(actual, 2 * predicted)

    assert (doubled.prb, doubled.cod, doubled.prd) == pytest.approx((study.prb, study.cod, study.prd))


def test_twice_the_price_is_a_level_beyond_the_limits_but_no_dispersion() -> None:
    actual = np.linspace(100, 200, 20)

    study = study_ratios(actual, 2 * actual)

    assert (study.median_ratio, study.cod, study.prd) == pytest.approx((2, 0, 1))
    assert not study.is_acceptable("median_ratio")


@pytest.mark.parametrize("count", [2, 5], ids=["few sales", "equal sales"])
def test_where_no_line_can_be_fitted_there_is_no_bias(count: int) -> None:
    study = study_ratios(np.full(count, 100.0), np.full(count, 100.0))

    assert np.isnan([study.prb, study.prb_low, study.prb_high]).all()
    assert not study.is_acceptable("prb")
