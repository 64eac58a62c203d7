"""A raw table becomes sales: every row goes through the house record, every price must be one."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeGuard

import pandas as pd
from house_record import FIELDS, Feature, House, Value, model_row
from pydantic import ValidationError

from housing_price_model.data.cells import code_in, number_in
from housing_price_model.data.headers import positions_of_columns
from housing_price_model.data.problems import ValueProblems, expected_of
from housing_price_model.data.raw_table import RawRow, RawTable
from housing_price_model.data.sales import ID_COLUMN, PRICE_COLUMN, Sales, frame_of_rows
from housing_price_model.errors import DataError

_FEATURE_BY_NAME = {name: field for field in FIELDS for name in (field.name, field.wire_name)}


def sales_of(table: RawTable, source: str) -> Sales:
    """The sales of a table, all of them or none.

    Raises:
        DataError: if the table is not one of sales, has no rows, or holds bad values.
    """
    reader = _RowReader(table.columns)
    for row in table.rows:
        reader.read(row)
    if reader.problems.count:
        raise DataError(str(reader.problems))
    if not reader.features:
        raise DataError("holds no sales, only the names of its columns")
    return Sales(
        frame=frame_of_rows(reader.features),
        prices=pd.Series(reader.prices, dtype="float64", name=PRICE_COLUMN),
        ids=pd.Series(reader.ids, dtype="int64", name=ID_COLUMN),
        source=source,
        is_generated=False,
    )


class _RowReader:
    """Reads rows one by one into ids, features and prices, or notes what is wrong with them."""

    def __init__(self, columns: Sequence[str]) -> None:
        positions = positions_of_columns(columns)
        self._columns = columns
        self._positions = positions
        self._cell_readers = [(field.name, positions[field.column], _cell_reader(field)) for field in FIELDS]
        self.ids: list[int] = []
        self.features: list[tuple[Value, ...]] = []
        self.prices: list[float] = []
        self.problems = ValueProblems()

    def read(self, row: RawRow) -> None:
        self._read_house(row)
        self._read_price(row)

    def _read_house(self, row: RawRow) -> None:
        document = {name: read(row.cells[position]) for name, position, read in self._cell_readers}
        try:
            house = House.model_validate(document)
        except ValidationError as error:
            self._note(row, error, document)
        else:
            self.ids.append(house.id)
            self.features.append(model_row(house))

    def _read_price(self, row: RawRow) -> None:
        position = self._positions[PRICE_COLUMN]
        price = number_in(row.cells[position])
        if _is_price(price):
            self.prices.append(float(price))
        else:
            self.problems.add(row.place, self._columns[position], price, "a price in dollars, above 0")

    def _note(self, row: RawRow, error: ValidationError, document: Mapping[str, object]) -> None:
        for mistake in error.errors(include_url=False, include_context=False):
            feature = _FEATURE_BY_NAME[str(mistake["loc"][0])]
            column = self._columns[self._positions[feature.column]]
            value = document[feature.name]
            self.problems.add(row.place, column, value, expected_of(feature, value))


def _cell_reader(feature: Feature) -> Callable[[object], object]:
    return number_in if feature.kind == "number" else code_in


def _is_price(value: object) -> TypeGuard[int | float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value > 0
