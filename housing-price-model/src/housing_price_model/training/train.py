"""Trains a recipe: evaluates it, fits the estimator to register, and calibrates its intervals."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from housing_price_model.data import Sales
from housing_price_model.evaluation.cross_validation import Evaluation, evaluate
from housing_price_model.evaluation.folds import FOLDS, folds
from housing_price_model.progress import Progress
from housing_price_model.recipes import Encode, Estimator, Recipe
from housing_price_model.training.calibration import Calibrated, Calibration, calibrate

STEPS = FOLDS + 5
"""Number of steps that the progress shows: the folds, the held-out fit, importances, the last fit, calibration,
registration."""


@dataclass(frozen=True)
class TrainedModel:
    """A fitted estimator, its evaluation, the calibration of its intervals, and what it was trained on."""

    recipe: Recipe
    sales: Sales
    estimator: Estimator
    evaluation: Evaluation
    calibration: Calibration
    trained_at: datetime


def train(sales: Sales, recipe: Recipe, progress: Progress) -> TrainedModel:
    """Evaluate a recipe on sales, and fit the estimator to register. Writes nothing.

    Raises:
        TrainingError: if there are too few sales.
    """
    unfitted = recipe.build(sales.rows)
    evaluation = evaluate(unfitted, sales, progress)
    progress.step("fit on every sale" if recipe.fits_every_row else "keep the fit on 80 % of the sales")
    fitted = unfitted.fit(sales.rows, sales.prices) if recipe.fits_every_row else evaluation.held_out.estimator
    progress.step("calibrate intervals")
    calibrated = calibrate_evaluation(recipe.compile(fitted).encode, sales, evaluation)
    validation = replace(evaluation.cross_validation, intervals=calibrated.intervals)
    evaluation = replace(evaluation, cross_validation=validation)
    return TrainedModel(recipe, sales, fitted, evaluation, calibrated.calibration, datetime.now(UTC))


def calibrate_evaluation(encode: Encode, sales: Sales, evaluation: Evaluation) -> Calibrated:
    """Calibrate the intervals of an estimator that encodes rows with ``encode``."""
    return calibrate(encode(sales.rows), evaluation.actual, evaluation.cross_validation.predicted, folds(sales))
