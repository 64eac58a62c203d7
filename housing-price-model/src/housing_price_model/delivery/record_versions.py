"""Versions of the house record that models may have. Rows are translated for models of an older one."""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from house_record import NOT_APPLICABLE, Record

from housing_price_model.inference import Column, Row, RowTypes

FIRST_VERSION = "1"


class FirstRecordTypes(RowTypes):
    """Row types of a model of house record 1, in which null said "none": the code ``NA`` becomes null."""

    def __init__(self, none_columns: Collection[str], columns: Sequence[Column]) -> None:
        super().__init__(columns)
        self._has_none = tuple(column.name in none_columns for column in columns)

    def check(self, rows: Sequence[Sequence[Any]], *, first: int = 0) -> list[Row]:
        """Return the rows as the model takes them.

        Raises:
            RowError: for the first cell of another type.
        """
        return [
            tuple(
                None if value == NOT_APPLICABLE and has_none else value
                for value, has_none in zip(row, self._has_none, strict=True)
            )
            for row in super().check(rows, first=first)
        ]


def find_row_types(record: Record, version: str) -> Callable[[Sequence[Column]], RowTypes] | None:
    """Return what makes the row types of a model of this version of the record, or None if it can't be served."""
    if version == record.version:
        return RowTypes
    return partial(FirstRecordTypes, record.none_columns) if version == FIRST_VERSION else None
