"""Finds sales that stand in the data again, little changed: across folds, they give away the price to be guessed."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from housing_price_model.data import Sales

LARGEST_DIFFERENCE = 0.01
"""Numbers that differ by less than this share are the same."""

LARGEST_PRICE_DIFFERENCE = 0.05
FEWEST_SAME_SHARE = 0.95
"""Share of the fields in which a sale and its near duplicate are the same."""

MOST_SALES = 1_000
BLOCK = 50

_NULL = -1.0


def share_of_near_duplicates(sales: Sales, fold: NDArray[np.int64]) -> float:
    """Return the share of sales with a near duplicate in another fold, among at most 1,000 that are evenly chosen.

    ``fold`` has the number of each sale's fold.
    """
    fields, prices = _encode(sales.frame), np.asarray(sales.prices, dtype=np.float64)
    chosen = np.linspace(0, len(sales) - 1, min(len(sales), MOST_SALES), dtype=np.int64)
    # In blocks, because all pairs at once would take gigabytes.
    blocks = np.array_split(chosen, max(len(chosen) // BLOCK, 1))
    return float(np.concatenate([_have_duplicates(block, fields, prices, fold) for block in blocks]).mean())


def _encode(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return a row of numbers for each field: codes are numbered."""
    columns = [
        frame[name].fillna(_NULL) if pd.api.types.is_numeric_dtype(frame[name]) else pd.factorize(frame[name])[0]
        for name in frame
    ]
    return np.array(columns, dtype=np.float64)


def _have_duplicates(
    places: NDArray[np.int64], fields: NDArray[np.float64], prices: NDArray[np.float64], fold: NDArray[np.int64]
) -> NDArray[np.bool_]:
    same = np.zeros((len(places), len(prices)), dtype=np.int64)
    for values in fields:
        same += _are_close(values, places, LARGEST_DIFFERENCE)
    similar = same >= FEWEST_SAME_SHARE * len(fields)
    apart = fold[places, np.newaxis] != fold
    found = similar & apart & _are_close(prices, places, LARGEST_PRICE_DIFFERENCE)
    have: NDArray[np.bool_] = found.any(axis=1)
    return have


def _are_close(values: NDArray[np.float64], places: NDArray[np.int64], difference: float) -> NDArray[np.bool_]:
    """Compare the values at these places with all values: of shape (places, values)."""
    some = values[places, np.newaxis]
    close: NDArray[np.bool_] = np.abs(some - values) <= difference * np.abs(some)
    return close
