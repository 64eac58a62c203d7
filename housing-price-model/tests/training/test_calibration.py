"""Calibration: intervals that hold what they promise, whatever is known, and wider where prices are less sure."""

import numpy as np
import pytest
from housing_price_model.data import Sales
from housing_price_model.evaluation.cross_validation import FoldFit
from housing_price_model.evaluation.folds import folds
from housing_price_model.evaluation.intervals import Interval
from housing_price_model.inference import Bands, find_ends
from housing_price_model.inference.document import Band
from housing_price_model.inference.intervals import conformal_quantile
from housing_price_model.recipes import find_recipe
from housing_price_model.training.calibration import Calibrated, calibrate
from sklearn.base import clone


@pytest.fixture(scope="module")
def calibrated(sample: Sales) -> Calibrated:
    recipe = find_recipe("default")
    unfitted = recipe.build(sample)
    fits = [
        FoldFit(clone(unfitted).fit(sample.rows_at(seen), sample.prices.iloc[seen]), seen, unseen)
        for seen, unseen in folds(sample, 3)
    ]
    return calibrate(recipe, recipe.compile(fits[0].estimator), fits, sample)


def share_held(sales: Sales, interval: Interval) -> float:
    return float(np.mean((interval.lower <= sales.prices) & (sales.prices <= interval.upper)))


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.95])
def test_intervals_cover_what_they_promise_however_much_is_known(
    sample: Sales, calibrated: Calibrated, coverage: float
) -> None:
    assert share_held(sample, calibrated.intervals[coverage]) == pytest.approx(coverage, abs=0.03)
    assert share_held(sample, calibrated.few_fields.intervals[coverage]) == pytest.approx(coverage, abs=0.05)


def test_bands_ascend_by_what_is_unknown(calibrated: Calibrated) -> None:
    starts = [band.least_deviation for band in calibrated.calibration.bands]

    assert starts[0] == 0.0
    assert starts == sorted(starts)
    assert all(list(band.scores) == sorted(band.scores) for band in calibrated.calibration.bands)


def test_few_sales_are_marked(calibrated: Calibrated) -> None:
    assert 0.005 < calibrated.marked.mean() < 0.06


def test_an_interval_reaches_to_the_tails_on_each_side() -> None:
    scores = np.arange(-10.0, 31.0)

    below, above = find_ends(scores, 0.9)

    assert (below, above) == (9.0, 29.0)


def test_an_interval_holds_its_price_where_all_residuals_have_one_sign() -> None:
    assert find_ends(np.arange(1.0, 20.0), 0.8) == (0.0, 18.0)


def test_a_house_gets_the_band_of_what_is_known_of_it() -> None:
    bands = Bands(
        [Band(least_deviation=0.0, scores=(-1.0, 0.0, 1.0)), Band(least_deviation=0.2, scores=(-4.0, 0.0, 4.0))]
    )

    below, above = bands.ends(np.array([0.1, 0.2, 0.9]), 0.9)

    assert below.tolist() == above.tolist() == [1.0, 4.0, 4.0]


@pytest.mark.parametrize(("coverage", "score"), [(0.5, 5.0), (0.9, 9.0), (0.91, 9.0), (0.99, 9.0)])
def test_a_quantile_counts_the_house_to_come_among_the_others(coverage: float, score: float) -> None:
    assert conformal_quantile(np.arange(1.0, 10.0), coverage) == score
