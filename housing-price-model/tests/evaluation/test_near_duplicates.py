"""Sales that stand in the data again are found, and what ordinary sales have in common is not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from house_record import COLUMNS
from housing_price_model.data import Sales
from housing_price_model.evaluation.near_duplicates import share_of_near_duplicates

LOT_AREA = COLUMNS.index("LotArea")


def repeated(sales: Sales, *, dearer: float) -> Sales:
    """Each sale twice: again under another id, with a slightly larger lot and another price."""
    lots = sales.frame["LotArea"] + 3
    again = [(*row[:LOT_AREA], lot, *row[LOT_AREA + 1 :]) for row, lot in zip(sales.rows, lots, strict=True)]
    return replace(
        sales,
        rows=[*sales.rows, *again],
        prices=pd.concat([sales.prices, sales.prices * dearer], ignore_index=True),
        ids=pd.concat([sales.ids, sales.ids + 100_000], ignore_index=True),
    )


def test_ordinary_sales_give_nothing_away(few_sales: Sales) -> None:
    fold = np.arange(len(few_sales)) % 5

    assert share_of_near_duplicates(few_sales, fold) == 0.0


@pytest.mark.parametrize(("dearer", "share"), [(1.01, 1.0), (1.2, 0.0)])
def test_sales_that_are_there_again_are_near_duplicates_unless_they_cost_something_else(
    few_sales: Sales, dearer: float, share: float
) -> None:
    fold = np.arange(2 * len(few_sales)) // len(few_sales)

    assert share_of_near_duplicates(repeated(few_sales, dearer=dearer), fold) == share


def test_near_duplicates_in_the_same_fold_give_nothing_away(few_sales: Sales) -> None:
    fold = np.arange(2 * len(few_sales)) % len(few_sales) % 5

    assert share_of_near_duplicates(repeated(few_sales, dearer=1.0), fold) == 0.0
