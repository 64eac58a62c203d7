"""Calibration: intervals that hold what they promise, wider where prices are less sure."""

import numpy as np
import pytest
from housing_price_model.evaluation.intervals import measure_intervals
from housing_price_model.inference import conformal_quantile
from housing_price_model.training.calibration import calibrate
from numpy.typing import NDArray
from sklearn.model_selection import KFold

SALES = 2000

type Market = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
"""The matrix, actual prices, predicted prices."""


@pytest.fixture(scope="module")
def market() -> Market:
    """Houses of two kinds, of which one is twice as hard to price; predictions are right but for noise."""
    generator = np.random.default_rng(1)
    kind = generator.integers(0, 2, SALES)
    predicted = generator.uniform(50_000, 500_000, SALES)
    noise = generator.normal(0, np.where(kind, 0.2, 0.1))
    return np.column_stack([kind, predicted]).astype(float), predicted * np.exp(noise), predicted


def test_intervals_cover_what_they_promise_overall_and_in_each_kind(market: Market) -> None:
    matrix, actual, predicted = market
    folds = list(KFold(5, shuffle=True, random_state=1).split(matrix))

    intervals = calibrate(matrix, actual, predicted, folds).intervals

    for coverage, interval in intervals.items():
        covered = (interval.lower <= actual) & (actual <= interval.upper)
        assert covered.mean() == pytest.approx(coverage, abs=0.02)
        for kind in (0, 1):
            assert covered[matrix[:, 0] == kind].mean() == pytest.approx(coverage, abs=0.1)


def test_harder_houses_have_wider_intervals(market: Market) -> None:
    matrix, actual, predicted = market
    folds = list(KFold(5, shuffle=True, random_state=1).split(matrix))

    interval = calibrate(matrix, actual, predicted, folds).intervals[0.9]

    widths = (interval.upper - interval.lower) / predicted
    # By less than they are harder: what is learnt of difficulty is taken at half its word.
    assert 1.25 < widths[matrix[:, 0] == 1].mean() / widths[matrix[:, 0] == 0].mean() < 2


def test_figures_name_coverage_width_and_score(market: Market) -> None:
    matrix, actual, predicted = market
    folds = list(KFold(5, shuffle=True, random_state=1).split(matrix))

    figures = measure_intervals(actual, predicted, calibrate(matrix, actual, predicted, folds).intervals)

    assert figures.keys() == {
        f"cv_{what}_{coverage}"
        for what in ("coverage", "interval_width", "interval_score")
        for coverage in (80, 90, 95)
    }


@pytest.mark.parametrize(("coverage", "score"), [(0.5, 5.0), (0.9, 9.0), (0.91, 9.0), (0.99, 9.0)])
def test_a_quantile_counts_the_house_to_come_among_the_others(coverage: float, score: float) -> None:
    assert conformal_quantile(np.arange(1.0, 10.0), coverage) == score
