"""How sure figures and shares are said to be."""

from collections.abc import Callable
from dataclasses import astuple

import numpy as np
import pytest
from housing_price_model.evaluation.accuracy import (
    estimate_changes,
    estimate_metrics,
    estimate_rmsle,
    estimate_rmsle_change,
)
from housing_price_model.evaluation.bootstrap import BLOCK, RESAMPLES, Bootstrap
from housing_price_model.evaluation.metrics import measure
from housing_price_model.evaluation.priced_sales import PricedSales
from housing_price_model.evaluation.proportion import estimate_proportion


def test_the_interval_of_a_mean_matches_its_standard_error() -> None:
    numbers = np.random.default_rng(0).normal(5, 2, 400)

    found = Bootstrap(numbers).estimate(lambda means: means[0])

    reach = 1.96 * numbers.std() / np.sqrt(len(numbers))
    assert found.value == pytest.approx(numbers.mean())
    assert (found.low, found.high) == pytest.approx((numbers.mean() - reach, numbers.mean() + reach), abs=0.02)


@pytest.mark.parametrize("count", [1, 7, BLOCK // RESAMPLES + 1, 1_000])
def test_each_draw_has_as_many_sales_as_there_are(count: int) -> None:
    drawn = Bootstrap(np.ones(count)).estimate(lambda means: means[0])

    assert (drawn.value, drawn.low, drawn.high) == pytest.approx((1, 1, 1))


def test_the_same_sales_have_the_same_interval(priced: Callable[..., PricedSales]) -> None:
    assert estimate_metrics(priced()) == estimate_metrics(priced())


def test_the_metrics_are_those_of_training(priced: Callable[..., PricedSales]) -> None:
    sales = priced()
    expected = measure(sales.actual, sales.predicted)

    found = estimate_metrics(sales)

    assert {name: one.value for name, one in found.items()} == pytest.approx(
        {name.removeprefix("cv_"): value for name, value in expected.named("cv").items()}, rel=1e-9
    )
    assert all(one.low < one.value < one.high for one in found.values())


def test_a_change_has_the_interval_of_paired_differences(priced: Callable[..., PricedSales]) -> None:
    ours, theirs = priced(error=0.1), priced(error=0.2)

    changes = estimate_changes(ours, theirs)

    mine, others = estimate_metrics(ours), estimate_metrics(theirs)
    for name, change in changes.items():
        assert change.value == pytest.approx(mine[name].value - others[name].value)
    # Errors of the same sign and half the size: the pairs tell more than each alone.
    assert changes["rmsle"].high < 0
    assert astuple(estimate_rmsle_change(ours, theirs)) == pytest.approx(astuple(changes["rmsle"]))
    assert changes["rmsle"].high - changes["rmsle"].low < estimate_rmsle(theirs).high - estimate_rmsle(theirs).low


def test_equal_prices_differ_by_nothing(priced: Callable[..., PricedSales]) -> None:
    change = estimate_rmsle_change(priced(), priced())

    assert (change.value, change.low, change.high) == (0, 0, 0)
    assert not change.is_beyond_noise


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    # As in tables of Wilson's interval.
    [(9, 10, 0.5958, 0.9821), (10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (90, 100, 0.8256, 0.9448)],
)
def test_a_share_has_wilsons_interval(hits: int, count: int, low: float, high: float) -> None:
    found = estimate_proportion(np.arange(count) < hits)

    assert (found.value, found.low, found.high) == pytest.approx((hits / count, low, high), abs=1e-4)
