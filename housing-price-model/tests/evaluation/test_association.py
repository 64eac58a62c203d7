"""What each field says about the price, for fields whose answer is known."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from house_record import COLUMNS
from housing_price_model.data import Sales
from housing_price_model.evaluation.association import measure_associations

type Cells = Sequence[float | str | None]


def with_column(sales: Sales, name: str, cells: Cells) -> Sales:
    place = COLUMNS.index(name)
    return replace(
        sales, rows=[(*row[:place], cell, *row[place + 1 :]) for row, cell in zip(sales.rows, cells, strict=True)]
    )


def test_a_field_in_the_order_of_the_prices_says_everything(few_sales: Sales) -> None:
    falling = with_column(few_sales, "MiscVal", (-few_sales.prices).tolist())

    assert measure_associations(falling)["MiscVal"] == pytest.approx(1.0)


def test_codes_that_split_the_prices_say_much(few_sales: Sales) -> None:
    halves = np.where(few_sales.prices > few_sales.prices.median(), "Pave", "Grvl").tolist()

    assert measure_associations(with_column(few_sales, "Street", halves))["Street"] == pytest.approx(0.87, abs=0.01)


@pytest.mark.parametrize("name", ["OverallQual", "Neighborhood"])
def test_a_shuffled_field_says_nothing(few_sales: Sales, name: str) -> None:
    shuffled = np.random.default_rng(2).permutation(few_sales.frame[name]).tolist()

    assert measure_associations(few_sales)[name] > 0.7
    assert measure_associations(with_column(few_sales, name, shuffled))[name] < 0.2


@pytest.mark.parametrize(("name", "cell"), [("MiscVal", 0.0), ("Street", "Pave"), ("Street", None)])
def test_a_field_of_one_value_says_nothing(few_sales: Sales, name: str, cell: float | str | None) -> None:
    assert measure_associations(with_column(few_sales, name, [cell] * len(few_sales)))[name] == 0.0
