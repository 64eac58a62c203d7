"""Scores settings: the RMSLE of out-of-fold prices, which becomes more precise with each fold."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from housing_price_model.data import Places, Sales
from housing_price_model.evaluation.folds import Fold
from housing_price_model.recipes import DEFAULT_RECIPE, Estimator, find_recipe
from housing_price_model.recipes.blend.parameters import BlendSettings

type Scoring = Callable[[BlendSettings], Iterator[float]]
"""Yields the RMSLE over the folds so far. The last value is the score."""

type ScoringOn = Callable[[Sales, Sequence[Fold]], Scoring]


def make_scoring(sales: Sales, parts: Sequence[Fold]) -> Scoring:
    """Return a function that scores settings on all of these sales in these folds."""

    def scores(settings: BlendSettings) -> Iterator[float]:
        errors: list[float] = []
        for seen, unseen in parts:
            errors.extend(measure_errors(build_estimator(settings, sales), sales, seen, unseen))
            yield float(np.sqrt(np.mean(errors)))

    return scores


def build_estimator(settings: BlendSettings, sales: Sales) -> Estimator:
    """Return the unfitted estimator of the default recipe with these settings."""
    return find_recipe(DEFAULT_RECIPE, settings.model_dump(mode="json")).build(sales)


def measure_errors(unfitted: Estimator, sales: Sales, seen: Places, unseen: Places) -> NDArray[np.float64]:
    """Fit on the seen sales, and return the squared differences of log1p prices of the unseen ones."""
    fitted = clone(unfitted).fit(sales.rows_at(seen), sales.prices.iloc[seen])
    predicted = fitted.predict(sales.rows_at(unseen))
    errors: NDArray[np.float64] = (np.log1p(predicted) - np.log1p(sales.prices.to_numpy()[unseen])) ** 2
    return errors
