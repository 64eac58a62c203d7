"""The one shape of sales, however they were read: a frame of the record's columns, prices and ids."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import pandas as pd
from house_files import ID_COLUMN, PRICE_COLUMN, SalesTable
from house_record import FEATURES, House, Value, model_row


@dataclass(frozen=True, eq=False)
class Sales:
    """Validated sales: one row a sale, in file order.

    ``frame`` has the columns of ``house_record.COLUMNS`` in that order: numbers are float64, codes pandas'
    ``str``, and NaN stands for absent. ``prices`` are US dollars (float64), ``ids`` int64; the three share
    one index from 0. ``source`` is ``sample``, ``openml`` or the path as given.
    """

    frame: pd.DataFrame
    prices: "pd.Series[float]"
    ids: "pd.Series[int]"
    source: str
    is_generated: bool

    @classmethod
    def from_table(cls, table: SalesTable, *, source: str, is_generated: bool = False) -> Self:
        """The sales of a table."""
        return cls(
            frame=frame_of_rows(table.rows),
            prices=pd.Series(table.prices, dtype="float64", name=PRICE_COLUMN),
            ids=pd.Series(table.ids, dtype="int64", name=ID_COLUMN),
            source=source,
            is_generated=is_generated,
        )

    @cached_property
    def sha256(self) -> str:
        """Checksum of the sales themselves: equal for a CSV and its Parquet twin, however either is spelt."""
        table = pd.concat([self.ids, self.frame, self.prices], axis="columns")
        return hashlib.sha256(table.to_csv(index=False, lineterminator="\n").encode()).hexdigest()

    def __len__(self) -> int:
        return len(self.frame)


def frame_of(houses: Sequence[House]) -> pd.DataFrame:
    """The houses as a frame of ``house_record.COLUMNS``: float64 and ``str`` columns, NaN where absent."""
    return frame_of_rows(model_row(house) for house in houses)


def frame_of_rows(rows: Iterable[tuple[Value, ...]]) -> pd.DataFrame:
    """The rows of ``house_record.model_row`` as such a frame."""
    columns = list(zip(*rows, strict=True)) or [()] * len(FEATURES)
    return pd.DataFrame(
        {
            feature.column: pd.Series(values, dtype="float64" if feature.kind == "number" else "str")
            for feature, values in zip(FEATURES, columns, strict=True)
        }
    )
