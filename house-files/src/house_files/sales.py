"""A raw table becomes sales: every row goes through the house record, and every price must be one."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from house_record import FIELDS, House, Value, model_row
from pydantic import ValidationError

from house_files.cells import read_code, read_number, read_number_with_comma, strip_cell
from house_files.columns import locate_columns
from house_files.empty_cells import Empty, decide_meaning, is_not_applicable
from house_files.errors import HouseFileError
from house_files.grouped_numbers import GroupedNumbers
from house_files.magnitudes import describe_wrong_magnitudes
from house_files.names import PRICE_COLUMN
from house_files.raw_table import RawRow, RawTable
from house_files.repeats import describe_repeats
from house_files.value_problems import ValueProblems, describe_expected, describe_expected_price

_MAY_BE_GROUPED = (
    PRICE_COLUMN,
    *(field.column for field in FIELDS if field.unit in ("square feet", "US dollars")),
)
_FEATURE_BY_NAME = {name: field for field in FIELDS for name in (field.name, field.wire_name)}


@dataclass(frozen=True)
class SalesTable:
    """Validated sales in file order: ``rows`` as ``house_record.model_row`` makes them, ``prices`` in US dollars.

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


def validate_sales(table: RawTable, empty: Empty | None = None) -> SalesTable:
    """Return all sales of a table, or none.

    ``empty`` says what an empty cell means where the dictionary has a "none"; by default, the first rows decide.

    Raises:
        HouseFileError: if the table is not one of sales, has no rows, or holds bad values.
    """
    reader = _RowReader(table, empty)
    for row in reader.table_rows:
        reader.read(row)
    if problems := reader.describe_problems():
        raise HouseFileError("; ".join(problems))
    if not reader.rows:
        raise HouseFileError("holds no sales, only the names of its columns")
    if problems := describe_wrong_magnitudes(reader.rows, reader.prices):
        raise HouseFileError("; ".join(problems))
    warnings = describe_repeats(reader.ids, reader.rows, reader.prices)
    return SalesTable(reader.ids, reader.rows, reader.prices, warnings, reader.empty_cells.describe())


class _RowReader:
    """Reads rows one by one into ids, features and prices, or notes what is wrong with them."""

    def __init__(self, table: RawTable, empty: Empty | None) -> None:
        self._positions, self._column_problems = locate_columns(table.columns)
        self._columns = table.columns
        self.empty_cells, self.table_rows = decide_meaning(table.rows, empty)
        self._read_number = read_number_with_comma if "," in table.decimal_signs else read_number
        self._cell_readers = [
            (field.name, self._positions[field.column], self._read_number if field.kind == "number" else read_code)
            for field in FIELDS
            if field.column in self._positions
        ]
        self._with_none = [
            (field.name, self._positions[field.column])
            for field in FIELDS
            if field.has_none and field.column in self._positions
        ]
        self._grouped = [
            (self._positions[name], self._watch_column(name)) for name in _MAY_BE_GROUPED if name in self._positions
        ]
        self.ids: list[int] = []
        self.rows: list[tuple[Value, ...]] = []
        self.prices: list[float] = []
        self._problems = ValueProblems()

    def read(self, row: RawRow) -> None:
        self._read_house(row)
        self._read_price(row)
        for position, grouped in self._grouped:
            if isinstance(cell := row.cells[position], str):
                grouped.watch(row.place, strip_cell(cell))

    def describe_problems(self) -> list[str]:
        doubtful = [str(grouped.doubtful) for _, grouped in self._grouped if grouped.doubtful]
        problems = [*self._column_problems]
        if doubtful:
            problems.append(f"{'; '.join(doubtful)}: write numbers without grouped thousands")
        if self._problems.count:
            problems.append(str(self._problems))
        return problems

    def _watch_column(self, column: str) -> GroupedNumbers:
        name_in_file = self._columns[self._positions[column]]
        return GroupedNumbers(name_in_file, never_below_1000=column == PRICE_COLUMN)

    def _read_house(self, row: RawRow) -> None:
        document = {name: read(row.cells[position]) for name, position, read in self._cell_readers}
        self._interpret_empty_cells(row, document)
        try:
            house = House.model_validate(document)
        except ValidationError as error:
            self._note_mistakes(row, error, document)
        else:
            self.ids.append(house.id)
            self.rows.append(model_row(house))

    def _interpret_empty_cells(self, row: RawRow, document: dict[str, object]) -> None:
        """A null says "none" to the house record, and a field that is left out is unknown."""
        for name, position in self._with_none:
            if document[name] is None and not is_not_applicable(row.cells[position]):
                self.empty_cells.count += 1
                if self.empty_cells.meaning == "unknown":
                    del document[name]

    def _read_price(self, row: RawRow) -> None:
        position = self._positions.get(PRICE_COLUMN)
        if position is None:
            return
        price = self._read_number(row.cells[position])
        if _is_price(price):
            self.prices.append(float(price))
        else:
            self._problems.add(row.place, self._columns[position], price, describe_expected_price(price))

    def _note_mistakes(self, row: RawRow, error: ValidationError, document: Mapping[str, object]) -> None:
        for mistake in error.errors(include_url=False, include_context=False):
            feature = _FEATURE_BY_NAME[str(mistake["loc"][0])]
            if feature.column not in self._positions:
                continue
            column = self._columns[self._positions[feature.column]]
            value = document[feature.name]
            self._problems.add(row.place, column, value, describe_expected(feature, value))


def _is_price(value: object) -> TypeGuard[int | float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value > 0
