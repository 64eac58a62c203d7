"""Preparations that the selection compares: imputing numbers, and removing the sale's columns."""

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - or the next import fails
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer
from sklearn.preprocessing import StandardScaler

from housing_price_model.evaluation.folds import SEED
from housing_price_model.pipeline.configuration import Imputation

SALE_COLUMNS = ("SaleType", "SaleCondition", "MoSold", "YrSold")
"""Unknown when a house is priced."""

NEIGHBORS = 5

type Prepare = Callable[[pd.DataFrame], pd.DataFrame]
type Preparation = Callable[[pd.DataFrame], Prepare]
"""Learns from training houses how to prepare any houses."""


def keep_as_they_are(_seen: pd.DataFrame) -> Prepare:
    """Leave houses unchanged: the recipe handles missing numbers itself."""
    return lambda houses: houses


def learn_imputation(how: Imputation) -> Preparation:
    """Learn to fill missing numbers from a house's other numbers, or from other houses."""

    def learn(seen: pd.DataFrame) -> Prepare:
        columns = [str(column) for column in seen.select_dtypes("number")]
        # Distances and regressions need standardised columns.
        scaler, imputer = StandardScaler(), _imputer(how)
        with warnings.catch_warnings():
            # Convergence to a hundredth of a standard deviation does not matter for a price.
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


def learn_usual_sale(seen: pd.DataFrame) -> Prepare:
    """Learn the usual year, month, type and condition of sale, and give them to every house."""
    usual = {
        name: float(np.round(seen[name].median())) if is_numeric_dtype(seen[name]) else seen[name].mode().iloc[0]
        for name in SALE_COLUMNS
    }

    def flatten(houses: pd.DataFrame) -> pd.DataFrame:
        flat = {name: pd.Series(value, index=houses.index, dtype=houses[name].dtype) for name, value in usual.items()}
        return houses.assign(**flat)

    return flatten
