"""Puts the sample together: each step sees the columns of the steps before it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from house_files import PRICE_COLUMN, RawRow, RawTable, validate_sales
from house_record import NOT_APPLICABLE, Record
from numpy.typing import NDArray

from housing_price_model.data.sales import Sales
from housing_price_model.data.sample.basement import draw_basement
from housing_price_model.data.sample.building import draw_areas, draw_building
from housing_price_model.data.sample.draws import Draws
from housing_price_model.data.sample.exterior import draw_exterior
from housing_price_model.data.sample.garage import draw_garage
from housing_price_model.data.sample.interior import draw_interior
from housing_price_model.data.sample.location import draw_location, draw_neighborhood
from housing_price_model.data.sample.outdoors import draw_outdoors
from housing_price_model.data.sample.price import draw_price
from housing_price_model.data.sample.sale import draw_date_of_sale, draw_terms_of_sale

SIZE = 1460
_SEED = 20061
_STEPS = (
    draw_location, draw_building, draw_areas, draw_exterior, draw_basement, draw_interior, draw_garage, draw_outdoors,
    draw_terms_of_sale,
)  # fmt: skip


def generate_sales(record: Record) -> Sales:
    """Generate the sample, validated like any other source."""
    columns = _columns(record)
    table = RawTable(list(columns), _rows(columns))
    return Sales.from_table(validate_sales(table, record), record, source="sample", is_generated=True)


def _columns(record: Record) -> dict[str, NDArray[Any]]:
    draws = Draws(seed=_SEED, size=SIZE)
    house: dict[str, NDArray[Any]] = {
        record.id_column: np.arange(1, SIZE + 1),
        "Neighborhood": draw_neighborhood(draws),
        **draw_date_of_sale(draws),
    }
    for step in _STEPS:
        house |= step(house, draws)
    house[PRICE_COLUMN] = draw_price(house, draws)
    return house


def _rows(columns: dict[str, NDArray[Any]]) -> Iterator[RawRow]:
    rows = zip(*(map(_write_cell, column.tolist()) for column in columns.values()), strict=True)
    return (RawRow(f"row {number}", cells) for number, cells in enumerate(rows, start=1))


def _write_cell(value: object) -> object:
    return NOT_APPLICABLE if value is None else value
