"""Trains a recipe: evaluates it, fits the estimator to register, and calibrates its intervals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from housing_price_model.data import Sales
from housing_price_model.evaluation.cross_validation import Evaluation, evaluate
from housing_price_model.evaluation.folds import FOLDS
from housing_price_model.evaluation.monotonicity import Answers, ask_what_ifs
from housing_price_model.inference import rows_of_frame
from housing_price_model.progress import Progress
from housing_price_model.recipes import Estimator, Recipe
from housing_price_model.training.calibration import Calibration, calibrate

STEPS = FOLDS + 6
"""Number of steps that the progress shows: the folds, the held-out fit, importances, the last fit, calibration,
what-ifs, registration."""

MOST_ASKED = 300
"""Houses whose prices are asked for after each what-if."""


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
    unfitted = recipe.build(sales)
    evaluation = evaluate(unfitted, sales, progress)
    progress.step("fit on every sale" if recipe.fits_every_row else "keep the fit on 80 % of the sales")
    fitted = unfitted.fit(sales.rows, sales.prices) if recipe.fits_every_row else evaluation.held_out.estimator
    progress.step("calibrate intervals")
    calibrated = calibrate(recipe, recipe.compile(fitted), evaluation.cross_validation.fits, sales)
    validation = replace(
        evaluation.cross_validation,
        intervals=calibrated.intervals,
        marked=calibrated.marked,
        few_fields=calibrated.few_fields,
    )
    progress.step("what-ifs")
    answers = _ask_what_ifs(fitted, sales)
    evaluation = replace(evaluation, cross_validation=validation, answers=answers)
    return TrainedModel(recipe, sales, fitted, evaluation, calibrated.calibration, datetime.now(UTC))


def _ask_what_ifs(fitted: Estimator, sales: Sales) -> Sequence[Answers]:
    """Ask about some of the sales, evenly chosen, because a training must be short; the gate asks about all."""
    places = np.linspace(0, len(sales) - 1, min(len(sales), MOST_ASKED), dtype=np.int64)

    def price(frame: pd.DataFrame) -> ArrayLike:
        return fitted.predict([tuple(row) for row in rows_of_frame(sales.record.columns, frame)])

    return ask_what_ifs(price, sales.frame.iloc[places])
