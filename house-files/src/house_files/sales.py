"""A raw table becomes sales: every row goes through the house record, and every price must be one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from house_record import Record, Value
from pydantic import ValidationError

from house_files.columns import locate_columns
from house_files.documents import DocumentReader
from house_files.empty_cells import Empty, decide_meaning
from house_files.errors import HouseFileError
from house_files.magnitudes import describe_wrong_magnitudes
from house_files.names import PRICE_COLUMN
from house_files.raw_table import RawRow, RawTable
from house_files.repeats import describe_repeats
from house_files.value_problems import ValueProblems, describe_expected_price


@dataclass(frozen=True)
class SalesTable:
    """Validated sales in file order: ``rows`` as the record makes them, ``prices`` in US dollars.

    ``warnings`` say what is odd about the sales, such as rows that stand there twice. ``empty_cells`` says how empty
    cells were read, if there are any that could say "none".
    """

    ids: Sequence[int]
    rows: Sequence[tuple[Value, ...]]
    prices: Sequence[float]
    warnings: Sequence[str] = ()
    empty_cells: str | None = field(default=None, compare=False)

    def __len__(self) -> int:
        return len(self.rows)


def validate_sales(table: RawTable, record: Record, empty: Empty | None = None) -> SalesTable:
    """Return all sales of a table, or none.

    ``empty`` says what an empty cell means where the dictionary has a "none"; by default, the first rows decide.

    Raises:
        HouseFileError: if the table is not one of sales, has no rows, or holds bad values.
    """
    reader = _RowReader(table, record, empty)
    for row in reader.table_rows:
        reader.read(row)
    if problems := reader.describe_problems():
        raise HouseFileError("; ".join(problems))
    if not reader.rows:
        raise HouseFileError("holds no sales, only the names of its columns")
    if problems := describe_wrong_magnitudes(record, reader.rows, reader.prices):
        raise HouseFileError("; ".join(problems))
    warnings = describe_repeats(reader.ids, reader.rows, reader.prices)
    return SalesTable(reader.ids, reader.rows, reader.prices, warnings, reader.empty_cells.describe())


class _RowReader:
    """Reads rows one by one into ids, features and prices, or notes what is wrong with them."""

    def __init__(self, table: RawTable, record: Record, empty: Empty | None) -> None:
        self._record = record
        self._positions, self._column_problems = locate_columns(record, table.columns)
        self.empty_cells, self.table_rows = decide_meaning(table.rows, empty)
        self._documents = DocumentReader(record, table, self._positions, self.empty_cells)
        self.ids: list[int] = []
        self.rows: list[tuple[Value, ...]] = []
        self.prices: list[float] = []
        self._problems = ValueProblems()

    def read(self, row: RawRow) -> None:
        self._read_house(row)
        self._read_price(row)

    def describe_problems(self) -> list[str]:
        doubtful = self._documents.describe_doubtful()
        values = str(self._problems) if self._problems.count else ""
        return [*self._column_problems, *filter(None, [doubtful, values])]

    def _read_house(self, row: RawRow) -> None:
        document = self._documents.read(row)
        try:
            house = self._record.house.model_validate(document)
        except ValidationError as error:
            for bad in self._documents.find_bad_values(error, document):
                self._problems.add(row.place, *bad)
        else:
            self.ids.append(house.id)
            self.rows.append(self._record.row(house))

    def _read_price(self, row: RawRow) -> None:
        position = self._positions.get(PRICE_COLUMN)
        if position is None:
            return
        price = self._documents.read_number(row.cells[position])
        if _is_price(price):
            self.prices.append(float(price))
        else:
            column = self._documents.name_in_file(PRICE_COLUMN)
            self._problems.add(row.place, column, price, describe_expected_price(price))


def _is_price(value: object) -> TypeGuard[int | float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value > 0
