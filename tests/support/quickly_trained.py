"""A model of few sales, trained in a second, with an evaluation that is made up."""

from datetime import UTC, datetime

import numpy as np
from housing_price_model.data import Sales
from housing_price_model.evaluation.cross_validation import CrossValidation, Evaluation, HeldOut
from housing_price_model.evaluation.importance import Importance
from housing_price_model.evaluation.metrics import Metrics
from housing_price_model.recipes import Recipe, find_recipe
from housing_price_model.training.train import TrainedModel, calibrated_on


def quickly_trained_model(recipe_name: str, sales: Sales) -> TrainedModel:
    """A recipe fitted once on all sales given."""
    recipe: Recipe = find_recipe(recipe_name)
    estimator = recipe.build(sales.rows).fit(sales.rows, sales.prices)
    metrics = Metrics(rmsle=0.1, mae=10_000.0, mape=0.1, within_10_percent=0.7, r2=0.9)
    predicted = np.asarray(sales.prices, dtype=np.float64)
    evaluation = Evaluation(
        actual=predicted,
        cross_validation=CrossValidation(metrics, metrics, metrics, 1.1 * predicted),
        held_out=HeldOut(estimator, metrics, [Importance("GrLivArea", 0.2, 0.01)]),
    )
    calibrated = calibrated_on(recipe.compile(estimator).encode, sales, evaluation)
    return TrainedModel(
        recipe, sales, estimator, evaluation, calibrated.calibration, datetime(2026, 11, 21, tzinfo=UTC)
    )
