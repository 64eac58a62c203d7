"""From sales and a recipe to a fitted estimator with everything that is known about it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from housing_price_model.data import Sales
from housing_price_model.evaluation.cross_validation import Evaluation, evaluate
from housing_price_model.evaluation.folds import FOLDS, folds
from housing_price_model.progress import Progress
from housing_price_model.recipes import Encode, Estimator, Recipe
from housing_price_model.training.calibration import Calibrated, Calibration, calibrate

STEPS = FOLDS + 5
"""How many steps the progress is told of: the folds, the held-out fit, importances, the last fit, calibration,
registration."""


@dataclass(frozen=True)
class TrainedModel:
    """A fitted estimator, its evaluation, what makes intervals of its prices, and what it was made of."""

    recipe: Recipe
    sales: Sales
    estimator: Estimator
    evaluation: Evaluation
    calibration: Calibration
    trained_at: datetime


def train(sales: Sales, recipe: Recipe, progress: Progress) -> TrainedModel:
    """Evaluate a recipe on sales and fit the estimator that is to be registered. Nothing is written.

    Raises:
        TrainingError: if there are too few sales.
    """
    unfitted = recipe.build(sales.rows)
    evaluation = evaluate(unfitted, sales, progress)
    progress.step("fit on every sale" if recipe.fits_every_row else "keep the fit on 80 % of the sales")
    fitted = unfitted.fit(sales.rows, sales.prices) if recipe.fits_every_row else evaluation.held_out.estimator
    progress.step("calibrate intervals")
    calibrated = calibrated_on(recipe.compile(fitted).encode, sales, evaluation)
    validation = replace(evaluation.cross_validation, intervals=calibrated.intervals)
    evaluation = replace(evaluation, cross_validation=validation)
    return TrainedModel(recipe, sales, fitted, evaluation, calibrated.calibration, datetime.now(UTC))


def calibrated_on(encode: Encode, sales: Sales, evaluation: Evaluation) -> Calibrated:
    """Calibrate the intervals of an estimator whose fitted steps ``encode`` make a matrix of rows."""
    return calibrate(encode(sales.rows), evaluation.actual, evaluation.cross_validation.predicted, folds(sales))
