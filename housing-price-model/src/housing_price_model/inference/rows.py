"""Whether rows are what the model takes: numbers where numbers belong, texts where texts belong, nulls anywhere."""

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
    """A row that can't be priced; the message says which row and which column."""


class RowTypes:
    """The types of the columns, checked without any conversion but that of whole numbers."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        row: Any = tuple[tuple(_TYPES[column.type] for column in columns)]  # type: ignore[misc] # built from data
        self._adapter: TypeAdapter[list[Row]] = TypeAdapter(list[row])

    def check(self, rows: Sequence[Sequence[Any]], *, first: int = 0) -> list[Row]:
        """The rows as tuples of float, str and None; ``first`` is the number of the first one for people.

        Raises:
            RowError: for the first cell that has a value of another type.
        """
        try:
            return self._adapter.validate_python(rows)
        except ValidationError as error:
            raise self._explained(error, rows, first) from None

    def _explained(self, error: ValidationError, rows: Sequence[Sequence[Any]], first: int) -> RowError:
        where = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
        number = first + int(where[0])
        row = rows[int(where[0])]
        if not isinstance(row, list | tuple):
            return RowError(f"row {number} is {type(row).__name__}, not a list of values")
        if len(row) != len(self._columns):
            return RowError(f"row {number} has {len(row)} values for {len(self._columns)} columns")
        column = self._columns[int(where[1])]
        return RowError(
            f"row {number}, column {column.name}: {_told(row[int(where[1])])} is not {_WANTED[column.type]}"
        )


def _told(value: Any) -> str:
    """A value's type, not the value: what was sent may be long, and is nobody else's business."""
    names = {
        bool: "a truth value",
        str: "a text",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), type(value).__name__)
