"""From sales and a recipe to a fitted estimator with everything that is known about it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from housing_price_model.data import Sales
from housing_price_model.recipes import Estimator, Recipe
from housing_price_model.training.evaluation import FOLDS, Evaluation, evaluate
from housing_price_model.training.progress import Progress

STEPS = FOLDS + 4
"""How many steps the progress is told of: the folds, the held-out fit, importances, the last fit, registration."""


@dataclass(frozen=True)
class TrainedModel:
    """A fitted estimator, its evaluation, and what it was made of."""

    recipe: Recipe
    sales: Sales
    estimator: Estimator
    evaluation: Evaluation
    trained_at: datetime


def train(sales: Sales, recipe: Recipe, progress: Progress) -> TrainedModel:
    """Evaluate a recipe on sales and fit the estimator that is to be registered. Nothing is written.

    Raises:
        TrainingError: if there are too few sales.
    """
    unfitted = recipe.build(sales.frame)
    evaluation = evaluate(unfitted, sales, progress)
    progress.step("fit on every sale" if recipe.fits_every_row else "keep the fit on 80 % of the sales")
    fitted = unfitted.fit(sales.frame, sales.prices) if recipe.fits_every_row else evaluation.held_out.estimator
    return TrainedModel(recipe, sales, fitted, evaluation, datetime.now(UTC))
