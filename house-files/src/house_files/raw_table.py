"""A table as its source holds it, before anything is known about its columns."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class RawRow(NamedTuple):
    """One row: its place in the source, such as ``line 2`` or ``row 1``, and its cells."""

    place: str
    cells: Sequence[object]


class RawTable(NamedTuple):
    """The names of the columns, the rows as they are read, and the decimal signs of numbers that are text."""

    columns: Sequence[str]
    rows: Iterator[RawRow]
    decimal_signs: str = "."
