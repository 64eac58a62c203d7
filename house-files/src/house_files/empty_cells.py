"""What an empty cell means in a column whose dictionary has a "none": unknown, or none. ``NA`` always says none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Literal

from house_record import NOT_APPLICABLE

from house_files.cells import strip_cell
from house_files.raw_table import RawRow

DECIDING_ROWS = 1_000

type Empty = Literal["unknown", "none"]


@dataclass
class EmptyCells:
    """The meaning of empty cells, why they have it, and how many there were in columns with a "none"."""

    meaning: Empty
    reason: str
    count: int = 0

    def describe(self) -> str | None:
        """Say in one line how empty cells were read, if there were any."""
        if not self.count:
            return None
        cells = "1 empty cell" if self.count == 1 else f"{self.count:,} empty cells"
        return f'{cells} of columns with a "none": read as {self.meaning}, {self.reason}'


def decide_meaning(rows: Iterator[RawRow], told: Empty | None) -> tuple[EmptyCells, Iterator[RawRow]]:
    """Return what empty cells mean, and all rows.

    Without ``NA`` among the first rows, pandas or a spreadsheet wrote the file, and its empty cells stand for ``NA``.
    """
    if told is not None:
        return EmptyCells(told, "as --empty says"), rows
    first = list(islice(rows, DECIDING_ROWS))
    every = chain(first, rows)
    if any(map(has_not_applicable, (row.cells for row in first))):
        return EmptyCells("unknown", f"because the file also holds {NOT_APPLICABLE}"), every
    return EmptyCells("none", f"because its first {len(first):,} rows hold no {NOT_APPLICABLE}"), every


def has_not_applicable(cells: Sequence[object]) -> bool:
    """Whether one of these cells says ``NA``."""
    return any(map(is_not_applicable, cells))


def is_not_applicable(cell: object) -> bool:
    """Whether a cell says ``NA``."""
    return isinstance(cell, str) and strip_cell(cell) == NOT_APPLICABLE
