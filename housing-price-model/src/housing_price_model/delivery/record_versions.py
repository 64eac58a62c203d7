"""Versions of the house record that models may have. Rows are translated for models of an older one."""

from collections.abc import Mapping, Sequence
from typing import Any

from house_record import NONE_COLUMNS, NOT_APPLICABLE, RECORD_VERSION

from housing_price_model.inference import Column, Row, RowTypes


class FirstRecordTypes(RowTypes):
    """Row types of a model of house record 1, in which null said "none": the code ``NA`` becomes null."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__(columns)
        self._has_none = tuple(column.name in NONE_COLUMNS for column in columns)

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


ROW_TYPES: Mapping[str, type[RowTypes]] = {"1": FirstRecordTypes, RECORD_VERSION: RowTypes}
"""The row types of the models that can be served, by the version of their house record."""
