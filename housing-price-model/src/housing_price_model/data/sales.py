"""The one shape of sales, however they were read: rows of the record's columns, prices and ids."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
from house_files import PRICE_COLUMN, SalesTable
from house_record import NOT_APPLICABLE, AnyHouse, Feature, Record, Value
from numpy.typing import NDArray

type Row = tuple[Value, ...]
"""A house's values in the order of the record's columns, as ``Record.row`` makes them."""

type Places = NDArray[np.int64]

_UNKNOWN_IN_CHECKSUM = "?"


@dataclass(frozen=True, eq=False)
class Sales:
    """Validated sales in file order, of the town of ``record``.

    Numbers in ``rows`` are floats. ``prices`` are US dollars (float64), ``ids`` int64; both have an index from 0.
    ``source`` is ``sample``, ``openml`` or an absolute path. ``warnings`` say what is odd about them as a whole,
    ``empty_cells`` how empty cells were read, if there were any that could say "none".
    """

    rows: Sequence[Row] = field(repr=False)
    prices: "pd.Series[float]"
    ids: "pd.Series[int]"
    source: str
    is_generated: bool
    record: Record = field(repr=False)
    warnings: Sequence[str] = ()
    empty_cells: str | None = None

    @classmethod
    def from_table(cls, table: SalesTable, record: Record, *, source: str, is_generated: bool = False) -> Self:
        """Return the sales of a table that was validated against the record."""
        return cls(
            rows=_convert_numbers(record, table.rows),
            prices=pd.Series(table.prices, dtype="float64", name=PRICE_COLUMN),
            ids=pd.Series(table.ids, dtype="int64", name=record.id_column),
            source=source,
            is_generated=is_generated,
            record=record,
            warnings=table.warnings,
            empty_cells=table.empty_cells,
        )

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows as ``make_frame`` makes one of them."""
        return make_frame(self.record.features, self.rows)

    @cached_property
    def sha256(self) -> str:
        """Checksum of the sales themselves: equal for a CSV and its Parquet twin, however either is spelt."""
        table = pd.concat([self.ids, _spell_for_checksum(self.record, self.frame), self.prices], axis="columns")
        return hashlib.sha256(table.to_csv(index=False, lineterminator="\n").encode()).hexdigest()

    def rows_at(self, places: Sequence[int] | Places) -> list[Row]:
        """Return the rows at these places, in their order."""
        return [self.rows[place] for place in places]

    def take(self, places: Sequence[int] | Places) -> "Sales":
        """Return the sales at these places, in their order."""
        chosen = np.asarray(places, dtype=np.int64)
        return Sales(
            rows=self.rows_at(places),
            prices=self.prices.iloc[chosen].reset_index(drop=True),
            ids=self.ids.iloc[chosen].reset_index(drop=True),
            source=self.source,
            is_generated=self.is_generated,
            record=self.record,
        )

    def __len__(self) -> int:
        return len(self.rows)


def make_frame(features: Sequence[Feature], rows: Iterable[Row]) -> pd.DataFrame:
    """Return rows as a frame of the features' columns: float64 and ``str`` columns, NaN where unknown."""
    columns = list(zip(*rows, strict=True)) or [()] * len(features)
    return pd.DataFrame(
        {
            feature.column: pd.Series(values, dtype="float64" if feature.kind == "number" else "str")
            for feature, values in zip(features, columns, strict=True)
        }
    )


def _spell_for_checksum(record: Record, frame: pd.DataFrame) -> pd.DataFrame:
    """Spell ``NA`` as nothing, as it was before house record 2: the checksums of known files stay."""
    texts = {column: frame[column].fillna(_UNKNOWN_IN_CHECKSUM) for column in record.none_columns}
    return frame.assign(**{column: text.where(text != NOT_APPLICABLE) for column, text in texts.items()})


def make_rows(record: Record, houses: Iterable[AnyHouse]) -> list[Row]:
    """Return houses as rows like those of sales."""
    return _convert_numbers(record, map(record.row, houses))


def _convert_numbers(record: Record, rows: Iterable[Row]) -> list[Row]:
    numbers = [feature.kind == "number" for feature in record.features]
    return [
        tuple(
            float(value) if is_number and value is not None else value
            for value, is_number in zip(row, numbers, strict=True)
        )
        for row in rows
    ]
