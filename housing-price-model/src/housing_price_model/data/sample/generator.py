"""Puts the sample together: each step sees the columns of the steps before it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from house_files import ID_COLUMN, PRICE_COLUMN, RawRow, RawTable, validate_sales
from numpy.typing import NDArray

from housing_price_model.data.sales import Sales
from housing_price_model.data.sample.basement import basement_of
from housing_price_model.data.sample.building import areas_of, building_of
from housing_price_model.data.sample.draws import Draws
from housing_price_model.data.sample.exterior import exterior_of
from housing_price_model.data.sample.garage import garage_of
from housing_price_model.data.sample.interior import interior_of
from housing_price_model.data.sample.location import location_of, neighborhood_of
from housing_price_model.data.sample.outdoors import outdoors_of
from housing_price_model.data.sample.price import price_of
from housing_price_model.data.sample.sale import date_of_sale, terms_of_sale

SIZE = 1460
_SEED = 20061
_STEPS = (
    location_of, building_of, areas_of, exterior_of, basement_of, interior_of, garage_of, outdoors_of,
    terms_of_sale,
)  # fmt: skip


def generate_sales() -> Sales:
    """The sample, validated like any other source."""
    columns = _columns()
    table = RawTable(list(columns), _rows(columns))
    return Sales.from_table(validate_sales(table), source="sample", is_generated=True)


def _columns() -> dict[str, NDArray[Any]]:
    draws = Draws(seed=_SEED, size=SIZE)
    house: dict[str, NDArray[Any]] = {
        ID_COLUMN: np.arange(1, SIZE + 1),
        "Neighborhood": neighborhood_of(draws),
        **date_of_sale(draws),
    }
    for step in _STEPS:
        house |= step(house, draws)
    house[PRICE_COLUMN] = price_of(house, draws)
    return house


def _rows(columns: dict[str, NDArray[Any]]) -> Iterator[RawRow]:
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return (RawRow(f"row {number}", cells) for number, cells in enumerate(rows, start=1))
