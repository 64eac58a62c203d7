"""What recipe `default` must be worth on the real sales: prices, intervals, and the market's directions."""

import numpy as np
import pandas as pd
import pytest
from house_record import COLUMNS
from housing_price_model.data import Sales
from housing_price_model.evaluation.metrics import measure
from housing_price_model.evaluation.monotonicity import ask_what_ifs
from housing_price_model.gate.checks.monotonicity import BLOCKING
from housing_price_model.inference import rows_of_frame
from housing_price_model.progress import PlainProgress
from housing_price_model.recipes import find_recipe
from housing_price_model.training.train import TrainedModel, train
from numpy.typing import ArrayLike
from rich.console import Console

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

MOST_RMSLE = 0.121
MOST_WIDTH = 0.29
MOST_OFF, MOST_BELOW = 0.02, 0.05
"""Coverage overall, and in each third of the prices."""
MOST_WRONG = 0.005


@pytest.fixture(scope="module")
def trained(real_sales: Sales) -> TrainedModel:
    return train(real_sales, find_recipe("default"), PlainProgress(Console()))


def test_every_sale_is_scored_and_the_error_is_small(trained: TrainedModel) -> None:
    predicted = trained.evaluation.cross_validation.predicted

    assert predicted.shape == trained.evaluation.actual.shape
    assert measure(trained.evaluation.actual, predicted).rmsle <= MOST_RMSLE


def test_intervals_have_nominal_coverage_in_each_third_of_prices(trained: TrainedModel) -> None:
    actual = trained.evaluation.actual
    thirds = np.digitize(actual, np.quantile(actual, [1 / 3, 2 / 3]))

    for coverage, interval in trained.evaluation.cross_validation.intervals.items():
        covered = (interval.lower <= actual) & (actual <= interval.upper)
        assert covered.mean() == pytest.approx(coverage, abs=MOST_OFF)
        assert min(covered[thirds == third].mean() for third in range(3)) >= coverage - MOST_BELOW


def test_intervals_are_narrow(trained: TrainedModel) -> None:
    assert trained.evaluation.figures()["cv_interval_width_90"] <= MOST_WIDTH


def test_prices_move_as_the_markets_do(trained: TrainedModel) -> None:
    def price_frame(frame: pd.DataFrame) -> ArrayLike:
        return trained.estimator.predict([tuple(row) for row in rows_of_frame(COLUMNS, frame)])

    wrong = {one.name: one.share for one in ask_what_ifs(price_frame, trained.sales.frame)}
    assert {name: wrong[name] for name in BLOCKING if wrong[name] > MOST_WRONG} == {}
