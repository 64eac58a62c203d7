"""Evaluation: folds, the held-out fifth, importances, and too few sales."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Self

import numpy as np
import pandas as pd
import pytest
from house_record import AMES, COLUMNS
from housing_price_model.data import Row, Sales
from housing_price_model.errors import TrainingError
from housing_price_model.evaluation.cross_validation import FEWEST_SALES, evaluate
from housing_price_model.evaluation.importance import permutation_importance
from housing_price_model.evaluation.metrics import Metrics
from housing_price_model.inference import Encoding, NumberFeature, ProcessMean
from housing_price_model.recipes import CompiledEstimator, FittedMember, Recipe
from housing_price_model.recipes.columns import row_columns
from housing_price_model.recipes.joint import fit_joint
from housing_price_model.training.train import STEPS, train
from sklearn.base import BaseEstimator, RegressorMixin


class AreaTimesPrice(RegressorMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn ships no types
    """Dollars per square foot of living area, as in the sales that it was fitted on."""

    def fit(self, rows: Sequence[Row], prices: "pd.Series[float]") -> Self:
        self.rows_ = rows
        self.dollars_per_foot_ = float(prices.sum() / areas_of(rows).sum())
        return self

    def predict(self, rows: Sequence[Row]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        return np.asarray(areas_of(rows) * self.dollars_per_foot_)


def areas_of(rows: Sequence[Row]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.array([row[COLUMNS.index("GrLivArea")] for row in rows], dtype=np.float64)


def encode_areas(rows: Sequence[Row]) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """The matrix of rows, for calibration."""
    return areas_of(rows)[:, None]


AREAS = Encoding(columns=row_columns(AMES.features), features=(NumberFeature(column="GrLivArea", absent=0.0),))


def compile_areas(fitted: AreaTimesPrice) -> CompiledEstimator:
    """The price as a linear function of the area, and a joint model of areas and prices."""
    areas, none = encode_areas(fitted.rows_), np.zeros(1)
    line = ProcessMean(
        offset=np.array(0.0),
        linear=np.array([fitted.dollars_per_foot_]),
        places=np.array([0]),
        scales=none,
        sales=none[None, :],
        weights=none,
    )
    return CompiledEstimator(
        encoding=AREAS,
        encode=encode_areas,
        members=(FittedMember(1.0, line),),
        output="price",
        joint=fit_joint(AREAS, areas, None, np.log1p(areas[:, 0] * fitted.dollars_per_foot_)),
        fills=True,
    )


class NotedSteps(list[str]):
    def step(self, doing: str) -> None:
        self.append(doing)


def test_every_sale_has_an_out_of_fold_price(few_sales: Sales) -> None:
    evaluation = evaluate(AreaTimesPrice(), few_sales, NotedSteps())

    per_foot = evaluation.cross_validation.predicted / areas_of(few_sales.rows)
    assert len(set(per_foot.round(6))) == 5


def test_a_fifth_of_the_sales_is_held_out(few_sales: Sales) -> None:
    held_out = evaluate(AreaTimesPrice(), few_sales, NotedSteps()).held_out

    assert len(held_out.estimator.rows_) == len(few_sales) * 0.8  # type: ignore[attr-defined] # the fake's own


def test_the_estimator_given_stays_unfitted(few_sales: Sales) -> None:
    given = AreaTimesPrice()

    evaluate(given, few_sales, NotedSteps())

    assert not hasattr(given, "rows_")


def test_figures_hold_mean_spread_and_held_out_of_each_metric(few_sales: Sales) -> None:
    figures = evaluate(AreaTimesPrice(), few_sales, NotedSteps()).figures()

    assert len(figures) == 4 * len(fields(Metrics))
    assert {"cv_rmsle", "cv_rmsle_std", "cv_overall_rmsle", "holdout_within_10_percent"} <= figures.keys()
    assert all(np.isfinite(value) for value in figures.values())


@pytest.mark.parametrize(("fits_every_row", "share"), [(True, 1.0), (False, 0.8)])
def test_the_recipe_decides_which_sales_the_registered_estimator_sees(
    few_sales: Sales, *, fits_every_row: bool, share: float
) -> None:
    recipe = Recipe(
        name="area",
        description="area times price",
        build=lambda sales: AreaTimesPrice(),
        compile=compile_areas,
        parameters={},
        trusted_types=(),
        fits_every_row=fits_every_row,
    )
    steps = NotedSteps()

    trained = train(few_sales, recipe, steps)

    assert len(trained.estimator.rows_) == len(few_sales) * share  # type: ignore[attr-defined] # the fake's own
    assert len(steps) == STEPS - 1
    figures = trained.evaluation.figures()
    assert figures["wrong_direction_living_area"] == 0.0
    assert figures["cv_required_rmsle"] == pytest.approx(figures["cv_overall_rmsle"])
    assert 0 <= figures["cv_marked_share"] < 0.2


def test_each_step_is_announced(few_sales: Sales) -> None:
    steps = NotedSteps()

    evaluate(AreaTimesPrice(), few_sales, steps)

    assert steps[0] == "cross-validation, fold 1 of 5"
    assert len(steps) == 7


def test_too_few_sales_are_refused_in_one_line(few_sales: Sales, subset_of: Callable[[Sales, int], Sales]) -> None:
    with pytest.raises(TrainingError, match=r"^49 sales are too few .* at least 50 are needed$"):
        evaluate(AreaTimesPrice(), subset_of(few_sales, FEWEST_SALES - 1), NotedSteps())


def test_only_shuffling_the_decisive_column_matters(few_sales: Sales) -> None:
    fitted = AreaTimesPrice().fit(few_sales.rows, few_sales.prices)
    exact = replace(few_sales, prices=pd.Series(fitted.predict(few_sales.rows)))

    importances = permutation_importance(fitted, exact, seed=1)

    assert importances[0].column == "GrLivArea"
    assert importances[0].mean > 0.1
    assert {importance.mean for importance in importances[1:]} == {0.0}
