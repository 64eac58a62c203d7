"""Metrics against figures worked out by hand."""

from math import log, sqrt

import pytest
from housing_price_model.evaluation.metrics import Metrics, measure, summarize_folds

ACTUAL = [100.0, 200.0, 300.0, 400.0]
PREDICTED = [110.0, 200.0, 240.0, 420.0]


def test_mean_absolute_error_is_in_dollars() -> None:
    assert measure(ACTUAL, PREDICTED).mae == (10 + 0 + 60 + 20) / 4


def test_percentage_errors_are_relative_to_the_actual_price() -> None:
    assert measure(ACTUAL, PREDICTED).mape == pytest.approx((0.1 + 0 + 0.2 + 0.05) / 4)


def test_a_price_exactly_10_percent_off_is_within_10_percent() -> None:
    assert measure(ACTUAL, PREDICTED).within_10_percent == 0.75


def test_rmsle_compares_logarithms() -> None:
    squares = [log(111 / 101) ** 2, 0, log(241 / 301) ** 2, log(421 / 401) ** 2]

    assert measure(ACTUAL, PREDICTED).rmsle == pytest.approx(sqrt(sum(squares) / 4))


def test_r2_is_the_share_of_the_variance_that_is_explained() -> None:
    left = 10**2 + 60**2 + 20**2
    total = 150**2 + 50**2 + 50**2 + 150**2

    assert measure(ACTUAL, PREDICTED).r2 == pytest.approx(1 - left / total)


def test_the_weighted_percentage_error_is_a_share_of_all_prices() -> None:
    assert measure(ACTUAL, PREDICTED).wmape == pytest.approx((10 + 0 + 60 + 20) / 1000)


def test_perfect_prices_have_no_error() -> None:
    assert measure(ACTUAL, ACTUAL) == Metrics(rmsle=0, mae=0, mape=0, within_10_percent=1, r2=1, wmape=0)


def test_folds_are_summed_up_by_mean_and_standard_deviation() -> None:
    folds = [Metrics(0.1, 10, 0.1, 0.5, 0.8, 0.1), Metrics(0.3, 30, 0.3, 0.7, 1.0, 0.3)]

    mean, spread = summarize_folds(folds)

    assert (mean.rmsle, mean.mae) == pytest.approx((0.2, 20.0))
    assert (spread.rmsle, spread.mae) == pytest.approx((0.1, 10.0))


def test_figures_are_named_after_how_they_were_measured() -> None:
    assert measure(ACTUAL, ACTUAL).named("cv", "_std")["cv_within_10_percent_std"] == 1
