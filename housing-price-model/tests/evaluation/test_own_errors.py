"""A version's own errors: each figure is that of the prices it was given."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from housing_price_model.evaluation.metrics import measure
from housing_price_model.evaluation.own_errors import WORST, measure_own_errors
from housing_price_model.evaluation.priced_sales import PricedSales

type Priced = Callable[..., PricedSales]


def test_accuracy_is_over_all_sales(priced: Priced) -> None:
    sales = priced()
    expected = measure(sales.actual, sales.predicted)

    found = measure_own_errors(sales)

    assert found.sales == len(sales)
    assert found.metrics["rmsle"].value == pytest.approx(expected.rmsle)
    assert found.metrics["r2"].value == pytest.approx(expected.r2)
    assert found.metrics["wmape"].value == pytest.approx(expected.mae / sales.actual.mean())
    assert found.bias == pytest.approx(sales.bias)


def test_scores_are_told_sale_by_sale_and_of_the_sums(priced: Priced) -> None:
    sales = priced()

    found = measure_own_errors(sales).intervals[1]

    scores = sales.scores(0.9)
    assert found.nominal == 0.9
    assert found.score == pytest.approx((scores / sales.predicted).mean())
    assert found.total_score == pytest.approx(scores.sum() / sales.actual.sum())


def test_every_kind_of_segment_holds_every_sale(priced: Priced) -> None:
    sales = priced()
    sales = replace(sales, marked=np.arange(len(sales)) < 20)

    found = measure_own_errors(sales).segments

    assert list(found) == ["neighbourhood", "price paid", "decade built", "fields known", "mark"]
    assert {kind: sum(one.count for one in segments) for kind, segments in found.items()} == dict.fromkeys(found, 150)
    assert [(one.name, one.count) for one in found["mark"]] == [("marked", 20), ("not marked", 130)]


def test_twenty_sales_are_named(priced: Priced) -> None:
    sales = priced()

    worst = measure_own_errors(sales).outliers.worst

    assert len(worst) == WORST == 20
    assert [one.id for one in worst] == sales.ids[np.argsort(-sales.squared_log_errors)[:20]].tolist()


def test_equal_prices_have_no_r_squared(priced: Priced) -> None:
    sales = priced()

    found = measure_own_errors(replace(sales, actual=np.full(len(sales), 100_000.0)))

    assert np.isnan(found.metrics["r2"].value)
    assert np.isfinite(found.metrics["rmsle"].value)


def test_without_intervals_nothing_is_said_of_them(priced: Priced) -> None:
    found = measure_own_errors(priced(intervals=False))

    assert (list(found.intervals), found.groups_tested, list(found.groups_short)) == ([], 0, [])
