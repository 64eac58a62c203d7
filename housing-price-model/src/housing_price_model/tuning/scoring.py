"""How good settings are: the RMSLE of out-of-fold prices, known better with each fold."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from housing_price_model.data import Places, Sales
from housing_price_model.evaluation.folds import Fold
from housing_price_model.recipes import DEFAULT_RECIPE, Estimator, find_recipe
from housing_price_model.recipes.blend.parameters import BlendSettings

type Scoring = Callable[[BlendSettings], Iterator[float]]
"""Gives the RMSLE over the folds done so far, fold after fold; the last is the score."""

type ScoringOn = Callable[[Sales, Sequence[Fold]], Scoring]


def scoring_on(sales: Sales, parts: Sequence[Fold]) -> Scoring:
    """The scoring of settings on some sales in some folds: no sale is left out of the score."""

    def scores(settings: BlendSettings) -> Iterator[float]:
        errors: list[float] = []
        for seen, unseen in parts:
            errors.extend(squared_log_errors(estimator_with(settings, sales), sales, seen, unseen))
            yield float(np.sqrt(np.mean(errors)))

    return scores


def estimator_with(settings: BlendSettings, sales: Sales) -> Estimator:
    """The unfitted estimator of the default recipe with these settings."""
    return find_recipe(DEFAULT_RECIPE, settings.model_dump(mode="json")).build(sales.rows)


def squared_log_errors(unfitted: Estimator, sales: Sales, seen: Places, unseen: Places) -> NDArray[np.float64]:
    """The squared differences of log1p prices of the unseen sales, by a fit on the seen ones."""
    fitted = clone(unfitted).fit(sales.rows_at(seen), sales.prices.iloc[seen])
    predicted = fitted.predict(sales.rows_at(unseen))
    errors: NDArray[np.float64] = (np.log1p(predicted) - np.log1p(sales.prices.to_numpy()[unseen])) ** 2
    return errors
