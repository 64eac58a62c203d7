"""A raw table becomes sales: every row goes through the house record, and every price must be one."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from house_record import FIELDS, Feature, House, Value, model_row
from pydantic import ValidationError

from house_files.cells import read_code, read_number
from house_files.columns import PRICE_COLUMN, locate_columns
from house_files.errors import HouseFileError
from house_files.raw_table import RawRow, RawTable
from house_files.value_problems import ValueProblems, describe_expected

_FEATURE_BY_NAME = {name: field for field in FIELDS for name in (field.name, field.wire_name)}


@dataclass(frozen=True)
class SalesTable:
    """Validated sales in file order: ``rows`` as ``house_record.model_row`` makes them, ``prices`` in US dollars."""

    ids: Sequence[int]
    rows: Sequence[tuple[Value, ...]]
    prices: Sequence[float]

    def __len__(self) -> int:
        return len(self.rows)


def validate_sales(table: RawTable) -> SalesTable:
    """Return all sales of a table, or none.

    Raises:
        HouseFileError: if the table is not one of sales, has no rows, or holds bad values.
    """
    reader = _RowReader(table.columns)
    for row in table.rows:
        reader.read(row)
    if reader.problems.count:
        raise HouseFileError(str(reader.problems))
    if not reader.rows:
        raise HouseFileError("holds no sales, only the names of its columns")
    return SalesTable(reader.ids, reader.rows, reader.prices)


class _RowReader:
    """Reads rows one by one into ids, features and prices, or notes what is wrong with them."""

    def __init__(self, columns: Sequence[str]) -> None:
        positions = locate_columns(columns)
        self._columns = columns
        self._positions = positions
        self._cell_readers = [(field.name, positions[field.column], _choose_cell_reader(field)) for field in FIELDS]
        self.ids: list[int] = []
        self.rows: list[tuple[Value, ...]] = []
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
            self._note_mistakes(row, error, document)
        else:
            self.ids.append(house.id)
            self.rows.append(model_row(house))

    def _read_price(self, row: RawRow) -> None:
        position = self._positions[PRICE_COLUMN]
        price = read_number(row.cells[position])
        if _is_price(price):
            self.prices.append(float(price))
        else:
            self.problems.add(row.place, self._columns[position], price, "a price in dollars, above 0")

    def _note_mistakes(self, row: RawRow, error: ValidationError, document: Mapping[str, object]) -> None:
        for mistake in error.errors(include_url=False, include_context=False):
            feature = _FEATURE_BY_NAME[str(mistake["loc"][0])]
            column = self._columns[self._positions[feature.column]]
            value = document[feature.name]
            self.problems.add(row.place, column, value, describe_expected(feature, value))


def _choose_cell_reader(feature: Feature) -> Callable[[object], object]:
    return read_number if feature.kind == "number" else read_code


def _is_price(value: object) -> TypeGuard[int | float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value > 0
