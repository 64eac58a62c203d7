"""A raw table becomes houses to be priced: every row goes through the house record by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from house_record import AnyHouse, Record
from pydantic import ValidationError

from house_files.columns import locate_columns
from house_files.documents import DocumentReader
from house_files.empty_cells import Empty, decide_meaning
from house_files.errors import HouseFileError
from house_files.names import PRICE_COLUMN
from house_files.raw_table import RawRow, RawTable
from house_files.value_problems import describe_value


class HouseRow(NamedTuple):
    """A house and its place in the file, such as ``line 2``; or None, and a line for each mistake."""

    place: str
    house: AnyHouse | None
    mistakes: Sequence[str] = ()


@dataclass(frozen=True)
class HousesTable:
    """All rows in file order. ``empty_cells`` says how empty cells were read, if there are any that could say
    "none"."""

    rows: Sequence[HouseRow]
    empty_cells: str | None = None


def validate_houses(table: RawTable, record: Record, empty: Empty | None = None, *, most: int) -> HousesTable:
    """Return all rows of a table. A column that is not there is unknown for every house; prices are not read.

    Args:
        table: the table.
        record: what a house is.
        empty: what an empty cell means where the dictionary has a "none"; by default, the first rows decide.
        most: how many rows are read at most.

    Raises:
        HouseFileError: if the table is not one of houses, has no rows or more than ``most``, lacks a required column,
            or holds numbers that can be read in two ways.
    """
    required = [field.column for field in record.fields if field.required]
    positions, problems = locate_columns(record, table.columns, required)
    if problems:
        raise HouseFileError("; ".join(problems))
    empty_cells, table_rows = decide_meaning(table.rows, empty)
    read = {column: position for column, position in positions.items() if column != PRICE_COLUMN}
    documents = DocumentReader(record, table, read, empty_cells)
    rows: list[HouseRow] = []
    for row in table_rows:
        if len(rows) == most:
            raise HouseFileError(f"holds more than {most:,} houses, the most that is read at once: split it")
        rows.append(_read_row(record, row, documents))
    if not rows:
        raise HouseFileError("holds no houses, only the names of its columns")
    if doubtful := documents.describe_doubtful():
        raise HouseFileError(doubtful)
    return HousesTable(rows, empty_cells.describe())


def _read_row(record: Record, row: RawRow, documents: DocumentReader) -> HouseRow:
    document = documents.read(row)
    try:
        return HouseRow(row.place, record.house.model_validate(document))
    except ValidationError as error:
        bad_values = documents.find_bad_values(error, document)
        mistakes = [f"{bad.column}: {describe_value(bad.value)} should be {bad.expected}" for bad in bad_values]
        return HouseRow(row.place, None, mistakes)
