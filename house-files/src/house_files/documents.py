"""The cells of a row as the document of a house, by the names of its fields, and what is wrong with them."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from house_record import Record
from pydantic import ValidationError

from house_files.cells import read_code, read_number, read_number_with_comma, strip_cell
from house_files.empty_cells import EmptyCells, is_not_applicable
from house_files.grouped_numbers import GroupedNumbers
from house_files.names import PRICE_COLUMN
from house_files.raw_table import RawRow, RawTable
from house_files.value_problems import describe_expected

_UNITS_OF_GROUPED = ("square feet", "US dollars")
"""Numbers with these units may have grouped thousands, as prices may."""


class BadValue(NamedTuple):
    """A cell that is refused: its column in the file, what it holds, and what it should be."""

    column: str
    value: object
    expected: str


class DocumentReader:
    """Reads the rows of a table one by one.

    Args:
        record: what a house is.
        table: its columns and decimal signs are used, not its rows.
        positions: where the columns that are read stand, by the record's names.
        empty_cells: what empty cells mean; they are counted.
    """

    def __init__(self, record: Record, table: RawTable, positions: Mapping[str, int], empty_cells: EmptyCells) -> None:
        self._record = record
        self.read_number = read_number_with_comma if "," in table.decimal_signs else read_number
        self._columns, self._positions, self._empty_cells = table.columns, positions, empty_cells
        fields = [(field, positions[field.column]) for field in record.fields if field.column in positions]
        self._cell_readers = [
            (field.name, position, self.read_number if field.kind == "number" else read_code)
            for field, position in fields
        ]
        self._with_none = [(field.name, position) for field, position in fields if field.has_none]
        self._grouped = [
            (positions[column], GroupedNumbers(self.name_in_file(column), never_below_1000=column == PRICE_COLUMN))
            for column in _may_be_grouped(record)
            if column in positions
        ]

    def name_in_file(self, column: str) -> str:
        """Return how the file calls a column."""
        return self._columns[self._positions[column]]

    def read(self, row: RawRow) -> dict[str, object]:
        """Return the document of a row."""
        for position, grouped in self._grouped:
            if isinstance(cell := row.cells[position], str):
                grouped.watch(row.place, strip_cell(cell))
        document = {name: read(row.cells[position]) for name, position, read in self._cell_readers}
        self._interpret_empty_cells(row, document)
        return document

    def find_bad_values(self, error: ValidationError, document: Mapping[str, object]) -> Iterator[BadValue]:
        """Return the cells for which the house record refuses a document."""
        for mistake in error.errors(include_url=False, include_context=False):
            field = self._record.field_by_name[str(mistake["loc"][0])]
            if field.column in self._positions:
                value = document[field.name]
                yield BadValue(self.name_in_file(field.column), value, describe_expected(field, value))

    def describe_doubtful(self) -> str:
        """Name the first number of each column whose numbers can be read in two ways; empty if there is none."""
        doubtful = [str(grouped.doubtful) for _, grouped in self._grouped if grouped.doubtful]
        return f"{'; '.join(doubtful)}: write numbers without grouped thousands" if doubtful else ""

    def _interpret_empty_cells(self, row: RawRow, document: dict[str, object]) -> None:
        """A null says "none" to the house record, and a field that is left out is unknown."""
        for name, position in self._with_none:
            if document[name] is None and not is_not_applicable(row.cells[position]):
                self._empty_cells.count += 1
                if self._empty_cells.meaning == "unknown":
                    del document[name]


def _may_be_grouped(record: Record) -> list[str]:
    return [PRICE_COLUMN, *(field.column for field in record.fields if field.unit in _UNITS_OF_GROUPED)]
