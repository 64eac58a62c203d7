"""The interval score, against the formula worked by hand."""

import numpy as np
import pytest
from housing_price_model.evaluation.intervals import Interval, measure_intervals, score_intervals


def test_a_price_outside_adds_its_distance_times_two_over_the_miss_rate() -> None:
    interval = Interval(np.full(4, 90.0), np.full(4, 120.0))

    scores = score_intervals(np.array([100.0, 90.0, 85.0, 130.0]), interval, 0.9)

    assert scores == pytest.approx([30, 30, 30 + 20 * 5, 30 + 20 * 10])


def test_the_figure_is_the_mean_share_of_the_predicted_price() -> None:
    interval = Interval(np.array([90.0, 180.0]), np.array([110.0, 220.0]))

    figures = measure_intervals(np.array([100.0, 230.0]), np.array([100.0, 200.0]), {0.8: interval})

    assert figures["cv_interval_score_80"] == pytest.approx((20 / 100 + (40 + 10 * 10) / 200) / 2)


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.95])
def test_the_best_quantiles_have_the_best_score(coverage: float) -> None:
    prices = np.sort(np.random.default_rng(1).uniform(0, 1, 4000))
    ends = np.quantile(prices, [(1 - coverage) / 2, (1 + coverage) / 2])

    def score(low: float, high: float) -> float:
        interval = Interval(np.full(len(prices), low), np.full(len(prices), high))
        return float(score_intervals(prices, interval, coverage).mean())

    assert score(*ends) < min(score(ends[0] - 0.02, ends[1]), score(ends[0] + 0.02, ends[1]), score(0, 1))
