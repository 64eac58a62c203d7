"""Checks the types of rows: numbers in number columns, texts in text columns, nulls anywhere."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, Strict, TypeAdapter, ValidationError

from .document import Column

type Cell = float | str | None
type Row = tuple[Cell, ...]

_TYPES: dict[str, Any] = {
    "number": Annotated[float, Strict(), Field(allow_inf_nan=False)] | None,
    "text": Annotated[str, Strict()] | None,
}
_WANTED = {"number": "a finite number or null", "text": "a text or null"}


class RowError(ValueError):
    """A row that can't be priced. The message names the row and the column."""


class CellError(RowError):
    """A row with values of other types.

    Args:
        message: names the row, the first such column and what its value is.
        row: the row's number.
        values: all its values of other types, by column.
    """

    def __init__(self, message: str, row: int, values: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.row = row
        self.values = values


class MissingColumns(RowError):
    """A table without some of the columns.

    Args:
        message: names the first of them.
        missing: the columns.
        given: those that the table has.
    """

    def __init__(self, message: str, missing: Sequence[str], given: Collection[str]) -> None:
        super().__init__(message)
        self.missing = missing
        self.given = given


class RowTypes:
    """Checks the types of cells, and converts nothing but integers to floats."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        row: Any = tuple[tuple(_TYPES[column.type] for column in columns)]  # type: ignore[misc] # built from data
        self.number_columns = frozenset(column.name for column in columns if column.type == "number")
        self._adapter: TypeAdapter[list[Row]] = TypeAdapter(list[row])

    def check(self, rows: Sequence[Sequence[Any]], *, first: int = 0) -> list[Row]:
        """Return the rows as tuples of float, str and None. ``first`` is the first row's number in messages.

        Raises:
            RowError: for the first cell of another type.
        """
        try:
            return self._adapter.validate_python(rows)
        except ValidationError as error:
            raise self._explain(error, rows, first) from None

    def _explain(self, error: ValidationError, rows: Sequence[Sequence[Any]], first: int) -> RowError:
        errors = error.errors(include_url=False, include_context=False, include_input=False)
        index = int(errors[0]["loc"][0])
        number, row = first + index, rows[index]
        if not isinstance(row, list | tuple):
            return RowError(f"row {number} is {type(row).__name__}, not a list of values")
        if len(row) != len(self._columns):
            return RowError(f"row {number} has {len(row)} values for {len(self._columns)} columns")
        places = [int(found["loc"][1]) for found in errors if found["loc"][0] == index]
        column, value = self._columns[places[0]], row[places[0]]
        message = f"row {number}, column {column.name}: {_name_type(value)} is not {_WANTED[column.type]}"
        return CellError(message, number, {self._columns[place].name: row[place] for place in places})


def _name_type(value: Any) -> str:
    """Name a value's type instead of the value, which may be long or confidential."""
    names = {
        bool: "a truth value",
        str: "a text",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), type(value).__name__)
