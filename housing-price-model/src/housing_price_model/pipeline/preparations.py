"""What may be done to houses before the recipe sees them: absent numbers filled, columns taken away."""

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - or the next import fails
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer
from sklearn.preprocessing import StandardScaler

from housing_price_model.evaluation.folds import SEED
from housing_price_model.pipeline.configuration import Imputation
from housing_price_model.recipes.columns import NUMBER_COLUMNS

SALE_COLUMNS = ("SaleType", "SaleCondition", "MoSold", "YrSold")
"""What nobody knows when a house is priced."""

NEIGHBORS = 5

type Prepare = Callable[[pd.DataFrame], pd.DataFrame]
type Preparation = Callable[[pd.DataFrame], Prepare]
"""Learns from the houses of the fit what to do to any."""


def as_they_are(_seen: pd.DataFrame) -> Prepare:
    """Nothing: absent numbers are the recipe's own business."""
    return lambda houses: houses


def imputing(how: Imputation) -> Preparation:
    """Fill absent numbers from the other numbers of the house, or from those of other houses."""

    def learn(seen: pd.DataFrame) -> Prepare:
        columns = list(NUMBER_COLUMNS)
        # Distances and regressions are of standardised columns.
        scaler, imputer = StandardScaler(), _imputer(how)
        with warnings.catch_warnings():
            # Rounds end when they end: a hundredth of a standard deviation more is no matter for a price.
            warnings.simplefilter("ignore", ConvergenceWarning)
            imputer.fit(scaler.fit_transform(seen[columns]))

        def fill(houses: pd.DataFrame) -> pd.DataFrame:
            filled = scaler.inverse_transform(imputer.transform(scaler.transform(houses[columns])))
            numbers = pd.DataFrame(filled, columns=columns, index=houses.index)
            return houses.assign(**{name: houses[name].fillna(numbers[name]) for name in columns})

        return fill

    return learn


def _imputer(how: Imputation) -> SimpleImputer | KNNImputer | IterativeImputer:
    if how == "knn":
        return KNNImputer(n_neighbors=NEIGHBORS, keep_empty_features=True)
    if how == "iterative":
        return IterativeImputer(random_state=SEED, keep_empty_features=True)
    return SimpleImputer(strategy=how, keep_empty_features=True)


def without_sale(seen: pd.DataFrame) -> Prepare:
    """The same usual year, month, type and condition of sale for every house."""
    usual = {
        name: float(np.round(seen[name].median())) if name in NUMBER_COLUMNS else seen[name].mode().iloc[0]
        for name in SALE_COLUMNS
    }

    def flatten(houses: pd.DataFrame) -> pd.DataFrame:
        flat = {name: pd.Series(value, index=houses.index, dtype=houses[name].dtype) for name, value in usual.items()}
        return houses.assign(**flat)

    return flatten
