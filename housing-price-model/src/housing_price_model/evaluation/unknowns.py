"""Prices without the features that are unknown when a house is priced: time, type and condition of its sale."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import clone

from housing_price_model.evaluation.folds import folds

if TYPE_CHECKING:
    from house_record import Record

    from housing_price_model.data import Row, Sales
    from housing_price_model.evaluation.bootstrap import Numbers
    from housing_price_model.progress import Progress
    from housing_price_model.recipes import Estimator

UNKNOWN_WHEN_PRICED = ("SaleType", "SaleCondition", "MoSold", "YrSold")


@dataclass(frozen=True, eq=False)
class FoldPrices:
    """Out-of-fold prices in US dollars by the same fits: of complete houses, and of houses without some columns."""

    complete: "Numbers"
    without: "Numbers"


def price_without(
    unfitted: "Estimator", sales: "Sales", progress: "Progress", columns: Sequence[str] = UNKNOWN_WHEN_PRICED
) -> FoldPrices:
    """Price each sale with null columns, by an out-of-fold fit that was trained with these columns.

    Uses the folds of the evaluation. The given estimator stays unfitted.
    """
    prices = FoldPrices(np.empty(len(sales)), np.empty(len(sales)))
    parts = folds(sales)
    for number, (seen, unseen) in enumerate(parts, start=1):
        progress.step(f"prices without {', '.join(columns)}, fold {number} of {len(parts)}")
        fitted, houses = clone(unfitted).fit(sales.rows_at(seen), sales.prices.iloc[seen]), sales.rows_at(unseen)
        prices.complete[unseen] = fitted.predict(houses)
        prices.without[unseen] = fitted.predict(null_columns(sales.record, houses, columns))
    return prices


def null_columns(record: "Record", rows: "Sequence[Row]", columns: Sequence[str]) -> "list[Row]":
    """Return rows with these columns null."""
    kept = [column not in columns for column in record.columns]
    return [tuple(value if keep else None for value, keep in zip(row, kept, strict=True)) for row in rows]
