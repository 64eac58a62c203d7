"""Reads the forms of a table as rows in the model's order of columns. Converts nothing."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .rows import MissingColumns, RowError

if TYPE_CHECKING:
    import pandas as pd

LONGEST_LIST = 5

type Cells = Sequence[Any]


def rows_of_split(names: Sequence[str], given: Sequence[str], data: Sequence[Cells]) -> Sequence[Cells]:
    """Return the rows of a table whose columns are ``given``, in any order. Other columns are dropped.

    Raises:
        RowError: if a column is missing, or a row has another length.
    """
    if list(given) == list(names):
        return data
    _check_names(names, given)
    positions = {name: position for position, name in enumerate(given)}
    wanted = [positions[name] for name in names]
    for number, row in enumerate(data):
        if not isinstance(row, list | tuple) or len(row) != len(given):
            raise RowError(f"row {number} is not a list of {len(given)} values")
    return [[row[position] for position in wanted] for row in data]


def rows_of_records(names: Sequence[str], records: Sequence[Mapping[str, Any]]) -> Sequence[Cells]:
    """Return the rows of a list of objects. A column that only some of them have is null in the others.

    Raises:
        RowError: if an element is not an object, or no object has one of the columns.
    """
    for number, record in enumerate(records):
        if not isinstance(record, dict):
            raise RowError(f"row {number} is not an object of column names and values")
    wanted = frozenset(names)
    if any(not wanted <= record.keys() for record in records):
        _check_names(names, frozenset().union(*records))
    return [list(map(record.get, names)) for record in records]


def rows_of_columns(names: Sequence[str], columns: Mapping[str, Cells]) -> Sequence[Cells]:
    """Return the rows of an object of columns.

    Raises:
        RowError: if a column is missing, or the columns have different lengths.
    """
    _check_names(names, columns.keys())
    wanted = [columns[name] for name in names]
    if any(not isinstance(column, list | tuple) for column in wanted) or len({*map(len, wanted)}) > 1:
        raise RowError("the columns are not lists of one length")
    return list(zip(*wanted, strict=True))


def rows_of_frame(names: Sequence[str], frame: "pd.DataFrame") -> Sequence[Cells]:
    """Return the rows of a pandas frame. Any kind of null becomes None.

    Raises:
        RowError: if a column is missing.
    """
    _check_names(names, frame.columns)
    columns = [frame[name] for name in names]
    return list(zip(*(column.astype(object).where(column.notna(), None).tolist() for column in columns), strict=True))


def _check_names(names: Sequence[str], given: Any) -> None:
    there = set(given)
    missing = [name for name in names if name not in there]
    if missing:
        more = f" and {len(missing) - LONGEST_LIST} more" if len(missing) > LONGEST_LIST else ""
        message = f"the model is missing inputs: {', '.join(missing[:LONGEST_LIST])}{more}"
        raise MissingColumns(message, missing, there)
