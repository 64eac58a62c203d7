"""Scores settings: the metrics of out-of-fold prices, which become more precise with each fold."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from housing_price_model.data import Places, Sales
from housing_price_model.evaluation.folds import Fold
from housing_price_model.evaluation.metrics import Metrics, measure
from housing_price_model.recipes import DEFAULT_RECIPE, Estimator, find_recipe
from housing_price_model.recipes.blend.parameters import BlendSettings
from housing_price_model.tuning.parameters_file import Objective

TITLES: Mapping[Objective, str] = {"rmsle": "RMSLE", "wmape": "wMAPE"}

type Scoring = Callable[[BlendSettings], Iterator[Metrics]]
"""Yields the metrics over the folds so far. The last are those of all sales."""

type ScoringOn = Callable[[Sales, Sequence[Fold]], Scoring]

type Prices = NDArray[np.float64]


def make_scoring(sales: Sales, parts: Sequence[Fold]) -> Scoring:
    """Return a function that scores settings on all of these sales in these folds."""

    def scores(settings: BlendSettings) -> Iterator[Metrics]:
        actual, predicted = list[float](), list[float]()
        for seen, unseen in parts:
            actual.extend(sales.prices.iloc[unseen])
            predicted.extend(price_unseen(build_estimator(settings, sales), sales, seen, unseen))
            yield measure(actual, predicted)

    return scores


def build_estimator(settings: BlendSettings, sales: Sales) -> Estimator:
    """Return the unfitted estimator of the default recipe with these settings."""
    return find_recipe(DEFAULT_RECIPE, settings.model_dump(mode="json")).build(sales)


def price_unseen(unfitted: Estimator, sales: Sales, seen: Places, unseen: Places) -> Prices:
    """Fit on the seen sales, and return the prices of the unseen ones."""
    fitted = clone(unfitted).fit(sales.rows_at(seen), sales.prices.iloc[seen])
    predicted: Prices = fitted.predict(sales.rows_at(unseen))
    return predicted
