"""Checks the types of rows: numbers in number columns, texts in text columns, nulls anywhere."""

from collections.abc import Sequence
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


class RowTypes:
    """Checks the types of cells, and converts nothing but integers to floats."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        row: Any = tuple[tuple(_TYPES[column.type] for column in columns)]  # type: ignore[misc] # built from data
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
        where = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
        number = first + int(where[0])
        row = rows[int(where[0])]
        if not isinstance(row, list | tuple):
            return RowError(f"row {number} is {type(row).__name__}, not a list of values")
        if len(row) != len(self._columns):
            return RowError(f"row {number} has {len(row)} values for {len(self._columns)} columns")
        column = self._columns[int(where[1])]
        return RowError(
            f"row {number}, column {column.name}: {_name_type(row[int(where[1])])} is not {_WANTED[column.type]}"
        )


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
